"""Reads `units.jsonl`: one administrative unit in one period a line."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

from gateway.domain.province import Gazetteer, Level, Unit
from gateway.domain.province.period import DAY
from gateway.domain.vietnamese import fold
from gateway.runtime.province_files.problems import Problems

FILE = "units.jsonl"
TYPES = ("Thành phố", "Thị trấn", "Thị xã", "Phường", "Huyện", "Tỉnh", "Xã")
KEYS = frozenset({"code", "name", "level", "district", "province", "from", "to", "renamed", "served", "next"})


def read_units(folder: Path, problems: Problems) -> Gazetteer:
    """The gazetteer; noted are bad lines, overlapping validity of a code, and unknown districts and successors."""
    units: list[tuple[str, Unit]] = []
    renamed: set[tuple[str, date | None]] = set()
    try:
        lines = (folder / FILE).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        problems.add(FILE, f"cannot be read ({type(error).__name__})")
        lines = []
    for number, line in enumerate(lines, start=1):
        source = f"{FILE}:{number}"
        row = _members(line, source, problems)
        unit = None if row is None else _unit(row, source, problems)
        if row is None or unit is None:
            continue
        units.append((source, unit))
        if row.get("renamed"):
            renamed.add((unit.code, unit.valid_from))
    units = _with_district_names(_with_since(units, renamed, problems))
    gazetteer = Gazetteer(tuple(unit for _, unit in units))
    _check(units, gazetteer, problems)
    return gazetteer


def _members(line: str, source: str, problems: Problems) -> Mapping[str, Any] | None:
    try:
        row = json.loads(line)
    except ValueError:
        row = None
    if not isinstance(row, dict) or not all(isinstance(row.get(key), str) for key in ("code", "name", "level")):
        problems.add(source, "not a JSON object with code, name and level")
        return None
    for key in row.keys() - KEYS:
        problems.add(source, f"{key}: unknown key")
    return row


def _unit(row: Mapping[str, Any], source: str, problems: Problems) -> Unit | None:
    kind = next((kind for kind in TYPES if row["name"].startswith(f"{kind} ")), None)
    if kind is None:
        problems.add(source, f"name: begins with none of {', '.join(TYPES)}")
        return None
    if row["level"] not in frozenset(Level):
        problems.add(source, f"level: unknown; known are {', '.join(Level)}")
        return None
    bare = row["name"][len(kind) + 1 :]
    return Unit(
        code=row["code"],
        name=row["name"],
        level=Level(row["level"]),
        type=kind.lower(),
        bare=bare,
        folded=fold(bare),
        district_code=str(row.get("district", "")),
        district_name="",
        province_name=str(row.get("province", bare)),
        valid_from=(valid_from := _day(row, "from", source, problems)),
        valid_to=_day(row, "to", source, problems),
        served=bool(row.get("served", True)),
        since=valid_from,
        next=_next(row, source, problems),
    )


def _next(row: Mapping[str, Any], source: str, problems: Problems) -> tuple[str, ...]:
    found = row.get("next", [])
    if not isinstance(found, list) or not all(isinstance(code, str) for code in found):
        problems.add(source, "next: not a list of codes")
        return ()
    return tuple(found)


def _day(row: Mapping[str, Any], key: str, source: str, problems: Problems) -> date | None:
    try:
        return date.fromisoformat(row[key]) if key in row else None
    except (TypeError, ValueError):
        problems.add(source, f"{key}: not a date like 2021-02-26")
        return None


def _with_since(
    units: list[tuple[str, Unit]], renamed: set[tuple[str, date | None]], problems: Problems
) -> list[tuple[str, Unit]]:
    """A renamed unit is the same body as the one that bore its code until the day before."""
    found: list[tuple[str, Unit]] = []
    ended: dict[tuple[str, date], Unit] = {}
    for source, unit in units:
        kept = unit
        if (unit.code, unit.valid_from) in renamed:
            before = ended.get((unit.code, unit.valid_from)) if unit.valid_from else None
            if before is None:
                problems.add(source, "renamed: no line above ends the day before with this code")
            else:
                kept = replace(unit, since=before.since)
        if kept.valid_to is not None:
            ended[kept.code, kept.valid_to + DAY] = kept
        found.append((source, kept))
    return found


def _with_district_names(units: list[tuple[str, Unit]]) -> list[tuple[str, Unit]]:
    names = Gazetteer(tuple(unit for _, unit in units if unit.level is Level.DISTRICT))
    found = []
    for source, unit in units:
        district = names.unit(unit.district_code, unit.valid_to or date.max) if unit.district_code else None
        found.append((source, replace(unit, district_name=district.name) if district else unit))
    return found


def _check(units: list[tuple[str, Unit]], gazetteer: Gazetteer, problems: Problems) -> None:
    by_code: dict[str, list[tuple[str, Unit]]] = {}
    for source, unit in units:
        by_code.setdefault(unit.code, []).append((source, unit))
        if unit.period.backwards:
            problems.add(source, "to: before from")
        if unit.district_code and not unit.district_name:
            problems.add(source, "district: no such district at the unit's time")
        for code in unit.next:
            if unit.valid_to is None or gazetteer.unit(code, unit.valid_to + DAY) is None:
                problems.add(source, f"next: no unit {code} on the day after this one ends")
    for versions in by_code.values():
        versions.sort(key=lambda found: found[1].valid_from or date.min)
        for (first, earlier), (second, later) in pairwise(versions):
            if earlier.period.overlaps(later.period):
                problems.add(second, f"code: validity overlaps that of {first}")
