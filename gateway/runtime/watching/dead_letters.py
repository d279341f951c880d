"""Counts the dead letters that wait for a person: those that lie on `dlq` and were not put back."""

from collections.abc import Callable
from datetime import datetime
from itertools import islice
from uuid import UUID

from gateway.bus.port import Beginning, Bus, Place, Positions
from gateway.runtime.dead_letters import TOPIC, put_back_at
from gateway.runtime.metrics import Metrics
from gateway.runtime.parsing import parsed
from gateway.store.port import Store
from schemas.dead_letter import DeadLetter
from schemas.topics import topic_for

ASKED_AT_ONCE = 500
"""Of how many waiting letters one look asks whether they were put back; the others have their turn later."""


class DeadLetterWatch:
    """Reads what is new on the topic, and asks for those that waited whether they still do."""

    def __init__(self, bus: Bus, store: Store, metrics: Metrics, clock: Callable[[], datetime]) -> None:
        """Take any bus of the deployment, the store that knows what was put back, and a clock of aware UTC."""
        self._bus = bus
        self._store = store
        self._gauge = metrics.dead_letters_waiting
        self._clock = clock
        self._read: dict[str, int] = {}
        self._waiting: dict[UUID, datetime] = {}

    async def look(self) -> None:
        """Bring the figure up to date; raises `Unavailable`."""
        start: Place = Positions(self._read) if self._read else Beginning()
        async for record in self._bus.read(TOPIC, start=start):
            letter = parsed(DeadLetter, record)
            self._waiting.setdefault(letter.id, record.published_at)
            self._read[record.partition] = record.offset + 1
        await self._forget()
        self._gauge.set(len(self._waiting))

    async def _forget(self) -> None:
        """Those that were put back, or that the topic keeps no longer."""
        declared = topic_for(TOPIC)
        kept_since = None if declared is None else self._clock() - declared.retention
        for letter, published_at in list(islice(self._waiting.items(), ASKED_AT_ONCE)):
            del self._waiting[letter]
            gone = kept_since is not None and published_at < kept_since
            if not gone and await put_back_at(self._store, letter) is None:
                # Behind all others, so that each has its turn.
                self._waiting[letter] = published_at
