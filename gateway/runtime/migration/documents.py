"""Documents, in the order of their writing: projected ones, and those that no history could give again.

The latter are how far a mailbox was read, where a citizen is answered, what a page showed; so all are copied and none
rebuilt. The roster is left out: it says what runs where, and in the cluster nothing has run yet.
"""

from collections.abc import AsyncIterator, Sequence
from functools import partial

from gateway.projections.port import Documents, Written
from gateway.runtime.deployment import Deployment
from gateway.runtime.migration.items import Item, item, paged
from gateway.runtime.roster import KIND as ROSTER


async def copy(source: Deployment, target: Deployment) -> None:
    """Write them in the target in the same order; one that is there in this version keeps its place."""
    async for written in _all(source):
        await target.documents.put(written.document)


async def items(side: Deployment) -> AsyncIterator[Item]:
    """Every document, by kind and order of writing."""
    async for written in _all(side):
        yield item("documents", f"{written.document.kind} {written.document.key}", written.document)


async def _all(side: Deployment) -> AsyncIterator[Written]:
    for kind in await side.documents.kinds():
        if kind != ROSTER:
            async for written in paged(partial(_page, side.documents, kind)):
                yield written


async def _page(documents: Documents, kind: str, last: Written | None) -> Sequence[Written]:
    return await documents.written(kind, after=last)
