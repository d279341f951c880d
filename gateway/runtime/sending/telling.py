"""Tells the histories how replies ended: published first, then noted as told, under the same id at every repeat."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

from gateway.bus.port import Bus
from gateway.domain.identity import message_id
from gateway.outbox.port import Ending, Outbox
from gateway.runtime.histories import to_message
from gateway.runtime.metrics import Metrics
from schemas.envelope import Message
from schemas.reply import ReplyEvent
from schemas.vocabulary import ReplyState

TOPIC = "reply.events"
AT_ONCE = 100


def source_of(channel: str) -> str:
    """Who says so, as a CloudEvents source."""
    return f"/{channel}_ingest/send"


class Teller:
    """Publishes the endings of one channel's replies."""

    def __init__(
        self, channel: str, outbox: Outbox, bus: Bus, *, metrics: Metrics, clock: Callable[[], datetime]
    ) -> None:
        """Take whose endings, where they lie, where they go, and a clock of aware UTC."""
        self._channel = channel
        self._outbox = outbox
        self._bus = bus
        self._metrics = metrics
        for state in ReplyState:
            metrics.replies.labels(channel, state.value)
        self._clock = clock

    async def tell(self) -> int:
        """Publish what ended since; returns how many endings that were. Raises `Unavailable`.

        After a crash between publishing and noting, the same events are published again under the same ids.
        """
        endings = await self._outbox.endings(self._channel, limit=AT_ONCE)
        if endings:
            await self._bus.publish(*self._messages(endings))
            await asyncio.gather(*(self._outbox.told(ending) for ending in endings))
        for ending in endings:
            self._metrics.replies.labels(self._channel, ending.state.value).inc()
        return len(endings)

    def _messages(self, endings: Sequence[Ending]) -> Sequence[Message]:
        now = self._clock()
        return [
            to_message(TOPIC, one.account, event_of(one, now), source=source_of(one.channel), at=now) for one in endings
        ]


def event_of(ending: Ending, now: datetime) -> ReplyEvent:
    """What is told of an ending: the same event, whenever it is told again."""
    return ReplyEvent(
        id=message_id(ending.reply_id, TOPIC, ending.revision),
        reply_id=ending.reply_id,
        history=ending.history,
        account=ending.account,
        channel=ending.channel,
        state=ReplyState(ending.state.value),
        reason=ending.reason,
        by=ending.by,
        at=now,
    )
