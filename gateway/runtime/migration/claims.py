"""Claims that are facts: keys' fingerprints, idempotency keys, generations of tokens, what was put back or answered.

Leases are left out: they say who is at work, and after the move nobody is yet.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence

from gateway.runtime.deployment import Deployment
from gateway.runtime.migration.items import Item, item, paged, pages
from gateway.runtime.migration.marks import MIGRATION
from gateway.store.port import Claim

NO_FACTS = ("lease/", MIGRATION)
PAGE = 50


async def copy(source: Deployment, target: Deployment) -> None:
    """Claim the same in the target."""

    async def claims(last: Claim | None) -> Sequence[Claim]:
        return await source.store.claims(after=last.key if last else "", limit=PAGE)

    async for page in pages(claims):
        facts = [claim for claim in page if not claim.key.startswith(NO_FACTS)]
        await asyncio.gather(*(target.store.claim(one.key, one.value, until=one.until) for one in facts))


async def items(side: Deployment) -> AsyncIterator[Item]:
    """Every fact."""

    async def claims(last: Claim | None) -> Sequence[Claim]:
        return await side.store.claims(after=last.key if last else "")

    async for claim in paged(claims):
        if not claim.key.startswith(NO_FACTS):
            yield item("claims", claim.key, claim)
