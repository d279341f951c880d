"""One submission is one trace from the form to the agency's queue, and handling it again repeats every header."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest_asyncio

from gateway.bus.port import Beginning, Record
from gateway.domain.tracing import FORMAT, entering, trace_id
from gateway.runtime.deployment import Deployment, open_deployment
from gateway.runtime.guard import Guard
from gateway.runtime.service import Consumer
from tests.unit.filled import at_work, drained, sent, settings_of

NOON = datetime(2026, 3, 2, 5, tzinfo=UTC)
LAMP = (
    '{"content": "Đèn đường trước số nhà 12 đường Hùng Vương hỏng ba ngày nay.", "user_id": "u1", "contact":'
    ' {"name": "Nguyễn Văn An", "phone": "0912345678", "address": "12 Hùng Vương, phường Tân Phú, Đồng Xoài"}}'
).encode()


@pytest_asyncio.fixture
async def deployment(tmp_path: Path) -> AsyncIterator[Deployment]:
    opened = await open_deployment(settings_of(tmp_path))
    opened.clock = lambda: NOON
    yield opened
    await opened.close()


async def on_all_topics(deployment: Deployment) -> list[Record]:
    bus = deployment.bus("look")
    return [record for topic in await bus.topics() async for record in bus.read(topic, start=Beginning())]


async def played(deployment: Deployment) -> list[Consumer]:
    async with at_work(deployment) as consumers:
        await sent(deployment, LAMP, user="u1")
        await drained(deployment, consumers)
        return consumers


async def test_one_submission_is_one_trace_on_every_topic(deployment: Deployment) -> None:
    await played(deployment)
    records = await on_all_topics(deployment)
    topics = {record.message.topic.split(".")[0] for record in records}
    assert topics >= {"raw", "inbound", "tickets", "agency", "ticket", "replies", "reply", "submission", "conversation"}
    assert all(FORMAT.fullmatch(record.message.traceparent) for record in records)
    [raw] = [record.message for record in records if record.message.topic == "raw.web"]
    assert raw == entering(raw)
    assert {trace_id(record.message) for record in records} == {raw.id.replace("-", "")}


async def test_what_is_handled_again_has_the_same_headers(deployment: Deployment) -> None:
    consumers = await played(deployment)
    records = await on_all_topics(deployment)
    before = {(record.message.topic, record.message.id): record.message.headers() for record in records}
    repeated = 0
    for consumer in consumers:
        guard = Guard(
            consumer.handler,
            stage=consumer.stage,
            group=consumer.group,
            metrics=deployment.metrics,
            clock=deployment.clock,
        )
        for record in (one for one in records if one.message.topic == consumer.topic):
            for message in await guard(record):
                assert message.headers() == before[message.topic, message.id]
                repeated += 1
    assert repeated >= len(records) - 1
