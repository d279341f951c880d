"""Builds the lists and lookups anew from the histories; for a stopped gateway."""

import asyncio

from cli.screen import screen
from cli.session import opened
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
        return await rebuild(deployment.store, deployment.documents)
