"""Reads `agencies/*.yaml`, and makes the People's Committee of every unit that has no entry of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from gateway.domain.province import Agency, AgencyKind, Gazetteer, Level, Register, Unit, Words
from gateway.domain.province.period import DAY
from gateway.runtime.province_files.problems import Problems
from gateway.runtime.province_files.section import Section, read_section

FOLDER = "agencies"
UnitKey = tuple[str, date | None]


@dataclass(frozen=True, slots=True)
class _Template:
    """How a commune's committee is named and what it does."""

    names: Words
    types: Mapping[str, str]
    """Each type of unit, in lower case, in English."""

    competence: str
    source: str


def read_agencies(folder: Path, gazetteer: Gazetteer, problems: Problems) -> Register:
    """Every agency of every time, with the committees of all served communes."""
    agencies: list[Agency] = []
    committees: dict[UnitKey, str] = {}
    template = None
    names = sorted(path.name for path in (folder / FOLDER).glob("*.yaml"))
    if not names:
        problems.add(FOLDER, "holds no agency file")
    for name in names:
        section = read_section(folder, f"{FOLDER}/{name}", problems)
        if section is None:
            continue
        for entry in section.sections("agencies"):
            agency = _agency(entry)
            agencies.append(agency)
            committees.update(_committee_of(entry, agency, gazetteer))
            entry.unused()
        if section.is_mapping("communes"):
            template = _template(section)
        section.unused()
    if template is None:
        problems.add(FOLDER, "no file says under `communes` how communes' committees are named")
    else:
        agencies.extend(_communes(template, gazetteer, committees, problems))
    return Register(tuple(agencies), committees)


def _agency(entry: Section) -> Agency:
    return Agency(
        code=entry.text("code"),
        names=entry.words("name"),
        kind=entry.choice("kind", AgencyKind),
        address=Words(vi := entry.text("address"), entry.optional("address_en") or vi),
        phone=entry.text("phone"),
        email=entry.optional("email"),
        roles=frozenset(entry.list("roles")),
        scope=frozenset(entry.list("scope")),
        competence=entry.text("competence"),
        aliases=entry.list("aliases"),
        valid_from=entry.day("valid_from"),
        valid_to=entry.day("valid_to"),
        successor=entry.optional("successor") or None,
        source=entry.source,
    )


def _committee_of(entry: Section, agency: Agency, gazetteer: Gazetteer) -> Mapping[UnitKey, str]:
    """The units whose committee this entry is, named by `unit`: all that bear the code in the entry's period."""
    code = entry.optional("unit")
    if not code:
        return {}
    units = [unit for unit in gazetteer.versions(code) if unit.period.overlaps(agency.period)]
    if not units:
        entry.note("unit", f"no unit {code} in the agency's time")
    return {(unit.code, unit.valid_from): agency.code for unit in units}


def _template(section: Section) -> _Template | None:
    entry = section.section("communes")
    if entry is None:
        return None
    types = entry.section("types")
    english = {} if types is None else {name: types.text(name) for name in types.names()}
    found = _Template(entry.words("name"), english, entry.text("competence"), entry.source)
    for text in (found.names.vi, found.names.en):
        if "{unit}" not in text:
            entry.note("name", "needs {unit} in both languages")
    entry.unused()
    return found


def _communes(
    template: _Template, gazetteer: Gazetteer, committees: dict[UnitKey, str], problems: Problems
) -> list[Agency]:
    """A committee for each served commune in each of its periods; a renamed unit keeps its committee's code."""
    units = [unit for unit in gazetteer.units if unit.served and unit.level is Level.COMMUNE]
    for unknown in sorted({unit.type for unit in units} - template.types.keys()):
        problems.add(template.source, f"types: no English for {unknown}")
    codes = {(unit.code, unit.valid_from): _code(unit) for unit in units}
    codes = {key: code for key, code in codes.items() if key not in committees}
    committees.update(codes)
    return [
        Agency(
            code=codes[unit.code, unit.valid_from],
            names=_named(template, unit),
            kind=AgencyKind.COMMITTEE,
            scope=frozenset({unit.code}),
            competence=template.competence,
            valid_from=unit.valid_from,
            valid_to=unit.valid_to,
            successor=_successor(unit, gazetteer, committees),
            source=template.source,
        )
        for unit in units
        if (unit.code, unit.valid_from) in codes
    ]


def _code(unit: Unit) -> str:
    return f"ubnd_{unit.code}" + (f"_{unit.since:%Y%m%d}" if unit.since else "")


def _named(template: _Template, unit: Unit) -> Words:
    vi, en = f"{unit.type} {unit.bare}", f"{unit.bare} {template.types.get(unit.type, unit.type)}"
    return Words(template.names.vi.replace("{unit}", vi), template.names.en.replace("{unit}", en))


def _successor(unit: Unit, gazetteer: Gazetteer, committees: Mapping[UnitKey, str]) -> str | None:
    heir = None if unit.valid_to is None else gazetteer.successor(unit, unit.valid_to + DAY)
    return None if heir is None else committees.get((heir.code, heir.valid_from))
