"""Key files of a data folder: made at the first trial start, demanded in production, never replaced."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from gateway.errors import Invalid
from gateway.runtime.settings import Profile

KEYS = ("identity", "master", "session", "files")
"""Names of the keys that every gateway needs."""

KEY_BYTES = 32
TRIAL_MARK = "trial"


def read_or_make(folder: Path, name: str, profile: Profile) -> bytes:
    """32 secret bytes from `<folder>/<name>.key` (64 hex digits, mode 0600).

    In the trial profile a missing key is made. In production a missing key, a key made by a trial, or one that
    others may read raises `Invalid`.
    """
    path = folder / f"{name}.key"
    if not path.exists():
        if profile is Profile.PRODUCTION:
            raise Invalid(
                "secret_missing",
                f"{path.name} is missing in the secrets folder: `gateway keys make` makes it before the first start.",
            )
        _write_new(path, f"{secrets.token_hex(KEY_BYTES)} {TRIAL_MARK}\n")
    words = _words_of(path)
    if profile is Profile.PRODUCTION and TRIAL_MARK in words[1:]:
        raise Invalid("secret_of_trial", f"{path.name} was made for a trial; production needs keys of its own.")
    try:
        key = bytes.fromhex(words[0])
    except (IndexError, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise Invalid("secret_malformed", f"{path.name} must hold 64 hex digits.")
    return key


def make_key(folder: Path, name: str) -> bool:
    """Make `<folder>/<name>.key` for production, where there is none yet; returns whether it was made."""
    path = folder / f"{name}.key"
    if path.exists():
        return False
    _write_new(path, f"{secrets.token_hex(KEY_BYTES)}\n")
    return True


def _words_of(path: Path) -> list[str]:
    if path.stat().st_mode & 0o077:
        raise Invalid("secret_exposed", f"{path.name} may be read by others; its mode must be 0600.")
    try:
        return path.read_text("ascii").split()
    except PermissionError:
        raise Invalid("secret_unreadable", f"{path.name} belongs to another user.") from None
    except UnicodeDecodeError:
        raise Invalid("secret_malformed", f"{path.name} must hold 64 hex digits.") from None


def trial_token(folder: Path, name: str) -> str:
    """A bearer token for trying the gateway out, made once: `<folder>/<name>.token`."""
    path = folder / f"{name}.token"
    if not path.exists():
        _write_new(path, secrets.token_urlsafe(32) + "\n")
    return path.read_text().strip()


def _write_new(path: Path, content: str) -> None:
    """Make the file whole and durable, or leave the one that another process made first."""
    made = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(made, path)
    finally:
        made.unlink()
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make the new name durable too: data written with a key that a power cut loses could never be opened again."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
