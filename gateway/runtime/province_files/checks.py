"""Checks what spans several files: agencies against places and each other, routing against everything."""

from collections.abc import Iterator
from datetime import date
from itertools import combinations

from gateway.domain.province import (
    REQUIRED_ROLES,
    Agency,
    ByCode,
    ByLevel,
    ByRole,
    Gazetteer,
    Period,
    Register,
    Regulation,
    RoutingRow,
    RoutingTable,
    Target,
)
from gateway.domain.province.period import DAY, gaps
from gateway.domain.province.routing import ANY_SUBFIELD
from gateway.domain.vietnamese import fold
from gateway.runtime.province_files.problems import Problems
from schemas.vocabulary import REDIRECTED, SUBFIELDS, Label

ROUTING_FILE = "routing.yaml"
AGENCY_CODE_SIGNS = 64


def check_agencies(register: Register, gazetteer: Gazetteer, needed: Period, problems: Problems) -> None:
    """Codes, validity, successors, areas, and the holders of the roles that the rules need in `needed`."""
    for code in sorted(register.codes):
        versions = register.versions(code)
        if not (code.isascii() and code.isidentifier() and code.islower() and len(code) <= AGENCY_CODE_SIGNS):
            problems.add(versions[0].source, "code: not lower-case letters, digits and underscores")
        for earlier, later in combinations(versions, 2):
            if earlier.period.overlaps(later.period):
                problems.add(later.source, f"code: {code} stands twice with overlapping validity ({earlier.source})")
        for agency in versions:
            _check_agency(agency, register, gazetteer, problems)
    for role in REQUIRED_ROLES:
        _check_single_holder(role, register, needed, problems)


def _check_agency(agency: Agency, register: Register, gazetteer: Gazetteer, problems: Problems) -> None:
    if agency.period.backwards:
        problems.add(agency.source, "valid_to: before valid_from")
    if agency.successor is not None:
        if agency.valid_to is None:
            problems.add(agency.source, "successor: an agency without valid_to has none")
        elif register.get(agency.successor, agency.valid_to + DAY) is None:
            problems.add(agency.source, f"successor: no agency {agency.successor} on the day after valid_to")
    for code in sorted(agency.scope):
        if not any(unit.period.overlaps(agency.period) for unit in gazetteer.versions(code)):
            problems.add(agency.source, f"scope: no unit {code} in the agency's time")


def _check_single_holder(role: str, register: Register, needed: Period, problems: Problems) -> None:
    holders = [agency for agency in register.agencies if role in agency.roles and not agency.scope]
    for gap in gaps((agency.period for agency in holders), needed):
        problems.add("agencies", f"roles: nobody in the whole province is {role} {_said(gap)}")
    for one, other in combinations(holders, 2):
        if one.period.overlaps(other.period):
            problems.add(other.source, f"roles: {role} is also held by {one.code} in that time")


def check_routing(
    table: RoutingTable, register: Register, regulation: Regulation, problems: Problems, file: str = ROUTING_FILE
) -> None:
    """Every row on its own, rows that overlap, and fields without a row; `file` is the table's own name."""
    needed = Period(regulation.valid_from)
    for row in table.rows:
        for what in _row_problems(row, register, regulation):
            problems.add(row.source, what)
    for one, other in combinations(table.rows, 2):
        same = (one.label, one.subfield, sorted(one.words)) == (other.label, other.subfield, sorted(other.words))
        if same and one.period.overlaps(other.period):
            problems.add(other.source, f"validity overlaps that of {one.source} for the same field")
    for label in Label:
        if label not in REDIRECTED:
            _check_coverage(label, table, needed, problems, file)


def _check_coverage(label: Label, table: RoutingTable, needed: Period, problems: Problems, file: str) -> None:
    plain = [row for row in table.rows if row.label is label and not row.words]
    for subfield in dict.fromkeys((*SUBFIELDS[label], "other")):
        periods = [row.period for row in plain if row.subfield in {subfield, ANY_SUBFIELD}]
        for gap in gaps(periods, needed):
            problems.add(file, f"no row for {label} / {subfield} {_said(gap)}")


def _row_problems(row: RoutingRow, register: Register, regulation: Regulation) -> Iterator[str]:
    if row.subfield not in {*SUBFIELDS[row.label], ANY_SUBFIELD}:
        yield f"subfield: {row.label} has no {row.subfield}"
    if row.period.backwards:
        yield "valid_to: before valid_from"
    for article in row.articles:
        if article not in regulation.articles:
            yield f"articles: no article {article} in the regulation"
    for phrase in row.words:
        if fold(phrase) != phrase or not phrase.strip():
            yield "words: must be written without diacritics and capitals"
    within = _within(row.period, regulation.valid_from)
    for code in row.competing:
        yield from (f"competing: {what}" for what in _code_problems(code, register, within))
    for target in row.targets:
        last = target is row.targets[-1]
        yield from (f"agency: {what}" for what in _target_problems(target, register, within, alone=last))


def _target_problems(target: Target, register: Register, within: Period, *, alone: bool) -> Iterator[str]:
    match target:
        case ByCode(agency=code):
            yield from _code_problems(code, register, within)
        case ByRole(role=role):
            if role not in register.roles:
                yield f"nobody has the role {role}"
            elif alone:
                yield from _uncovered(role, register, within)
        case ByLevel():
            return


def _code_problems(code: str, register: Register, within: Period) -> Iterator[str]:
    versions = register.versions(code)
    if not versions:
        yield f"unknown agency {code}"
        return
    for gap in gaps((agency.period for agency in versions), within):
        yield f"{code} does not exist {_said(gap)}"


def _uncovered(role: str, register: Register, within: Period) -> Iterator[str]:
    holders = [agency for agency in register.agencies if role in agency.roles and not agency.scope]
    for gap in gaps((agency.period for agency in holders), within):
        yield f"nobody in the whole province has the role {role} {_said(gap)}"


def _within(period: Period, start: date) -> Period:
    return Period(max(period.first or start, start), period.last)


def _said(period: Period) -> str:
    parts = []
    if period.first is not None:
        parts.append(f"from {period.first}")
    if period.last is not None:
        parts.append(f"to {period.last}")
    return " ".join(parts) or "at any time"
