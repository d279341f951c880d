"""Reads recorded messages again with today's readers, and has what differs recorded as an operator approves it."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from cli.commanding import carried_out, malformed
from cli.readers import Reader
from cli.session import STAGE
from gateway.bus.port import At, Record
from gateway.domain.identity import Identity, reread_id
from gateway.errors import Invalid
from gateway.runtime.deployment import Deployment
from gateway.runtime.parsing import parsed
from schemas.commands import CorrectReading
from schemas.conversation import HISTORY_PREFIX, Corrected, MessageReceived, history_of
from schemas.inbound import Inbound
from schemas.raw import Raw
from services.normalizer import wiring as normalizer
from services.normalizer.correct import corrected

CLOCKS = timedelta(minutes=5)
"""How far the clock of who received a message may be ahead of the bus's."""


class Standing(StrEnum):
    """What reading a message again came to."""

    CHANGED = "changed"
    SAME = "same"
    DONE = "done in this run"
    UNREADABLE = "unreadable"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Scope:
    """Which messages of a channel are read again: of these codes if any are given, received since an aware instant."""

    channel: str
    codes: frozenset[str] = frozenset()
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reread:
    """A message as it is recorded, and as it would be recorded now; of an erased citizen there is neither."""

    standing: Standing
    recorded: Inbound | None = None
    read: Inbound | None = None
    reason: str = ""


async def reread(deployment: Deployment, reader: Reader, scope: Scope, run: str) -> AsyncIterator[Reread]:
    """Each message of the scope, read from the topic while it is kept there, else from its filed original.

    Changes nothing. The messages of the scope are held in memory.
    """
    wanted: dict[UUID, Inbound] = {}
    async for history in _histories(deployment, scope):
        try:
            wanted.update((message.id, message) for message in await _messages(deployment, history, scope))
        except Invalid as error:
            if error.reason != "erased":
                raise
            yield Reread(Standing.ERASED)
    identity = await deployment.successors.identity()
    async for read in _kept_on_topic(deployment, reader, scope, wanted, identity):
        recorded = wanted.pop(read.id, None)
        if recorded is not None:
            yield await _compared(deployment, recorded, read, run)
    for recorded in wanted.values():
        yield await _from_original(deployment, reader, recorded, run, identity)


async def approve(deployment: Deployment, one: Reread, run: str, operator: str, wait: float) -> int:
    """Have the correction recorded; returns the version of its commit, raises as `carried_out` does, and `Invalid`."""
    if one.read is None:
        raise Invalid("nothing_to_correct", "This message is not read otherwise now.")
    message = one.read
    try:
        command = CorrectReading(
            id=reread_id(message.id, run),
            account=message.account,
            run=run,
            operator=operator,
            at=deployment.clock(),
            inbound=message,
        )
    except ValidationError as error:
        raise malformed(error) from None
    return await carried_out(
        deployment,
        command,
        topic="submission.commands",
        key=message.account,
        history=history_of(message.account),
        code=message.code,
        wait=wait,
    )


def differences(old: Inbound, new: Inbound) -> list[tuple[str, Any, Any]]:
    """Members, as `personal.contact.phone`, with their JSON values before and now."""
    before, now = (dict(_leaves(one.model_dump(mode="json"), "")) for one in (old, new))
    places = dict.fromkeys((*before, *now))
    return [(place, before.get(place), now.get(place)) for place in places if before.get(place) != now.get(place)]


def _leaves(value: Any, place: str) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - JSON is any of its types
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, f"{place}.{name}" if place else name)
    else:
        yield place, value


async def _histories(deployment: Deployment, scope: Scope) -> AsyncIterator[str]:
    store = deployment.store
    if scope.codes:
        found = [name for code in sorted(scope.codes) for name in await store.find(f"code:{code}")]
        for name in dict.fromkeys(found):
            if name.startswith(HISTORY_PREFIX):
                yield name
        return
    last = ""
    while names := await store.histories(HISTORY_PREFIX, after=last):
        for name in names:
            yield name
        last = names[-1]


async def _messages(deployment: Deployment, history: str, scope: Scope) -> Sequence[Inbound]:
    """The history's messages within the scope, as they are recorded by now; raises `Invalid("erased")`."""
    found: dict[UUID, Inbound] = {}
    for recorded in await normalizer.histories(deployment.store, deployment.vault).record_of(history):
        for event in recorded.events:
            if isinstance(event, MessageReceived | Corrected) and _within(scope, event):
                found[event.inbound.id] = event.inbound
    return list(found.values())


def _within(scope: Scope, event: MessageReceived | Corrected) -> bool:
    message = event.inbound
    asked_for = not scope.codes or bool(scope.codes & {event.submission, message.code})
    recent = scope.since is None or message.received_at >= scope.since
    return message.channel == scope.channel and asked_for and recent


async def _kept_on_topic(
    deployment: Deployment, reader: Reader, scope: Scope, wanted: dict[UUID, Inbound], identity: Identity
) -> AsyncIterator[Inbound]:
    """What the raw messages since the earliest wanted one say now, until nothing more is wanted."""
    if not wanted:
        return
    earliest = min(message.received_at for message in wanted.values())
    async for record in deployment.bus(STAGE).read(f"raw.{scope.channel}", start=At(earliest - CLOCKS)):
        for read in _said(reader, record, identity):
            yield read
        if not wanted:
            return


def _said(reader: Reader, record: Record, identity: Identity) -> list[Inbound]:
    try:
        said = reader.read(parsed(Raw, record), identity)
    except Invalid:
        # A dead letter by now, or one that can no longer be read: the filed original will tell, and be counted.
        return []
    return [message for message in said if isinstance(message, Inbound)]


async def _from_original(
    deployment: Deployment, reader: Reader, recorded: Inbound, run: str, identity: Identity
) -> Reread:
    if recorded.original is None:
        return Reread(Standing.UNREADABLE, recorded, reason="no_original")
    try:
        payload = await deployment.files.open(recorded.original)
        said = reader.read(reader.filed(recorded, payload), identity)
    except Invalid as error:
        return Reread(Standing.UNREADABLE, recorded, reason=error.reason)
    read = next((one for one in said if isinstance(one, Inbound) and one.id == recorded.id), None)
    if read is None:
        return Reread(Standing.UNREADABLE, recorded, reason="says_another_message")
    return await _compared(deployment, recorded, read, run)


async def _compared(deployment: Deployment, recorded: Inbound, read: Inbound, run: str) -> Reread:
    now = corrected(recorded, read)
    if now == recorded:
        return Reread(Standing.SAME, recorded)
    done = await deployment.store.load(history_of(recorded.account), cause=reread_id(recorded.id, run))
    return Reread(Standing.CHANGED if done.answer is None else Standing.DONE, recorded, now)
