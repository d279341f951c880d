"""Shows what became of replies on their way to citizens, without their texts, and takes an operator's word on them."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import typer

from cli.faults import guarded
from cli.outbox_acts import known_parts, repeat, resolve
from cli.screen import local, print_json, print_rows, screen, table
from cli.session import opened
from gateway.errors import Invalid
from gateway.outbox.port import Act, Part, PartState
from schemas.topics import CHANNELS


class Look(StrEnum):
    """The states that wait for somebody."""

    UNKNOWN = "unknown"
    FAILED = "failed"
    WAITING = "waiting"


def commands() -> typer.Typer:
    """The group of commands."""
    group = typer.Typer(no_args_is_help=True)
    for command in (list_parts, show, resolve, repeat):
        group.command(command.__name__.removesuffix("_parts"))(guarded(command))
    return group


def list_parts(
    *,
    channel: Annotated[str | None, typer.Option(help="One channel; by default all of them.")] = None,
    state: Annotated[Look | None, typer.Option(help="One state; by default all three.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Most of each channel and state.")] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """List messages that are unknown, failed or waiting, the oldest first; texts are never shown."""
    if channel is not None and channel not in CHANNELS:
        raise Invalid("unknown_channel", f"Channels are {', '.join(CHANNELS)}.")
    channels = [channel] if channel is not None else list(CHANNELS)
    states = [PartState(one) for one in ([state] if state is not None else Look)]
    asyncio.run(_list(channels, states, limit, as_json=as_json))


def show(reply_id: Annotated[UUID, typer.Argument(metavar="REPLY_ID", help="Id of the reply.")]) -> None:
    """Show one reply: its messages, how each stands, and what operators did about it."""
    asyncio.run(_show(reply_id))


async def _list(channels: Sequence[str], states: Sequence[PartState], limit: int, *, as_json: bool) -> None:
    async with opened() as deployment:
        now = deployment.clock()
        parts = [
            part
            for state in states
            for channel in channels
            for part in await deployment.outbox.open_parts(channel, state, limit=limit)
        ]
    if as_json:
        for part in parts:
            print_json(_row(part, now))
        return
    made = table("Replies", "reply", "message", "code", "channel", "account", "kind", "state", "age", "tried", "reason")
    cells = [
        [
            str(part.reply_id),
            f"{part.number + 1} of {part.count}",
            part.code or "-",
            part.channel,
            part.account,
            part.kind.value,
            part.state.value,
            _age(now - part.filed_at),
            str(part.attempts),
            part.reason or "-",
        ]
        for part in parts
    ]
    print_rows(made, cells, empty="No such replies.")


async def _show(reply_id: UUID) -> None:
    async with opened() as deployment:
        parts = await known_parts(deployment, reply_id)
        acts = await deployment.outbox.acts(reply_id)
        timezone, now = deployment.province.timezone, deployment.clock()
    console = screen()
    first = parts[0]
    console.print(f"Reply {reply_id}", style="bold", soft_wrap=True)
    told = {
        "kind": first.kind.value,
        "code": first.code or "-",
        "channel": first.channel,
        "account": first.account,
        "history": first.history,
        "filed": f"{local(first.filed_at, timezone)} ({_age(now - first.filed_at)} ago)",
    }
    for name, value in told.items():
        console.print(f"  {name:<9}{value}", soft_wrap=True)
    made = table("Messages", "message", "state", "tried", "reason", "the platform's name for it")
    rows = [
        [str(part.number + 1), part.state.value, str(part.attempts), part.reason or "-", part.remote_id or "-"]
        for part in parts
    ]
    print_rows(made, rows, empty="None.")
    done = table("Operators' acts", "at", "by", "message", "what")
    print_rows(done, [_act(act, timezone) for act in acts], empty="No operator has done anything about it.")


def _row(part: Part, now: datetime) -> dict[str, Any]:
    return {
        "reply_id": str(part.reply_id),
        "number": part.number,
        "count": part.count,
        "code": part.code,
        "channel": part.channel,
        "account": part.account,
        "kind": part.kind.value,
        "state": part.state.value,
        "age_seconds": round((now - part.filed_at).total_seconds()),
        "attempts": part.attempts,
        "reason": part.reason,
    }


def _act(act: Act, timezone: str) -> list[str]:
    return [local(act.at, timezone), act.by, str(act.number + 1), act.kind.value]


def _age(age: timedelta) -> str:
    """In whole units that people think in."""
    seconds = max(0, round(age.total_seconds()))
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
