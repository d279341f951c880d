"""Builds the lists and lookups anew from the histories; for a stopped gateway."""

import asyncio

from cli.screen import screen
from cli.session import opened
from gateway.bus.port import Positions
from gateway.runtime.background import projection_consumers
from gateway.runtime.rebuild import rebuild
from services.upkeep.wiring import SERVICE as UPKEEP


def command() -> None:
    """Forget the projected documents and fold every commit again.

    The gateway must not run meanwhile; a citizen's replies and the histories themselves are not touched.
    """
    count = asyncio.run(_rebuilt())
    screen().print(f"Folded {count} commits.")


async def _rebuilt() -> int:
    async with opened() as deployment:
        deployment.only_copy(UPKEEP)
        # Where copies may run on other machines, the groups of the bus know of them.
        for consumer in projection_consumers(deployment):
            await deployment.bus(consumer.stage).seek(consumer.topic, group=consumer.group, to=Positions({}))
        return await rebuild(deployment.store, deployment.documents)
