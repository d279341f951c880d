"""A consumer's lease from taking to leaving; every completion goes through it, so that a stale owner is refused."""

import asyncio
import logging
from collections.abc import Callable
from functools import partial

import apsw

from gateway.bus.sqlite import lease as leases
from gateway.bus.sqlite.ground import Ground
from gateway.bus.sqlite.lease import Lease
from gateway.bus.sqlite.progress import home_of
from gateway.bus.sqlite.window import Finished
from gateway.errors import Conflict, Unavailable

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.2
"""How often a waiting copy looks whether the lease is free; looking writes nothing."""


class Ownership:
    """One owner's right to read a topic for a group."""

    def __init__(self, ground: Ground, topic: str, group: str, owner: str) -> None:
        """Prepare to become `owner`, the name of this consumer's wake-up socket."""
        self._ground = ground
        self._topic = topic
        self._group = group
        self._owner = owner
        self._lease: Lease | None = None
        self.lost = False

    async def take(self) -> dict[str, int]:
        """Wait until the group has no live owner, become it, and learn the positions.

        Raises `Conflict("group_of_other_stage")` when the group's progress lies in another stage's file.
        """
        ground = self._ground
        home = await ground.files.run(partial(home_of, topic=self._topic, group=self._group))
        if home not in (None, ground.stage):
            raise Conflict("group_of_other_stage", "Another stage reads for this group and keeps its progress.")
        while True:
            taken = await ground.writer.run(self._try)
            if taken is not None:
                self._lease, positions = taken
                return positions
            await asyncio.sleep(min(LOOK_SECONDS, ground.lease_seconds / 4))

    def _try(self, connection: apsw.Connection) -> tuple[Lease, dict[str, int]] | None:
        return leases.take(
            connection,
            self._topic,
            self._group,
            owner=self._owner,
            term=self._ground.term(),
            alive=self._ground.waker.reachable,
        )

    async def keep(self) -> None:
        """Renew the lease until cancelled; raises `Conflict("lease_lost")`."""
        while True:
            await asyncio.sleep(self._ground.lease_seconds / 3)
            try:
                await self._write(lambda connection, lease: leases.renew(connection, lease, self._ground.term()))
            except Unavailable as error:
                log.warning("lease_not_renewed", extra={"topic": self._topic, "reason": error.reason})

    async def complete(self, finished: Finished) -> None:
        """Make outputs and progress durable together; doing it again after an unclear answer writes nothing twice.

        Raises `Conflict("lease_lost")`, and nothing was written, when another owner has taken over.
        """

        def work(connection: apsw.Connection, lease: Lease) -> None:
            if leases.advance(connection, lease, finished.moves, self._ground.term()):
                self._ground.append(connection, finished.outputs)

        await self._write(work)

    async def leave(self) -> None:
        """Let the next owner in at once."""
        await self._write(leases.leave)

    async def _write(self, work: Callable[[apsw.Connection, Lease], None]) -> None:
        lease = self._lease
        if lease is None:
            raise Conflict("lease_lost", "The lease was not taken.")
        try:
            await self._ground.writer.run(lambda connection: work(connection, lease))
        except Conflict as error:
            self.lost = self.lost or error.reason == "lease_lost"
            raise
