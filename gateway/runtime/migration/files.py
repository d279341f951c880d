"""Files: sealed bytes under their addresses, copied without being opened."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from gateway.runtime.deployment import Deployment
from gateway.runtime.migration.items import Item, item, paged

AT_ONCE = 4
"""Files in memory at a time; the largest has 60 MB."""

PAGE = 500


async def copy(source: Deployment, target: Deployment) -> None:
    """Keep all files at their addresses; those that are there already are not even read."""
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(address: str) -> None:
        async with slots:
            await target.files.adopt(address, await source.files.sealed(address))

    last = ""
    while page := await source.files.addresses(after=last, limit=PAGE):
        there = set(await target.files.addresses(after=last, limit=PAGE))
        await asyncio.gather(*(one(address) for address in page if address not in there))
        last = page[-1]


async def items(side: Deployment) -> AsyncIterator[Item]:
    """Every file with its bytes."""

    async def addresses(last: str | None) -> Sequence[str]:
        return await side.files.addresses(after=last or "", limit=PAGE)

    async for address in paged(addresses):
        yield item("files", address, await side.files.sealed(address))
