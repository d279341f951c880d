"""Reads `routing.yaml`: the rows of the routing table."""

from pathlib import Path

from gateway.domain.province import ByCode, ByLevel, ByRole, Level, RoutingRow, RoutingTable, Target
from gateway.runtime.province_files.problems import Problems
from gateway.runtime.province_files.section import Section, read_section
from schemas.vocabulary import Label

FILE = "routing.yaml"


def read_routing(folder: Path, problems: Problems, name: str = FILE) -> RoutingTable:
    """The table, each row with its place in the file."""
    section = read_section(folder, name, problems)
    if section is None:
        return RoutingTable(())
    rows = tuple(_row(entry) for entry in section.sections("rows"))
    section.unused()
    return RoutingTable(rows)


def _row(entry: Section) -> RoutingRow:
    found = RoutingRow(
        label=entry.choice("label", Label),
        subfield=entry.text("subfield"),
        targets=_targets(entry),
        rule=entry.text("rule"),
        articles=entry.list("articles"),
        words=entry.list("words"),
        competing=entry.list("competing"),
        valid_from=entry.day("valid_from"),
        valid_to=entry.day("valid_to"),
        source=entry.source,
    )
    entry.unused()
    return found


def _targets(entry: Section) -> tuple[Target, ...]:
    """The mappings under `agency`: `{code: …}`, `{role: …}` or `{level: commune | district}`, tried in order."""
    found = tuple(_target(section) for section in entry.sections("agency"))
    if not found:
        entry.note("agency", "nobody is named")
    return found


def _target(section: Section) -> Target:
    if section.has("code"):
        found: Target = ByCode(section.text("code"))
    elif section.has("level"):
        found = ByLevel(section.choice("level", Level))
    else:
        found = ByRole(section.text("role"))
    section.unused()
    return found
