"""The citizens' data keys, wrapped as they lie, the proofs of the master keys, and the tombstones of the erased."""

from collections.abc import AsyncIterator, Sequence

from gateway.runtime.deployment import Deployment
from gateway.runtime.migration.items import Item, item, paged, pages
from gateway.vault.wrapping import WrappedKey

PAGE = 100


async def copy(source: Deployment, target: Deployment) -> None:
    """Keep all of them in the target's vault; raises `Conflict("other_key")`."""

    async def keys(last: WrappedKey | None) -> Sequence[WrappedKey]:
        return await source.vault.wrapped(after=last.owner if last else "", limit=PAGE)

    async def erased(last: str | None) -> Sequence[str]:
        return await source.vault.erased(after=last or "", limit=PAGE)

    await target.vault.adopt(masters=await source.vault.masters())
    async for owners in pages(erased):
        await target.vault.adopt(erased=owners)
    async for page in pages(keys):
        await target.vault.adopt(keys=page)


async def items(side: Deployment) -> AsyncIterator[Item]:
    """Proofs, keys and tombstones."""

    async def keys(last: WrappedKey | None) -> Sequence[WrappedKey]:
        return await side.vault.wrapped(after=last.owner if last else "")

    async def erased(last: str | None) -> Sequence[str]:
        return await side.vault.erased(after=last or "")

    for name, proof in sorted((await side.vault.masters()).items()):
        yield item("master keys", name, proof)
    async for key in paged(keys):
        yield item("data keys", key.owner, key)
    async for owner in paged(erased):
        yield item("erased citizens", owner)
