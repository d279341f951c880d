"""The list of what a backup holds, by which any later change of it is noticed."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from gateway.errors import Invalid, Unavailable

NAME = "manifest.json"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One file: path relative to the data folder, size in bytes, SHA-256 in hex; for a database its rows per table."""

    path: str
    size: int
    sha256: str
    rows: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What was backed up; `cut_at` is the one instant that all databases show (UTC, aware)."""

    cut_at: datetime
    entries: tuple[Entry, ...]

    def rows(self, table: str) -> int:
        """Rows of a table over all databases, for example of `commits`."""
        return sum(entry.rows.get(table, 0) for entry in self.entries)


def to_json(manifest: Manifest) -> str:
    """The manifest as indented JSON."""
    entries = [asdict(entry) for entry in manifest.entries]
    content = {"format": FORMAT, "cut_at": manifest.cut_at.astimezone(UTC).isoformat(), "entries": entries}
    return json.dumps(content, indent=1) + "\n"


def read_manifest(target: Path) -> Manifest:
    """The manifest of a backup; raises `Invalid("manifest_missing")` or `Invalid("manifest_malformed")`."""
    try:
        text = (target / NAME).read_text("utf-8")
    except FileNotFoundError as error:
        raise Invalid("manifest_missing", "There is no finished backup in this folder.") from error
    except UnicodeDecodeError as error:
        raise Invalid("manifest_malformed", "The manifest is not UTF-8.") from error
    except OSError as error:
        raise Unavailable("backup_unreadable", type(error).__name__) from error
    try:
        content = json.loads(text)
        entries = tuple(_entry(item) for item in content["entries"])
        cut_at = datetime.fromisoformat(content["cut_at"])
        known = content["format"] == FORMAT and cut_at.tzinfo is not None
    except (ValueError, KeyError, TypeError) as error:
        raise Invalid("manifest_malformed", "The manifest is not one of a backup.") from error
    if not known or not all(_inside(entry.path) for entry in entries):
        raise Invalid("manifest_malformed", "The manifest is not one that this version reads.")
    return Manifest(cut_at, entries)


def _entry(item: Mapping[str, object]) -> Entry:
    path, size, sha256, rows = item["path"], item["size"], item["sha256"], item["rows"]
    if not (isinstance(path, str) and isinstance(size, int) and isinstance(sha256, str) and isinstance(rows, dict)):
        raise TypeError
    return Entry(path, size, sha256, rows)


def _inside(path: str) -> bool:
    parts = Path(path).parts
    return bool(parts) and not Path(path).is_absolute() and ".." not in parts
