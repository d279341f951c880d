"""What was recorded and never arrived is found and published again; what arrived is left alone, and may be repeated."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from gateway.bus.port import Beginning, End, Record
from gateway.domain.tracing import entering
from gateway.runtime.deployment import Deployment, open_deployment
from gateway.runtime.ledger.reading import LedgerReader
from gateway.runtime.reconciliation.finding import Writer
from gateway.runtime.reconciliation.mending import Mended, reconcile_once
from gateway.runtime.service import Consumer, keep_consuming
from schemas.topics import topic_for
from services.dispatcher import wiring as dispatcher
from services.normalizer import wiring as normalizer
from services.web_ingest import wiring as web_ingest
from tests.unit.filled import Commands, at_work, drained, sent, settings_of

WORDS = "Đèn đường trước số nhà 12 đường Hùng Vương, phường Bình Phước bị hỏng ba ngày nay, đề nghị sửa giúp."
AGAIN = "Đèn đường trước số nhà 12 đường Hùng Vương, phường Bình Phước vẫn hỏng, đề nghị sửa sớm."
CONTACT = {"name": "Nguyễn Văn An", "phone": "0912345678", "address": "12 Hùng Vương, phường Bình Phước"}
NO_GRACE = timedelta(0)


class Clock:
    """The machine's clock, an hour later with every round: nothing that was recorded before is young any more."""

    ahead = timedelta(0)

    def __call__(self) -> datetime:
        """The present instant."""
        return datetime.now(UTC) + self.ahead


def payload(words: str = WORDS) -> bytes:
    return json.dumps({"user_id": "u", "content": words, "contact": CONTACT}, ensure_ascii=False).encode()


@pytest_asyncio.fixture
async def deployment(tmp_path: Path) -> AsyncIterator[Deployment]:
    opened = await open_deployment(settings_of(tmp_path / "data"))
    opened.clock = Clock()
    yield opened
    await opened.close()


def writers(deployment: Deployment) -> tuple[Writer, Writer]:
    return normalizer.writer(deployment), dispatcher.writer(deployment)


def consumer_of(deployment: Deployment, stage: str, topic: str) -> Consumer:
    """One stage's consumer of one topic."""
    every = [
        *web_ingest.opened(deployment).consumers,
        *normalizer.consumers(deployment, normalizer.load_settings()),
        *dispatcher.consumers(dispatcher.service(deployment)),
    ]
    return next(one for one in every if (one.stage, one.topic) == (stage, topic))


async def at_work_alone(deployment: Deployment, consumer: Consumer) -> None:
    """One consumer works off what waits for it."""
    bus = deployment.bus(consumer.stage)
    task = asyncio.create_task(
        keep_consuming(consumer, bus, metrics=deployment.metrics, clock=deployment.clock),
    )
    await drained(deployment, [consumer])
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def on(deployment: Deployment, topic: str) -> list[Record]:
    return [record async for record in deployment.bus("look").read(topic, start=Beginning())]


async def killed_after_recording(deployment: Deployment, stage: str, topic: str) -> None:
    """The stage handled the topic's last record, published nothing, and its progress is past it all the same."""
    consumer = consumer_of(deployment, stage, topic)
    await consumer.handler((await on(deployment, topic))[-1])
    await deployment.bus(stage).seek(topic, group=stage, to=End())


async def round_of(deployment: Deployment) -> list[Mended]:
    assert isinstance(deployment.clock, Clock)
    deployment.clock.ahead += timedelta(hours=1)
    return [mended for writer in writers(deployment) for mended in await reconcile_once(deployment, writer, b"test")]


async def missing(deployment: Deployment) -> int:
    since = datetime.now(UTC) - timedelta(days=1)
    reader = LedgerReader(deployment.bus("ledger"), since=since, clock=deployment.clock, grace=NO_GRACE)
    return sum(len(one.unaccounted) for one in (await reader.balances()).values())


