"""Histories, commit by commit under the ids of their causes, with their index entries, snapshots and open timers.

A commit is recorded in the target as it was in the source, so a message that comes again gets its first answer there
too, and its timers and index entries follow from it. The index is laid down before: histories come by name, and were
indexed in another order.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from itertools import groupby

from gateway.errors import Conflict
from gateway.runtime.deployment import Deployment
from gateway.runtime.migration.items import Item, item, paged, pages
from gateway.store.port import Entry, Store

AT_ONCE = 16
"""Histories that are copied side by side; each is in memory whole."""


async def copy(source: Deployment, target: Deployment) -> None:
    """Record everything in the target's store; raises `Conflict("diverged")` where it holds another past."""

    async def entries(last: Entry | None) -> Sequence[Entry]:
        return await source.store.terms(after=last)

    async def names(last: str | None) -> Sequence[str]:
        return await source.store.histories("", after=last or "", limit=AT_ONCE)

    async for page in pages(entries):
        groups = [list(group) for _, group in groupby(page, key=lambda entry: entry.term)]
        await asyncio.gather(*(_index(target.store, group) for group in groups))
    async for histories in pages(names):
        await asyncio.gather(*(_copy_history(source.store, target.store, history) for history in histories))


async def _index(target: Store, entries: Sequence[Entry]) -> None:
    """One term's entries, one after another."""
    for entry in entries:
        await target.index(entry.term, entry.history)


async def _copy_history(source: Store, target: Store, history: str) -> None:
    """What the target does not have yet, and the snapshot."""
    there = (await target.load(history)).version
    for commit in await source.commits(history, after=there):
        if await target.record(commit) != commit:
            raise Conflict("diverged", "The target holds another past of a history.")
    kept = await source.load(history)
    if kept.snapshot is not None:
        await target.snapshot(history, kept.snapshot_version, kept.snapshot)


async def items(side: Deployment) -> AsyncIterator[Item]:
    """The index in its order, then each history's commits, snapshot and open timers."""
    store = side.store

    async def entries(last: Entry | None) -> Sequence[Entry]:
        return await store.terms(after=last)

    async def names(last: str | None) -> Sequence[str]:
        return await store.histories("", after=last or "")

    async for entry in paged(entries):
        yield item("index entries", f"{entry.term} {entry.history}")
    async for history in paged(names):
        for commit in await store.commits(history):
            yield item("commits", f"{history} {commit.version}", commit)
        kept = await store.load(history)
        if kept.snapshot is not None:
            yield item("snapshots", history, kept.snapshot_version, kept.snapshot)
        for timer in await store.timers(history):
            yield item("open timers", f"{history} {timer.kind}", timer)
