"""Publishes an operator's command and waits for what the history's writer made of it."""

import asyncio
import json
from collections.abc import Sequence
from uuid import UUID

from pydantic import ValidationError

from cli.refusals import told_refusal
from cli.session import STAGE
from gateway.domain.tracing import entering
from gateway.errors import Conflict, Invalid, Unavailable
from gateway.runtime.deployment import Deployment
from gateway.runtime.histories import to_message
from schemas.base import Contract
from schemas.upcasting import Event, upcast

SOURCE = "/cli"
LOOK_SECONDS = 0.05
PATTERN = "string_pattern_mismatch"
CODE_RULE = "small letters, digits and _, a letter first, such as op_lan"
"""What an operator may be told of a code that is none; the pattern itself says nothing to them."""


async def carried_out(
    deployment: Deployment, command: Contract, *, topic: str, key: str, history: str, code: str, wait: float
) -> int:
    """Publish a command and return the version of the commit that it caused in `history`.

    A command whose id was carried out before changes nothing and gives the first commit. Raises `Conflict` with the
    writer's reason when it was refused, and `Unavailable("not_confirmed")` when nothing came of it within `wait`
    seconds: it is durable all the same.
    """
    message = entering(to_message(topic, key, command, source=SOURCE, at=deployment.clock(), subject=code))
    await deployment.bus(STAGE).publish(message)
    version, events = await _result(deployment, history, UUID(message.id), wait)
    refused = next((event for event in events if event["event"] == "command_refused"), None)
    if refused is not None:
        raise Conflict(str(refused["reason"]), told_refusal(str(refused["reason"])))
    return version


async def _result(deployment: Deployment, history: str, command_id: UUID, wait: float) -> tuple[int, Sequence[Event]]:
    loop = asyncio.get_running_loop()
    until = loop.time() + wait
    while True:
        answer = (await deployment.store.load(history, cause=command_id)).answer
        if answer is not None:
            return answer.version, upcast(history, json.loads(answer.events))
        if loop.time() >= until:
            sentence = "The command is durable, but nobody has carried it out yet: does the gateway run?"
            raise Unavailable("not_confirmed", sentence)
        await asyncio.sleep(LOOK_SECONDS)


def malformed(error: ValidationError) -> Invalid:
    """What is wrong with a command, by the names of its members."""
    places = {
        ".".join(str(part) for part in item["loc"]): CODE_RULE if item["type"] == PATTERN else item["msg"]
        for item in error.errors(include_input=False)
    }
    return Invalid("malformed_command", "; ".join(f"{place}: {what}" for place, what in places.items()))
