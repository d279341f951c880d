"""Knows which services run, where one copy of each answers and what it reads, whatever process or machine asks.

Every process says so of itself again and again; of several copies of a service the one that spoke last is known, which
is enough to reach the service. How each copy is, operations see by its own probes and figures.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.errors import GatewayError
from gateway.projections.port import Document, Documents
from gateway.runtime.service import Service
from gateway.store.rows import micros

log = logging.getLogger(__name__)

KIND = "service"
SAID_EVERY_SECONDS = 20.0
BELIEVED = timedelta(seconds=60)
"""A process that said nothing for so long is gone."""

REMEMBERED = timedelta(days=30)
"""What a stopped service has still to read counts for so long; then it is taken to have been given up."""

ALL = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """A service: `address` (base URL) of a copy that answers, empty when none is known to; `reads` by group and topic.

    `said_at` is aware UTC.
    """

    service: str
    address: str
    reads: tuple[tuple[str, str], ...]
    said_at: datetime


class Roster:
    """The entries of all services; not a projection, so a rebuild leaves it alone."""

    def __init__(self, documents: Documents, clock: Callable[[], datetime]) -> None:
        """Take where it lies and a clock of aware UTC."""
        self._documents = documents
        self._clock = clock

    async def say(self, service: Service, address: str) -> None:
        """Enter a running service, or with an empty address one that stopped; raises `Unavailable`."""
        now = self._clock()
        reads = [[consumer.group, consumer.topic] for consumer in service.consumers]
        body = {"address": address, "reads": reads, "said_at": now.isoformat()}
        await self._documents.put(Document(KIND, service.name, micros(now), body))

    async def keep_saying(self, services: Sequence[Service], address: str) -> None:
        """Enter them now and again until cancelled, which takes their addresses away; the store may be down."""
        try:
            while True:
                await self._say_all(services, address)
                await asyncio.sleep(SAID_EVERY_SECONDS)
        finally:
            await self._say_all(services, "")

    async def entries(self) -> Sequence[Entry]:
        """What was said within the last 30 days, by name; raises `Unavailable`."""
        now = self._clock()
        found = [_entry(one.key, one.body, now) for one in await self._documents.newest(KIND, limit=ALL)]
        return sorted((one for one in found if now - one.said_at < REMEMBERED), key=lambda one: one.service)

    async def reads(self) -> Sequence[tuple[str, str]]:
        """Every group with each topic that it reads; raises `Unavailable`."""
        return [pair for entry in await self.entries() for pair in entry.reads]

    async def address_of(self, service: str) -> str | None:
        """Where a copy of the service answers; None when none is known to. Raises `Unavailable`."""
        return next((one.address for one in await self.entries() if one.service == service and one.address), None)

    async def _say_all(self, services: Sequence[Service], address: str) -> None:
        try:
            await asyncio.gather(*(self.say(service, address) for service in services))
        except GatewayError as error:
            log.warning("roster_not_kept", extra={"reason": error.reason})


def _entry(service: str, body: Mapping[str, object], now: datetime) -> Entry:
    said_at = datetime.fromisoformat(str(body["said_at"]))
    address = str(body["address"]) if now - said_at < BELIEVED else ""
    reads = body["reads"]
    pairs = reads if isinstance(reads, list) else []
    return Entry(service, address, tuple((str(group), str(topic)) for group, topic in pairs), said_at)
