"""The channel of a platform that sends one message a request, signed, and takes answers over HTTP: put together."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from gateway.bus.port import Record
from gateway.domain.channel_messages import inbound_message
from gateway.domain.identity import Identity
from gateway.egress.policy import EgressPolicy
from gateway.files.port import Files
from gateway.outbox.carrier import Carrier
from gateway.runtime.channel import Channel, correspondents, media_stage, read_stage, send_stage, sender
from gateway.runtime.correspondents import Correspondents
from gateway.runtime.deployment import Deployment
from gateway.runtime.parsing import parsed
from gateway.runtime.sending import Pace
from gateway.runtime.signed_webhook import Signed, SignedReceiver
from gateway.runtime.successors import Successors
from gateway.runtime.webhook import Webhook
from schemas.envelope import Message
from schemas.inbound import Ignored, Inbound
from schemas.raw import Raw


@dataclass(frozen=True, slots=True)
class Heard:
    """What a request said, and what to note of who wrote for the channel's own carrier."""

    said: Inbound | Ignored
    known: Mapping[str, Any] = field(default_factory=dict, repr=False)


Hear = Callable[[Raw, Identity], Heard]
"""Reads one request: pure, the same whenever it is read again; raises `Invalid` for what is none."""


class ReadOne:
    """The stage that reads requests of one message each."""

    def __init__(self, hear: Hear, successors: Successors, files: Files, correspondents: Correspondents) -> None:
        """Take what reads, what knows who was erased, where originals are kept, and where notes go."""
        self._hear = hear
        self._successors = successors
        self._files = files
        self._correspondents = correspondents

    async def __call__(self, record: Record) -> Sequence[Message]:
        """Read one request; raises `Invalid` for what is none, `Unavailable` when something cannot be kept."""
        raw = parsed(Raw, record)
        heard = await self._successors.heard(lambda identity: self._hear(raw, identity), _who) or _erased(raw)
        said = heard.said
        if isinstance(said, Inbound):
            original = await self._files.put(said.account, raw.personal.payload, media_type=raw.content_type)
            said = said.model_copy(update={"original": original})
            await self._correspondents.note(said.account, heard.known, at=raw.received_at)
        return (inbound_message(said, raw.endpoint),)


def _who(heard: Heard) -> tuple[str, UUID] | None:
    return None if heard.said.account is None else (heard.said.account, heard.said.id)


def _erased(raw: Raw) -> Heard:
    """A message that was taken once and came again after its citizen's data was erased: nothing of it is kept."""
    said = Ignored(id=raw.id, channel=raw.channel, reason="erased", received_at=raw.received_at, trial=raw.trial)
    return Heard(said)


def webhook_channel(
    deployment: Deployment,
    carrier: Carrier,
    *,
    hear: Hear,
    signed: Signed,
    media: EgressPolicy,
    pace: Pace,
    close: Callable[[], Awaitable[None]],
) -> Channel:
    """The channel for the process that runs it."""
    code = carrier.channel
    read = ReadOne(hear, deployment.successors, deployment.files, correspondents(deployment, code))
    return Channel(
        code=code,
        consumers=(
            read_stage(deployment, code, read),
            *media_stage(deployment, code, media),
            send_stage(deployment, carrier),
        ),
        tasks=(sender(deployment, carrier, pace).run,),
        webhooks={signed.path: Webhook(code, deployment.metrics, SignedReceiver(deployment, code, signed))},
        close=close,
    )
