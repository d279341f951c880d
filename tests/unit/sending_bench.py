"""A sender's surroundings on real databases, with a carrier whose answers a test writes down beforehand."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from gateway.bus.opening import open_bus
from gateway.bus.port import Beginning, Bus, Record
from gateway.files.local import LocalFiles
from gateway.outbox.carrier import NO_FILES, Delivered, FilesTaken, Handover, Parcel
from gateway.outbox.opening import open_outbox
from gateway.outbox.port import Outbox, Part, PartState
from gateway.projections.sqlite import SqliteDocuments
from gateway.runtime.bounded_child import BoundedChildren
from gateway.runtime.correspondents import Correspondents
from gateway.runtime.histories import to_message
from gateway.runtime.metrics import Metrics
from gateway.runtime.sending import Enclosures, FileReplies, Pace, Sender
from gateway.store.opening import open_store
from gateway.store.port import Store
from gateway.vault.provider import FileKeyProvider, add_master_key
from gateway.vault.sqlite import SqliteVault
from schemas.files import AnswerFile
from schemas.reply import Reply, ReplyEvent, ReplyPersonal
from schemas.vocabulary import Intake, Language, ReplyKind

AN, BINH = "0a" * 16, "0b" * 16


@dataclass
class ScriptedCarrier:
    """Answers as told for each text, else takes the message; a line longer than 20 signs is cut."""

    channel: str = "zalo"
    takes: FilesTaken = NO_FILES
    answers: dict[str, list[Handover | Exception]] = field(default_factory=dict)
    taken: list[Parcel] = field(default_factory=list)
    before: Callable[[Parcel], Awaitable[None]] | None = None

    def split(self, text: str) -> Sequence[str]:
        """Twenty signs a message."""
        return [text[at : at + 20] for at in range(0, len(text), 20)] or [""]

    async def hand_over(self, parcel: Parcel) -> Handover:
        """Note the call, wait as the test wishes, and answer."""
        self.taken.append(parcel)
        if self.before is not None:
            await self.before(parcel)
        answer = (self.answers.get(parcel.text) or [Delivered(f"m-{parcel.token}")]).pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def texts(self) -> list[str]:
        """What was handed over, in order."""
        return [parcel.text for parcel in self.taken]


@dataclass
class Bench:
    """The ports of one data folder, with a clock that a test moves forward."""

    outbox: Outbox
    store: Store
    vault: SqliteVault
    documents: SqliteDocuments
    bus: Bus
    files: LocalFiles
    children: BoundedChildren
    carrier: ScriptedCarrier
    metrics: Metrics = field(default_factory=Metrics)
    ahead: timedelta = timedelta()
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when senders have been told to stop."""

    def clock(self) -> datetime:
        """The present instant, as the test sees it."""
        return datetime.now(UTC) + self.ahead

    def sender(self, owner: str = "one", *, outbox: Outbox | None = None, pace: Pace | None = None) -> Sender:
        """One of several processes' senders."""
        return Sender(
            outbox=outbox or self.outbox,
            correspondents=Correspondents(self.documents, self.vault, "zalo"),
            enclosures=Enclosures(self.files, self.children),
            carrier=self.carrier,
            store=self.store,
            vault=self.vault,
            bus=self.bus,
            metrics=self.metrics,
            clock=self.clock,
            owner=owner,
            pace=pace or Pace(per_second=1000, at_once=4),
        )

    async def file(self, text: str, account: str = AN, *, reply_id: UUID | None = None) -> UUID:
        """What the send stage does with a reply; returns its id."""
        return await self.file_reply(a_reply(text, account, reply_id))

    async def file_reply(self, reply: Reply) -> UUID:
        """The same with a reply of one's own."""
        assert await self.stage()(record_of(reply)) == ()
        return reply.id

    def stage(self) -> FileReplies:
        """The send stage; what it says of files that are not carried names them."""
        return FileReplies(self.outbox, self.vault, self.carrier, self.clock, note=note)

    @asynccontextmanager
    async def running(self, *senders: Sender) -> AsyncIterator[None]:
        """Senders at work until the end of the block, then stopped as a process stops them."""
        tasks = [asyncio.create_task(sender.run()) for sender in senders or (self.sender(),)]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            self.stopping.set()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(one, asyncio.CancelledError) for one in ended), ended

    async def state(self, reply_id: UUID, number: int = 0) -> str:
        """How one part stands."""
        return (await self.found(reply_id, number)).state.value

    async def found(self, reply_id: UUID, number: int = 0) -> Part:
        """One part."""
        part = await self.outbox.part(reply_id, number)
        assert part is not None
        return part

    async def events(self) -> list[ReplyEvent]:
        """Everything that was told."""
        records = self.bus.read("reply.events", start=Beginning())
        return [ReplyEvent.model_validate_json(record.message.value) async for record in records]

    async def all_ended(self) -> bool:
        """Whether nothing waits, nothing is under way, and all was told."""
        counts = await self.outbox.counts("zalo")
        return not counts[PartState.WAITING] + counts[PartState.SENDING] and await self.all_told()

    async def all_told(self) -> bool:
        """Whether something was told, and nothing is left to be told."""
        return bool(await self.events()) and not await self.outbox.endings("zalo", limit=1)


def note(_: Reply, files: Sequence[AnswerFile]) -> str:
    """Where files are to be had."""
    return "see " + " ".join(one.personal.name for one in files)


def a_reply(text: str, account: str = AN, reply_id: UUID | None = None, channel: str = "zalo") -> Reply:
    """A reply of the normalizer."""
    return Reply(
        id=reply_id or uuid4(),
        history=f"conversation/{account}",
        channel=channel,
        intake=Intake.CHAT,
        account=account,
        code=None,
        kind=ReplyKind.RECEIPT,
        language=Language.VI,
        at=datetime.now(UTC),
        personal=ReplyPersonal(text=text),
    )


def record_of(reply: Reply) -> Record:
    """The reply as it lies on its topic."""
    message = to_message(f"replies.{reply.channel}", reply.account, reply, source="/test", at=reply.at)
    return Record(message, "normalizer/0", 0, reply.at)


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Bench]:
    """A bench on an empty folder, or on one that another process left behind."""
    keys = folder / "master.key"
    if not keys.exists():
        add_master_key(keys)
    made: list[Bench] = []

    def clock() -> datetime:
        return made[0].clock() if made else datetime.now(UTC)

    vault = SqliteVault(folder / "vault.db", FileKeyProvider(keys))
    bench = Bench(
        outbox=open_outbox(f"sqlite:///{folder / 'outbox.db'}", clock=clock),
        store=open_store(f"sqlite:///{folder / 'store.db'}", clock=clock),
        vault=vault,
        documents=SqliteDocuments(folder / "documents.db"),
        bus=open_bus(f"sqlite:///{folder / 'bus'}", "zalo_ingest.send", clock=clock),
        files=LocalFiles(folder / "files", vault, b"a" * 32),
        children=BoundedChildren(),
        carrier=ScriptedCarrier(),
    )
    made.append(bench)
    yield bench
    await bench.bus.close()
    await bench.children.close()
    for port in (bench.files, bench.outbox, bench.documents, bench.store, bench.vault):
        await port.close()
