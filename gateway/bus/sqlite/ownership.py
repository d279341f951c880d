"""A consumer's lease: every completion goes through it, so that a stale owner is refused; its socket's end ends it."""

import asyncio
import logging
from collections.abc import Callable
from functools import partial

import apsw

from gateway.bus.sqlite import lease as leases
from gateway.bus.sqlite.ground import Ground
from gateway.bus.sqlite.lease import Held, Lease, Taken
from gateway.bus.sqlite.progress import home_of
from gateway.bus.sqlite.waking import WakeSocket
from gateway.bus.window import Finished
from gateway.errors import Conflict, Unavailable

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.2
"""How often a waiting copy looks whether the lease is free; looking writes nothing."""


class Ownership:
    """One owner's right to read a topic for a group."""

    def __init__(self, ground: Ground, topic: str, group: str, wake: WakeSocket) -> None:
        """Prepare to become the owner, known by the name of this consumer's socket."""
        self._ground = ground
        self._topic = topic
        self._group = group
        self._wake = wake
        self._lease: Lease | None = None
        self.lost = False

    async def take(self) -> dict[str, int]:
        """Wait until the group has no live owner, become it, and learn the positions.

        An owner that gave no sign of life for `lease_seconds`, though asked, counts as hung and is fenced.

        Raises `Conflict("group_of_other_stage")` when the group's progress lies in another stage's file.
        """
        ground = self._ground
        home = await ground.files.run(partial(home_of, topic=self._topic, group=self._group))
        if home not in (None, ground.stage):
            raise Conflict("group_of_other_stage", "Another stage reads for this group and keeps its progress.")
        return await self._win()

    async def _win(self) -> dict[str, int]:
        loop = asyncio.get_running_loop()
        held: Held | None = None
        since = asked = loop.time()
        while True:
            patience = self._ground.lease_seconds
            hung = held if loop.time() - since >= patience else None
            found = await self._ground.writer.run(partial(self._try, hung=hung))
            if isinstance(found, Taken):
                self._lease = found.lease
                return found.positions
            if found != held:
                held, since = found, loop.time()
            if loop.time() - asked >= patience / 4:
                asked = loop.time()
                self._ground.waker.ask(found.owner)
            await asyncio.sleep(min(LOOK_SECONDS, patience / 8))

    def _try(self, connection: apsw.Connection, hung: Held | None) -> Taken | Held:
        alive = self._ground.waker.alive
        return leases.take(connection, self._topic, self._group, owner=self._wake.name, alive=alive, hung=hung)

    async def keep(self) -> None:
        """Give a sign of life to whoever asks, until cancelled; raises `Conflict("lease_lost")`."""
        while True:
            await self._wake.asked()
            try:
                await self._write(leases.beat)
            except Unavailable as error:
                log.warning("sign_of_life_failed", extra={"topic": self._topic, "reason": error.reason})

    async def complete(self, finished: Finished) -> None:
        """Make outputs and progress durable together; doing it again after an unclear answer writes nothing twice.

        Raises `Conflict("lease_lost")`, and nothing was written, when another owner has taken over.
        """

        def work(connection: apsw.Connection, lease: Lease) -> None:
            if leases.advance(connection, lease, finished.moves):
                self._ground.append(connection, finished.outputs)

        await self._write(work)

    async def _write(self, work: Callable[[apsw.Connection, Lease], None]) -> None:
        lease = self._lease
        if lease is None:
            raise Conflict("lease_lost", "The lease was not taken.")
        try:
            await self._ground.writer.run(lambda connection: work(connection, lease))
        except Conflict as error:
            self.lost = self.lost or error.reason == "lease_lost"
            raise
