"""Lists tickets out of the projected documents, which hold no personal data."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from cli.screen import local, print_json, print_rows, table
from cli.session import opened
from gateway.errors import Invalid
from gateway.projections.fold import TICKET
from gateway.projections.port import Document, Documents
from services.dispatcher.ticket_state import State

PAGE = 500


def command(
    *,
    agency: Annotated[str | None, typer.Option(help="Only those of the agency with this code.")] = None,
    state: Annotated[State | None, typer.Option(help="Only those in this state.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Most that are listed.")] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """List tickets."""
    bodies, timezone = asyncio.run(_found(agency, state, limit))
    if as_json:
        for body in bodies:
            print_json(body)
        return
    made = table("Tickets", "code", "received", "field", "state", "agency", "due", "marks")
    print_rows(made, [_row(body, timezone) for body in bodies], empty="No tickets.")


async def _found(agency: str | None, state: State | None, limit: int) -> tuple[list[Mapping[str, Any]], str]:
    async with opened() as deployment:
        if agency is not None and agency not in deployment.province.register.codes:
            raise Invalid("unknown_agency", "No agency ever had this code; `gateway agencies` lists today's.")
        documents = await _documents(deployment.documents, agency, state, limit)
        bodies = sorted((document.body for document in documents), key=_received, reverse=True)
        return bodies[:limit], deployment.province.timezone


async def _documents(documents: Documents, agency: str | None, state: State | None, limit: int) -> Sequence[Document]:
    if agency is None and state is None:
        return await documents.newest(TICKET, limit=limit)
    term = f"agency:{agency}" if agency is not None else f"state:{state}"
    found: list[Document] = []
    after = ""
    while page := await documents.find(TICKET, term, limit=PAGE, after=after):
        found.extend(document for document in page if state in (None, document.body["state"]))
        after = page[-1].key
    return found


def _received(body: Mapping[str, Any]) -> str:
    return str(body["received_at"])


def _row(body: Mapping[str, Any], timezone: str) -> list[str]:
    marks = [name for name in ("urgent", "late", "conduct", "citizen_deleted", "trial") if body.get(name)]
    field = body["label"] if body["subfield"] is None else f"{body['label']}.{body['subfield']}"
    agency = body["agency"] or (f"({body['proposed']})" if body["proposed"] else "-")
    due = local(body["due_at"], timezone)
    return [body["code"], local(body["received_at"], timezone), field, body["state"], agency, due, " ".join(marks)]
