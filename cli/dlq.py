"""Looks at dead letters and puts them back on their topics; what was put back is remembered."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID, uuid5

import typer

from cli.faults import guarded, say
from cli.records import HIDDEN
from cli.screen import local, print_json, print_rows, screen, table
from cli.session import STAGE, opened
from gateway.bus.port import Beginning
from gateway.errors import Conflict, Invalid
from gateway.runtime.dead_letters import TOPIC, put_back_at, remember_put_back
from gateway.runtime.deployment import Deployment
from gateway.runtime.guard import replayed
from gateway.runtime.parsing import parsed
from schemas.dead_letter import DeadLetter
from schemas.envelope import Message


def commands() -> typer.Typer:
    """The group of commands."""
    group = typer.Typer(no_args_is_help=True)
    group.command("list")(guarded(list_letters))
    group.command("show")(guarded(show))
    group.command("replay")(guarded(replay))
    return group


def list_letters(*, as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False) -> None:
    """List dead letters, the oldest first, without personal parts."""
    asyncio.run(_list(as_json=as_json))


def show(
    letter_id: Annotated[UUID, typer.Argument(metavar="ID", help="Id of the dead letter.")],
    *,
    personal: Annotated[bool, typer.Option("--personal", help="Show the record's value too.")] = False,
) -> None:
    """Show one dead letter as JSON; the record's value only with --personal."""
    asyncio.run(_show(letter_id, personal=personal))


def replay(
    letter_id: Annotated[UUID | None, typer.Argument(metavar="ID", help="Id of the dead letter.")] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="Every one that was not put back yet.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Also one that was put back before.")] = False,
) -> None:
    """Put dead letters back on their topics.

    What the record says keeps its ids: whoever handled it before gives the first answer again, so nothing happens
    twice. Where a stub took its place, the submission is decided anew unless an operator has decided it meanwhile.
    """
    if (letter_id is None) != every:
        raise typer.BadParameter("give an ID, or --all")
    asyncio.run(_replay(letter_id, again=again))


async def _list(*, as_json: bool) -> None:
    async with opened() as deployment:
        rows = [_row(letter, await put_back_at(deployment.store, letter.id)) for letter in await _letters(deployment)]
        timezone = deployment.province.timezone
    if as_json:
        for row in rows:
            print_json(row)
        return
    made = table("Dead letters", "id", "at", "stage", "topic", "reason", "detail", "put back")
    cells = [
        [
            row["id"],
            local(row["at"], timezone),
            row["stage"],
            row["topic"],
            row["reason"],
            row["detail"],
            local(row["put_back_at"], timezone),
        ]
        for row in rows
    ]
    print_rows(made, cells, empty="No dead letters.")


async def _show(letter_id: UUID, *, personal: bool) -> None:
    async with opened() as deployment:
        letter = await _letter(deployment, letter_id)
        shown = {
            **_row(letter, await put_back_at(deployment.store, letter.id)),
            "key": letter.key,
            "group": letter.group,
        }
    if personal:
        shown["value"] = letter.personal.value.decode("utf-8", "backslashreplace")
    else:
        say(HIDDEN)
    screen().print(json.dumps(shown, ensure_ascii=False, indent=2), soft_wrap=True)


async def _replay(letter_id: UUID | None, *, again: bool) -> None:
    async with opened() as deployment:
        chosen = await _letters(deployment) if letter_id is None else [await _letter(deployment, letter_id)]
        fresh = [letter for letter in chosen if again or await put_back_at(deployment.store, letter.id) is None]
        if letter_id is not None and not fresh:
            raise Conflict("already_replayed", "This dead letter was put back before; --again puts it back once more.")
        for letter in fresh:
            await deployment.bus(STAGE).publish(_put_on_its_topic(letter, again=deployment.clock() if again else None))
            # Claimed after it is durable: a crash in between shows it as not put back, and again does no harm.
            await remember_put_back(deployment.store, letter.id, deployment.clock())
            screen().print(f"{letter.id} put back on {letter.topic}")
        if not fresh:
            screen().print("Nothing to put back.")


def _put_on_its_topic(letter: DeadLetter, *, again: datetime | None) -> Message:
    """The letter's message, as a record of its own.

    A record put back too early ends in another letter; under its old id the bus would leave out the next attempt.
    """
    run = "replay" if again is None else f"replay/{again.isoformat()}"
    return replace(replayed(letter), id=str(uuid5(letter.id, run)))


async def _letters(deployment: Deployment) -> Sequence[DeadLetter]:
    """Every dead letter that is kept, oldest first."""
    records = deployment.bus(STAGE).read(TOPIC, start=Beginning())
    found = {letter.id: letter async for letter in (parsed(DeadLetter, record) async for record in records)}
    return list(found.values())


async def _letter(deployment: Deployment, letter_id: UUID) -> DeadLetter:
    found = next((letter for letter in await _letters(deployment) if letter.id == letter_id), None)
    if found is None:
        raise Invalid("unknown_letter", "There is no dead letter with this id; `gateway dlq list` lists them.")
    return found


def _row(letter: DeadLetter, put_back_at: str | None) -> dict[str, Any]:
    return {
        "id": str(letter.id),
        "at": letter.at.isoformat(),
        "stage": letter.stage,
        "topic": letter.topic,
        "reason": letter.reason,
        "detail": letter.detail,
        "message_id": letter.message_id,
        "message_type": letter.message_type,
        "put_back_at": put_back_at,
    }
