"""Learns the names that people show, after their messages were read: a missing name is normal and delays nothing.

The name is noted for whoever answers them. It is not offered as the contact's name of Điều 6.3: what somebody calls
themselves on Facebook is often no name, and a name that a channel gives wins over the one a citizen signs with.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from gateway.domain.hygiene import clean_line
from gateway.errors import GatewayError
from gateway.runtime.correspondents import Correspondents
from services.facebook_ingest.graph import Graph
from services.facebook_ingest.page import CHANNEL

log = logging.getLogger(__name__)

KEPT: Final = timedelta(days=1)
WAITING: Final = 1_000
"""People whose names are still to be asked for; beyond it a name is learnt when they write again."""

PAUSE_SECONDS: Final = 0.2


class Profiles:
    """Asks for one name after another."""

    def __init__(self, graph: Graph, correspondents: Correspondents, clock: Callable[[], datetime]) -> None:
        """Take who is asked, where names are noted, and a clock of aware UTC."""
        self._graph = graph
        self._correspondents = correspondents
        self._clock = clock
        self._waiting: asyncio.Queue[tuple[str, str]] = asyncio.Queue(WAITING)

    def met(self, user: str, account: str) -> None:
        """Somebody wrote; returns at once."""
        if not self._waiting.full():
            self._waiting.put_nowait((user, account))

    async def run(self) -> None:
        """Ask until cancelled."""
        while True:
            user, account = await self._waiting.get()
            try:
                await self.learn(user, account)
            except GatewayError as error:
                log.info("name_unknown", extra={"channel": CHANNEL, "reason": error.reason})
            await asyncio.sleep(PAUSE_SECONDS)

    async def learn(self, user: str, account: str) -> None:
        """Note a person's name, at most once a day; raises `Unavailable`, and then it is asked for another time."""
        now = self._clock()
        asked = (await self._correspondents.of(account)).get("name_asked_at")
        if isinstance(asked, str) and now - datetime.fromisoformat(asked) < KEPT:
            return
        name = clean_line(await self._graph.profile(user) or "", limit=200)
        await self._correspondents.note(account, {"name": name, "name_asked_at": now.isoformat()}, at=now)