async def everything_follows(deployment: Deployment) -> None:
    """The other stages go on from what was mended: a ticket in an agency's queue, and nothing more to mend."""
    async with at_work(deployment) as consumers:
        await drained(deployment, consumers)
    agencies = [name for name in await deployment.bus("look").topics() if name.startswith("agency.")]
    assert [len(await on(deployment, name)) for name in agencies] == [1]
    assert await missing(deployment) == 0
    assert await round_of(deployment) == []


async def test_a_conversations_commit_that_was_never_published_is_mended(deployment: Deployment) -> None:
    await sent(deployment, payload(), user="an")
    await at_work_alone(deployment, consumer_of(deployment, "web_ingest.read", "raw.web"))
    await killed_after_recording(deployment, "normalizer", "inbound")
    assert await missing(deployment) == 1
    assert await on(deployment, "tickets") == []
    [mended] = await round_of(deployment)
    assert mended.missed.topic == "conversation.log"
    topics = {message.topic for message in mended.messages}
    assert topics == {"conversation.log", "submission.events", "tickets", "replies.web"}
    value = deployment.metrics.registry.get_sample_value("gateway_reconciled_total", {"stage": "normalizer"})
    assert value == 1.0
    await everything_follows(deployment)


async def test_a_tickets_commit_that_was_never_published_is_mended(deployment: Deployment) -> None:
    await sent(deployment, payload(), user="an")
    await at_work_alone(deployment, consumer_of(deployment, "web_ingest.read", "raw.web"))
    await at_work_alone(deployment, consumer_of(deployment, "normalizer", "inbound"))
    await at_work_alone(deployment, consumer_of(deployment, "web_ingest.send", "replies.web"))
    for stage in ("normalizer", "dispatcher"):
        await at_work_alone(deployment, consumer_of(deployment, stage, "reply.events"))
    await killed_after_recording(deployment, "dispatcher", "tickets")
    [mended] = await round_of(deployment)
    assert mended.missed.topic == "ticket.log"
    assert {message.topic.split(".")[0] for message in mended.messages} == {"ticket", "agency", "replies"}
    await everything_follows(deployment)


async def test_what_was_published_and_recorded_by_nobody_is_published_again_on_that_topic_only(
    deployment: Deployment,
) -> None:
    await sent(deployment, payload(), user="an")
    await at_work_alone(deployment, consumer_of(deployment, "web_ingest.read", "raw.web"))
    await at_work_alone(deployment, consumer_of(deployment, "normalizer", "inbound"))
    for stage, topic in (("dispatcher", "tickets"), ("web_ingest.send", "replies.web")):
        await deployment.bus(stage).seek(topic, group=stage, to=End())
    mended = await round_of(deployment)
    assert [[message.topic for message in one.messages] for one in mended] == [["tickets"], ["replies.web"]]
    assert await round_of(deployment) == [], "once ever; what is missed after that needs a person"
    await everything_follows(deployment)


async def test_what_is_still_waiting_is_not_missed(deployment: Deployment) -> None:
    await sent(deployment, payload(), user="an")
    await at_work_alone(deployment, consumer_of(deployment, "web_ingest.read", "raw.web"))
    consumer = consumer_of(deployment, "normalizer", "inbound")
    await consumer.handler((await on(deployment, "inbound"))[-1])
    assert await round_of(deployment) == [], "the record will be delivered again, and get its first answer"
    await at_work_alone(deployment, consumer)
    assert await round_of(deployment) == [], "the dispatcher has it still before it"
    await everything_follows(deployment)


async def test_nothing_happens_while_another_copy_looks(deployment: Deployment) -> None:
    await sent(deployment, payload(), user="an")
    await at_work_alone(deployment, consumer_of(deployment, "web_ingest.read", "raw.web"))
    await killed_after_recording(deployment, "normalizer", "inbound")
    key = "lease/reconciliation/normalizer"
    await deployment.store.claim(key, b"other", until=datetime.now(UTC) + timedelta(hours=2))
    assert await round_of(deployment) == []
    await deployment.store.release(key, b"other")
    assert len(await round_of(deployment)) == 1


