"""The move itself: take the target, drain, copy, compare, and leave the old data folder marked."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass

from gateway.bus.port import Beginning
from gateway.domain.identity import Identity
from gateway.errors import Conflict, Invalid, Unavailable
from gateway.runtime.data_folder import DataFolder
from gateway.runtime.dead_letters import TOPIC as DEAD_LETTERS
from gateway.runtime.deployment import Deployment, open_deployment
from gateway.runtime.ground import refuse_unsafe
from gateway.runtime.kept_keys import key_of_data
from gateway.runtime.migration import claims, dead_letters, documents, files, histories, keys, marks, outbox
from gateway.runtime.migration.comparing import Compared, Comparison
from gateway.runtime.migration.draining import STAGE
from gateway.runtime.migration.items import Item
from gateway.runtime.settings import GatewaySettings
from gateway.store.opening import open_store

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Step:
    """One kind of what is moved."""

    name: str
    copy: Callable[[Deployment, Deployment], Awaitable[None]]
    items: Callable[[Deployment], AsyncIterator[Item]]


STEPS = (
    Step("keys of citizens", keys.copy, keys.items),
    Step("files", files.copy, files.items),
    Step("histories", histories.copy, histories.items),
    Step("claims", claims.copy, claims.items),
    Step("replies", outbox.copy, outbox.items),
    Step("documents", documents.copy, documents.items),
    Step("dead letters", dead_letters.copy, dead_letters.items),
)
"""In this order; see the package."""


async def take(settings: GatewaySettings, fingerprint: str) -> None:
    """Take the target of these settings for the data of an identity, before anything is copied there.

    Raises `Conflict("target_not_empty")`, `Conflict("moved")` where that identity's data runs already, and in
    production `Invalid` for a server that cannot keep what it acknowledged.
    """
    if not await refuse_unsafe(settings):
        raise Unavailable("target_away", "The broker or the store of the target does not answer.")
    store = open_store(settings.store_url)
    try:
        if await marks.take(store, fingerprint):
            raise Conflict("moved", "Data of this identity was moved to the target before, and may be in use there.")
    finally:
        await store.close()


async def finish(settings: GatewaySettings, source: Deployment) -> None:
    """Mark the old data folder, then let the target go; in between neither of them can be started."""
    marks.leave(source.folder, bus=settings.bus_url, store=settings.store_url, at=source.clock())
    if not await finished(settings, source.folder):
        raise Unavailable("not_marked", "The mark in the data folder is gone.")


async def finished(settings: GatewaySettings, folder: DataFolder) -> bool:
    """Whether the data folder was marked, which is the last step but letting the target go: that is done here.

    Raises `Conflict("moved")` for one that was moved elsewhere.
    """
    where = folder.moved_to()
    if where is None:
        return False
    if (where.bus, where.store) != (marks.shown(settings.bus_url), marks.shown(settings.store_url)):
        folder.refuse_moved()
    identity = Identity(key_of_data(folder, "identity", settings.profile, written=True))
    store = open_store(settings.store_url)
    try:
        if not await marks.let_go(store, identity.fingerprint(), where.at):
            folder.refuse_moved()
    finally:
        await store.close()
    return True


async def move(source: Deployment, settings: GatewaySettings, say: Say) -> Sequence[Compared]:
    """Copy everything of a drained data folder that nobody else uses to where the settings say, and compare.

    Repeat it after an interruption: it goes on with what is not there yet. Raises `Conflict("target_not_empty")` for
    topics that are in use, and `Invalid("copy_differs")` with the first record that is not there as it should be.
    """
    target = await open_deployment(settings, moving=True)
    try:
        await _refuse_used_topics(target)
        for step in STEPS:
            say(f"copying {step.name}")
            await step.copy(source, target)
        comparison = await compared(source, target, say)
    finally:
        await target.close()
    return _proven(comparison)


async def compared(source: Deployment, target: Deployment, say: Say) -> Comparison:
    """Both sides, record by record."""
    comparison = Comparison()
    for step in STEPS:
        say(f"comparing {step.name}")
        await comparison.add(step.items(source), step.items(target))
    return comparison


async def counted(source: Deployment) -> Sequence[Compared]:
    """What would be moved, with nothing on the other side."""
    comparison = Comparison()
    for step in STEPS:
        await comparison.add(step.items(source), _nothing())
    return comparison.rows()


class CopyDiffers(Invalid):
    """The copy is not what it was made of; `rows` says by kind."""

    def __init__(self, rows: Sequence[Compared], first: Item) -> None:
        """Take what was compared, and the first record that differs."""
        super().__init__(
            "copy_differs", f"The first record that is not there as it should be: {first.kind}, {first.name}."
        )
        self.rows = rows


def _proven(comparison: Comparison) -> Sequence[Compared]:
    rows = comparison.rows()
    if comparison.first is not None:
        raise CopyDiffers(rows, comparison.first)
    return rows


async def _refuse_used_topics(target: Deployment) -> None:
    """Topics start empty, but for the dead letters of an interrupted move; records of others would be handled again."""
    bus = target.bus(STAGE)
    for topic in await bus.topics():
        if topic != DEAD_LETTERS:
            async for _ in bus.read(topic, start=Beginning()):
                raise Conflict("target_not_empty", f"There are records on {topic} already; name another prefix.")


async def _nothing() -> AsyncIterator[Item]:
    """A side on which there is nothing."""
    return
    yield
