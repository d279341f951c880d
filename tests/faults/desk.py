"""An operator who settles replies of which nobody knows the ending, by looking at what citizens got.

After a kill a reply may have been begun that never left, and nothing but a person's word lets it be sent again. Where a
platform tells of what it took, the operator waits for that: it must come by itself.
"""

import asyncio
import time
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from uuid import UUID

from gateway.errors import Unavailable
from gateway.outbox.port import Outbox, Part, PartState, context_of
from gateway.vault.port import Vault
from tests.faults.places import Places

OPERATOR = "operator1"
CHANNELS = ("zalo", "facebook", "email")
WITHOUT_ECHO = frozenset({"email"})

LOOK_SECONDS = 1.0
SURE_SECONDS = 3.0
"""What was on its way when the gateway was killed has arrived by then: both sides are on one machine."""

MOST = 1_000


def plain(text: str) -> str:
    """A text without what channels may change on the way: white space."""
    return " ".join(text.split())


class Desk:
    """Works beside the gateway on its outbox, whether that runs or not."""

    def __init__(self, places: Places, delivered: Callable[[str], Collection[str]]) -> None:
        """Take where the gateway keeps everything, and what tells the plain texts that a channel's citizens got."""
        self._places = places
        self._delivered = delivered
        self._seen: dict[tuple[UUID, int, int], float] = {}
        self._working: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin to work as soon as there is an outbox."""
        self._working = asyncio.create_task(self._work())

    async def close(self) -> None:
        """Stop; raises whatever went wrong meanwhile."""
        if self._working is not None:
            self._working.cancel()
            (ended,) = await asyncio.gather(self._working, return_exceptions=True)
            if isinstance(ended, Exception):
                raise ended

    async def _work(self) -> None:
        while not self._places.begun:  # noqa: ASYNC110 - another process makes it
            await asyncio.sleep(LOOK_SECONDS)
        outbox = self._places.outbox()
        vault = self._places.vault()
        try:
            while True:
                await asyncio.sleep(LOOK_SECONDS)
                try:
                    for channel in CHANNELS:
                        await self._look(outbox, vault, channel)
                except Unavailable:
                    # The gateway writes the same files; the next look finds the same parts.
                    continue
        finally:
            await outbox.close()
            await vault.close()

    async def _look(self, outbox: Outbox, vault: Vault, channel: str) -> None:
        unknown = [
            part
            for part in await outbox.open_parts(channel, PartState.UNKNOWN, limit=MOST)
            if time.monotonic() - self._first_seen(part) > SURE_SECONDS
        ]
        if not unknown:
            return
        delivered, now = self._delivered(channel), datetime.now(UTC)
        for part in unknown:
            sealed = await vault.open(part.account, part.sealed, context=context_of(part.reply_id, part.number))
            if plain(sealed.decode()) not in delivered:
                await outbox.repeat(part.reply_id, part.number, by=OPERATOR, now=now)
            elif channel in WITHOUT_ECHO:
                await outbox.settle(part.reply_id, part.number, sent=True, by=OPERATOR, now=now)

    def _first_seen(self, part: Part) -> float:
        return self._seen.setdefault((part.reply_id, part.number, part.attempts), time.monotonic())