async def test_of_an_erased_citizen_nothing_is_published_again(
    deployment: Deployment, caplog: pytest.LogCaptureFixture
) -> None:
    await sent(deployment, payload(), user="an")
    await at_work_alone(deployment, consumer_of(deployment, "web_ingest.read", "raw.web"))
    await killed_after_recording(deployment, "normalizer", "inbound")
    await deployment.vault.erase(deployment.identity.account("web", "app:an"))
    [mended] = await round_of(deployment)
    assert (mended.messages, mended.reason) == ((), "erased")
    assert await round_of(deployment) == []
    assert [record.message for record in caplog.records if "reconcil" in record.name] == ["not_reconciled"]
    assert await on(deployment, "tickets") == []


async def all_commits(deployment: Deployment, writer: Writer) -> Sequence[object]:
    names = await deployment.store.histories(writer.prefix)
    return [commit for name in names for commit in await deployment.store.commits(name)]


async def test_everything_published_twice_more_changes_nothing(deployment: Deployment) -> None:
    async with at_work(deployment) as consumers:
        await sent(deployment, payload(), user="an")
        await drained(deployment, consumers)
        await sent(deployment, payload(AGAIN), user="an")
        await sent(deployment, payload(), user="binh")
        await drained(deployment, consumers)
        commits = [await all_commits(deployment, writer) for writer in writers(deployment)]
        before = await distinct(deployment)
        replies = await deployment.documents.newest("reply", limit=1000)
        for stage in ("reconciliation", "reconciliation.again"):
            for writer in writers(deployment):
                for name in await deployment.store.histories(writer.prefix):
                    for commit in await deployment.store.commits(name):
                        messages = await writer.again(commit)
                        await deployment.bus(stage).publish(*map(entering, messages))
        await drained(deployment, consumers)
    assert [await all_commits(deployment, writer) for writer in writers(deployment)] == commits
    assert await distinct(deployment) == before
    assert {one.key for one in await deployment.documents.newest("reply", limit=1000)} == {one.key for one in replies}
    assert max(Counter(record.message.id for record in await on(deployment, "tickets")).values()) == 3


async def distinct(deployment: Deployment) -> dict[str, dict[str, bytes]]:
    """Every message by its id, as it was first published: what a subscriber makes of a topic."""
    found: dict[str, dict[str, bytes]] = {}
    for topic in await deployment.bus("look").topics():
        declared = topic_for(topic)
        assert declared is not None
        of_topic: dict[str, bytes] = {}
        for record in await on(deployment, topic):
            first = of_topic.setdefault(record.message.id, record.message.value)
            assert first == record.message.value or topic == "reply.events", f"{topic}: another value under one id"
        found[topic] = of_topic
    return found


async def test_operators_see_what_would_be_published_and_have_it_published(tmp_path: Path) -> None:
    data = tmp_path / "data"
    deployment = await open_deployment(settings_of(data))
    await sent(deployment, payload(), user="an")
    await at_work_alone(deployment, consumer_of(deployment, "web_ingest.read", "raw.web"))
    await killed_after_recording(deployment, "normalizer", "inbound")
    await deployment.close()

    def run(*options: str) -> str:
        result = Commands(data).run("reconcile", "--grace", "0", *options)
        assert result.exit_code == 0, result.output
        return result.stdout

    shown = [json.loads(line) for line in (await asyncio.to_thread(run, "--dry-run", "--json")).splitlines()]
    assert [one["missed_on"] for one in shown] == ["conversation.log"]
    assert "1 commit(s) would be published again." in await asyncio.to_thread(run, "--dry-run")
    assert "1 commit(s) published again." in await asyncio.to_thread(run)
    again = await open_deployment(settings_of(data))
    async with at_work(again) as consumers:
        await drained(again, consumers)
    await again.close()
    assert "Everything arrived." in await asyncio.to_thread(run, "--since", "2020-01-01T00:00:00", "--dry-run")
