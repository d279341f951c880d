"""Finds the competent agency for a ticket in the province's routing table (Điều 9.2, 9.6)."""

from dataclasses import dataclass, replace
from datetime import date

from gateway.domain.province import (
    COORDINATING_AGENCY,
    Agency,
    ByCode,
    ByLevel,
    ByRole,
    Level,
    Province,
    RoutingRow,
    RoutingTable,
    Target,
    TransferPolicy,
    Unit,
)
from gateway.domain.vietnamese import fold
from schemas.ticket import Locality, RoutingReason, Ticket
from schemas.vocabulary import SUBFIELDS, Label

OTHER = "other"
UNCLEAR = "unclear_competence"
UNCLEAR_ARTICLE = "9.6"


@dataclass(frozen=True, slots=True)
class Route:
    """Where a ticket goes; `confirm` holds it until an operator agrees."""

    agency: Agency
    reason: RoutingReason
    confirm: bool


@dataclass(frozen=True, slots=True)
class Moved:
    """What another routing table makes of a ticket: another agency, or an operator who looks where none did."""

    before: Route
    after: Route


def route_of(province: Province, ticket: Ticket) -> Route:
    """Where the rules send a ticket, whatever an operator chose; raises as `route` does."""
    best = ticket.classification.best
    return route(
        province,
        label=best.label,
        subfield=best.subfield,
        locality=ticket.locality,
        received=province.day(ticket.received_at),
        confidence=best.confidence,
        text_folded=fold(ticket.personal.content),
    )


def moved(province: Province, changed: RoutingTable, ticket: Ticket) -> Moved | None:
    """What would have become of a ticket by a changed table; None when nothing would, or an operator chose."""
    if ticket.agency_given is not None:
        return None
    before, after = route_of(province, ticket), route_of(replace(province, routing=changed), ticket)
    # What an operator accepted is not held a second time.
    held = before.confirm != after.confirm and ticket.accepted_by == "rules"
    return Moved(before, after) if held or before.agency.code != after.agency.code else None


def route(
    province: Province,
    *,
    label: Label,
    subfield: str | None,
    locality: Locality | None,
    received: date,
    confidence: float,
    text_folded: str = "",
) -> Route:
    """The agency for a field and a place, as the table stood on the local day of receipt.

    `locality` may be a unit that no longer exists on that day: its successor counts. `text_folded` is the matter
    without diacritics; only rows that tell, for example, a national road from a street look at it. Exactly one
    competent agency gets the ticket, automatically when the label's policy allows it and `confidence` (0 to 1)
    suffices. Several or none: the coordinating agency, with those that compete, after an operator has looked
    (Điều 9.6). Raises `Invalid` when the day lies before the province's data.
    """
    places = _places(province, locality, received)
    rows = _rows(province, label, subfield, received, text_folded)
    competent = _competent(province, rows, places, received)
    if len(competent) == 1 and not any(row.competing for row in rows):
        row = rows[0]
        reason = RoutingReason(rule=row.rule, articles=row.articles)
        return Route(competent[0], reason, confirm=_confirm(province, label, confidence))
    competing = [agency.code for agency in competent] + [code for row in rows for code in row.competing]
    return Route(
        province.role(COORDINATING_AGENCY, received),
        RoutingReason(rule=UNCLEAR, articles=(UNCLEAR_ARTICLE,), competing=tuple(dict.fromkeys(competing))),
        confirm=True,
    )


def _confirm(province: Province, label: Label, confidence: float) -> bool:
    rule = province.regulation.labels[label]
    return rule.transfer_policy is TransferPolicy.OPERATOR_CONFIRMS or confidence < rule.min_confidence


def _rows(
    province: Province, label: Label, subfield: str | None, received: date, text_folded: str
) -> tuple[RoutingRow, ...]:
    """The rows whose words stand in the text; where there are none, the row without words."""
    known = subfield if subfield in SUBFIELDS[label] else OTHER
    rows = province.routing.on(label, known, received)
    hits = tuple(row for row in rows if row.hit(text_folded))
    return hits or tuple(row for row in rows if not row.words)


def _competent(
    province: Province, rows: tuple[RoutingRow, ...], places: tuple[Unit, ...], received: date
) -> tuple[Agency, ...]:
    """Who the rows name: of each row the first target that gives one agency, else all of the first that gives any."""
    found: list[Agency] = []
    for row in rows:
        resolved = [_resolve(province, target, places, received) for target in row.targets]
        one = (agencies for agencies in resolved if len(agencies) == 1)
        some = (agencies for agencies in resolved if agencies)
        found.extend(next(one, next(some, ())))
    return tuple({agency.code: agency for agency in found}.values())


def _resolve(province: Province, target: Target, places: tuple[Unit, ...], received: date) -> tuple[Agency, ...]:
    match target:
        case ByCode(agency=code):
            agency = province.agency(code, received)
            return () if agency is None else (agency,)
        case ByRole(role=role):
            return _holders(province, role, places, received)
        case ByLevel(level=level):
            found = (_committee(province, place, level, received) for place in places)
            return tuple(agency for agency in found if agency is not None)


def _holders(province: Province, role: str, places: tuple[Unit, ...], received: date) -> tuple[Agency, ...]:
    """Who serves the place; where nobody does so in particular, who serves the whole province."""
    codes = {code for place in places for code in (place.code, place.district_code) if code}
    holders = province.register.holders(role, received)
    local = tuple(agency for agency in holders if agency.scope and agency.serves(codes))
    return local or tuple(agency for agency in holders if not agency.scope)


def _committee(province: Province, place: Unit, level: Level, received: date) -> Agency | None:
    """The committee of the place at a level; of the place itself where that level is not known or abolished."""
    unit = place
    if level is Level.DISTRICT and place.level is Level.COMMUNE:
        unit = province.gazetteer.unit(place.district_code, received) or place
    return province.committee(unit.code, unit.valid_from, received)


def _places(province: Province, locality: Locality | None, received: date) -> tuple[Unit, ...]:
    """What the ticket's locality is on the day of receipt: several units when it was divided, none when unknown."""
    if locality is None:
        return ()
    named = province.gazetteer.at(locality) or province.gazetteer.unit(locality.code, received)
    if named is None:
        return ()
    return tuple(unit for unit in province.gazetteer.successors(named, received) if unit.level is not Level.PROVINCE)
