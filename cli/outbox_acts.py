"""An operator's word on a reply whose end nobody knows: it arrived, it did not, or it is to be sent again."""

import asyncio
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import typer
from pydantic import TypeAdapter, ValidationError

from cli.screen import screen
from cli.session import opened
from gateway.errors import Conflict, Invalid
from gateway.outbox.port import Part, PartState
from gateway.runtime.deployment import Deployment
from schemas.base import Code

REPEATABLE = (PartState.FAILED, PartState.UNKNOWN)

ReplyId = Annotated[UUID, typer.Argument(metavar="REPLY_ID", help="Id of the reply.")]
Operator = Annotated[str, typer.Option("--as", help="Code of the operator who says so.")]


class Verdict(StrEnum):
    """What an operator found out."""

    SENT = "sent"
    FAILED = "failed"


def resolve(
    reply_id: ReplyId,
    verdict: Annotated[Verdict, typer.Argument(help="What the operator found out on the platform.")],
    *,
    operator: Operator,
) -> None:
    """Say how an unknown reply ended: the citizen has it, or will never get it.

    Who said so and when is kept with the reply and in the citizen's history.
    """
    asyncio.run(_resolve(reply_id, verdict, _code(operator)))


def repeat(
    reply_id: ReplyId,
    *,
    operator: Operator,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Hand over again what failed or is unknown of a reply; an unknown one may reach the citizen twice.

    Who asked for it and when is kept with the reply.
    """
    by = _code(operator)
    if not yes:
        unknown = asyncio.run(_unknown(reply_id))
        doubt = f" {unknown} of its messages may have arrived: the citizen may get them twice." if unknown else ""
        typer.confirm(f"Hand over reply {reply_id} again?{doubt}", abort=True)
    asyncio.run(_repeat(reply_id, by))


async def known_parts(deployment: Deployment, reply_id: UUID) -> Sequence[Part]:
    """A reply's parts; raises `Invalid("unknown_reply")`."""
    parts = await deployment.outbox.parts(reply_id)
    if not parts:
        raise Invalid("unknown_reply", "The outbox knows no such reply; `gateway outbox list` lists what is open.")
    return parts


async def _resolve(reply_id: UUID, verdict: Verdict, by: str) -> None:
    async with opened() as deployment:
        sent, now = verdict is Verdict.SENT, deployment.clock()
        done = [
            await deployment.outbox.settle(reply_id, part.number, sent=sent, by=by, now=now)
            for part in await known_parts(deployment, reply_id)
        ]
    if not any(done):
        raise Conflict("nothing_unknown", "No message of this reply is unknown (any more); nothing was changed.")
    screen().print(f"{sum(done)} message(s) of the reply settled as {verdict.value}", soft_wrap=True)


async def _unknown(reply_id: UUID) -> int:
    async with opened() as deployment:
        parts = await known_parts(deployment, reply_id)
    _refuse_unless_repeatable(parts)
    return sum(part.state is PartState.UNKNOWN for part in parts)


async def _repeat(reply_id: UUID, by: str) -> None:
    async with opened() as deployment:
        parts = await known_parts(deployment, reply_id)
        _refuse_unless_repeatable(parts)
        for part in parts:
            await deployment.outbox.repeat(reply_id, part.number, by=by, now=deployment.clock())
        waiting = sum(part.state is PartState.WAITING for part in await deployment.outbox.parts(reply_id))
    screen().print(f"{waiting} message(s) of the reply will be handed over", soft_wrap=True)


def _refuse_unless_repeatable(parts: Sequence[Part]) -> None:
    if not any(part.state in REPEATABLE for part in parts):
        raise Conflict("nothing_to_repeat", "No message of this reply failed or is unknown (any more).")


def _code(operator: str) -> str:
    try:
        return TypeAdapter(Code).validate_python(operator)
    except ValidationError:
        raise Invalid("bad_operator", "An operator's code has small letters, digits and underscores.") from None
