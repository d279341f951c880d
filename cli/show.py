"""Shows the whole record of one submission: who, what and when, from the first word to the last reply."""

import asyncio
import json
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.text import Text

from cli.chronicle import Chronicle, Entry, canonical, chronicle_of
from cli.erased_submission import remains_of
from cli.event_words import Told, told
from cli.screen import local, print_json, screen
from cli.session import opened
from gateway.errors import Invalid
from schemas.conversation import ReplyRendered
from schemas.ticket_history import ReplyRenderedForTicket


def command(
    code: Annotated[str, typer.Argument(help="Receipt code; case, spaces and dashes do not matter.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object with every event whole.")] = False,
) -> None:
    """Show a submission's record.

    Opened from the vault: what is printed identifies the citizen. A code merged into another leads to that one. Of a
    citizen whose data was erased only steps and times are left.
    """
    found, timezone = asyncio.run(_found(canonical(code)))
    if isinstance(found, Chronicle):
        if as_json:
            print_json(_plain(found, timezone))
        else:
            _print(found, timezone)
    elif as_json:
        print_json(found)
    else:
        _print_remains(found, timezone)


async def _found(code: str) -> tuple[Chronicle | dict[str, Any], str]:
    async with opened() as deployment:
        try:
            return await chronicle_of(deployment, code), deployment.province.timezone
        except Invalid as error:
            if error.reason != "erased":
                raise
            return await remains_of(deployment, code), deployment.province.timezone


def _print_remains(found: dict[str, Any], timezone: str) -> None:
    console = screen()
    console.print(Text(f"Submission {found['code']}: the citizen's data was erased", style="bold"))
    for step in found["history"]:
        console.print(
            f"{local(step['at'], timezone)}  {step.get('by') or step.get('agency') or '-':<15}  {step['step']}"
        )


def _print(found: Chronicle, timezone: str) -> None:
    console = screen()
    console.print(Text(f"Submission {found.code}", style="bold"))
    for line in _head(found, timezone):
        console.print(f"  {line}", soft_wrap=True)
    replies = replies_of(found)
    for entry in found.entries:
        print_entry(console, entry, told(entry.event, timezone, replies), timezone)


def _head(found: Chronicle, timezone: str) -> list[str]:
    lines = [f"account  {found.account}"]
    if found.aliases:
        lines.append(f"aliases  {', '.join(found.aliases)}")
    if found.decided is not None:
        lines.append(f"outcome  {found.decided.outcome.kind.value} (revision {found.decided.revision})")
    if found.ticket.ticket is not None:
        where = f" at {found.ticket.agency}" if found.ticket.agency else ""
        due = f", due {local(found.ticket.due_at, timezone)}" if found.ticket.due_at else ""
        lines.append(f"ticket   {found.ticket.ticket.id}")
        lines.append(f"state    {found.ticket.state.value}{where}{due} (revision {found.ticket.revision})")
    return lines


def print_entry(console: Console, entry: Entry, said: Told, timezone: str) -> None:
    """One event: when, who and what in a line, people's words below it."""
    line = Text.assemble((local(entry.at, timezone), "dim"), "  ", (f"{said.who:<15}", "cyan"), "  ", said.what)
    console.print(line, soft_wrap=True)
    for row in said.words.splitlines():
        console.print(f"{'':>21}{'':<17}| {row}", soft_wrap=True)


def replies_of(found: Chronicle) -> dict[UUID, str]:
    """The kind of each reply by its id."""
    events = (entry.event for entry in found.entries)
    rendered = (event.reply for event in events if isinstance(event, ReplyRendered | ReplyRenderedForTicket))
    return {reply.id: reply.kind.value for reply in rendered}


def _plain(found: Chronicle, timezone: str) -> dict[str, Any]:
    replies = replies_of(found)
    return {
        "code": found.code,
        "aliases": list(found.aliases),
        "account": found.account,
        "outcome": found.decided.outcome.model_dump(mode="json") if found.decided is not None else None,
        "revision": found.decided.revision if found.decided is not None else 0,
        "ticket_id": str(found.ticket.ticket.id) if found.ticket.ticket is not None else None,
        "state": found.ticket.state.value if found.ticket.ticket is not None else None,
        "agency": found.ticket.agency,
        "ticket_revision": found.ticket.revision,
        "history": [_plain_entry(entry, told(entry.event, timezone, replies)) for entry in found.entries],
    }


def _plain_entry(entry: Entry, said: Told) -> dict[str, Any]:
    return {
        "at": entry.at.isoformat(),
        "history": entry.history,
        "version": entry.version,
        "who": said.who,
        "what": said.what,
        "event": json.loads(entry.event.model_dump_json()),
    }
