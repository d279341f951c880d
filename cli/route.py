"""Shows which past tickets another routing table would move; reads only."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.screen import local, print_json, print_rows, screen, table
from cli.session import opened
from gateway.domain.province import RoutingTable
from gateway.errors import Invalid
from gateway.runtime.deployment import Deployment
from gateway.runtime.province_folder import load_province, load_routing
from gateway.runtime.settings import load_settings
from schemas.ticket import Ticket
from schemas.ticket_history import HISTORY_PREFIX, Opened
from services.dispatcher import wiring as dispatcher
from services.dispatcher.route import Moved, Route, moved
from services.dispatcher.ticket_state import TicketState, empty, fold


@dataclass(slots=True)
class Seen:
    """How many tickets were compared, and how many could not be: their citizen's key was destroyed."""

    tickets: int = 0
    erased: int = 0


def command(
    *,
    rules: Annotated[Path, typer.Option(help="The changed routing file, written as the province's routing.yaml is.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Needed: this command only compares.")] = False,
    since: Annotated[datetime | None, typer.Option(help="Only tickets received since, UTC.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Compare where the rules send every ticket with where a changed routing file would.

    A faulty file is refused with every fault at once. Tickets for which an operator chose the agency stay with it.
    Nothing is changed: once the file stands in the province folder, what comes after the next start goes by it.
    """
    if not dry_run:
        raise typer.BadParameter("a ticket is moved with `gateway review`; to compare, add --dry-run")
    changed = load_routing(rules, load_province(load_settings().province))
    start = None if since is None else since.replace(tzinfo=UTC)
    rows, seen, timezone = asyncio.run(_rows(changed, start))
    if as_json:
        for row in rows:
            print_json(row)
        return
    made = table("Would move", "code", "received", "field", "state", "by the rules of now", "by those of the file")
    print_rows(made, [_cells(row, timezone) for row in rows], empty="No ticket would move.")
    unread = f" {seen.erased} could not be read: the data was erased." if seen.erased else ""
    screen().print(f"{len(rows)} of {seen.tickets} ticket(s) would move.{unread}")


async def _rows(changed: RoutingTable, since: datetime | None) -> tuple[list[dict[str, Any]], Seen, str]:
    seen, rows = Seen(), []
    async with opened() as deployment:
        async for ticket, state in _tickets(deployment, seen):
            if since is not None and ticket.received_at < since:
                continue
            seen.tickets += 1
            found = moved(deployment.province, changed, ticket)
            if found is not None:
                rows.append(_row(ticket, state, found))
        return sorted(rows, key=lambda row: str(row["received_at"])), seen, deployment.province.timezone


async def _tickets(deployment: Deployment, seen: Seen) -> AsyncIterator[tuple[Ticket, TicketState]]:
    """Every ticket as it was opened, and how it stands now."""
    histories = dispatcher.histories(deployment.store, deployment.vault)
    last = ""
    while names := await deployment.store.histories(HISTORY_PREFIX, after=last):
        for name in names:
            try:
                events = [event for one in await histories.record_of(name) for event in one.events]
            except Invalid as error:
                if error.reason != "erased":
                    raise
                seen.erased += 1
                continue
            for event in events:
                if isinstance(event, Opened):
                    yield event.ticket, reduce(fold, events, empty())
        last = names[-1]


def _row(ticket: Ticket, state: TicketState, found: Moved) -> dict[str, Any]:
    best = ticket.classification.best
    return {
        "code": ticket.code,
        "received_at": ticket.received_at.isoformat(),
        "label": best.label.value,
        "subfield": best.subfield,
        "locality": ticket.locality.code if ticket.locality else None,
        "state": state.state.value,
        "agency": state.agency,
        "before": _way(found.before),
        "after": _way(found.after),
    }


def _way(route: Route) -> dict[str, Any]:
    return {"agency": route.agency.code, "operator_confirms": route.confirm, **route.reason.model_dump(mode="json")}


def _cells(row: dict[str, Any], timezone: str) -> list[str]:
    field = row["label"] if row["subfield"] is None else f"{row['label']}.{row['subfield']}"
    ways = [_told(row["before"]), _told(row["after"])]
    return [row["code"], local(row["received_at"], timezone), field, row["state"], *ways]


def _told(way: dict[str, Any]) -> str:
    among = f", among {', '.join(way['competing'])}" if way["competing"] else ""
    confirmed = ", after an operator" if way["operator_confirms"] else ""
    return f"{way['agency']}: {way['rule']} (Điều {', '.join(way['articles'])}){among}{confirmed}"
