"""What every bus promises to those who publish."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.bus.port import Beginning
from gateway.errors import Invalid, Unavailable
from schemas.envelope import Message
from tests.contract.bus_play import TIME, everything, growing, ids, message
from tests.contract.conftest import Deployment

WELL_FORMED = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
MESSAGES = st.builds(
    Message,
    topic=st.sampled_from(["inbound", "tickets", "agency.so_y_te", "raw.web"]),
    key=WELL_FORMED,
    id=WELL_FORMED,
    type=WELL_FORMED,
    source=WELL_FORMED,
    time=st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=7))])),
    value=st.binary(max_size=2000),
    subject=WELL_FORMED,
    traceparent=WELL_FORMED,
)


async def test_a_message_is_read_back_whole(deployment: Deployment) -> None:
    sent = Message(
        topic="inbound",
        key="ba1f" * 8,
        id="4e3f",
        type="vn.1022.inbound.v1",
        source="web_ingest.read",
        time=TIME,
        value="Đèn đường hỏng ở ngã tư \u0000 Đồng Xoài".encode(),
        subject="submission",
        traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    )
    bus = deployment.bus("web_ingest.read")
    before = datetime.now(UTC)
    await bus.publish(sent)
    (found,) = await everything(bus)
    assert found.message == sent
    assert found.offset == 0
    assert before - timedelta(milliseconds=1) <= found.published_at <= datetime.now(UTC)
    assert found.published_at.utcoffset() == timedelta(0)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sent=st.lists(MESSAGES, max_size=8, unique_by=lambda one: one.id))
async def test_any_messages_are_read_back_whole_and_in_order(deployment: Deployment, sent: list[Message]) -> None:
    stage = f"stage_{uuid4().hex}"
    bus = deployment.bus(stage)
    mine = [replace(one, source=stage) for one in sent]
    await bus.publish(*mine)
    for place in {(one.topic, one.key) for one in mine}:
        found = [one for one in await everything(bus, place[0]) if one.message.source == stage]
        ordered = [record for record in found if record.message.key == place[1]]
        assert [record.message for record in ordered] == [one for one in mine if (one.topic, one.key) == place]
        assert len({record.partition for record in ordered}) == 1
        assert growing([record.offset for record in ordered])
        assert len(found) == len([one for one in mine if one.topic == place[0]])
    await bus.close()
    deployment.buses.remove(bus)


async def test_what_is_published_is_read_in_order_per_key(deployment: Deployment) -> None:
    bus = deployment.bus("web_ingest.read")

    async def write(key: str) -> None:
        for number in range(20):
            await bus.publish(message(f"{key}{number}", key=key))

    await asyncio.gather(*(write(key) for key in "abcdefgh"))
    found = await everything(bus)
    assert len(found) == 160
    for key in "abcdefgh":
        assert ids([record for record in found if record.message.key == key]) == [f"{key}{n}" for n in range(20)]


async def test_publish_is_all_or_none(deployment: Deployment) -> None:
    bus = deployment.bus("web_ingest.read")
    with pytest.raises(Invalid):
        await bus.publish(message(1), message(2, topic="tickets"), message(3, topic="nowhere"))
    assert await bus.topics() == []
    await bus.publish(message(1), message(2, topic="tickets"))
    assert (ids(await everything(bus)), ids(await everything(bus, "tickets"))) == (["1"], ["2"])


async def test_too_big_is_refused_before_anything_is_written(deployment: Deployment) -> None:
    bus = deployment.bus("web_ingest.read", max_message_bytes=10_000)
    with pytest.raises(Invalid, match="message_too_large"):
        await bus.publish(message(1), message(2, value=b"x" * 10_001))
    assert await everything(bus) == []
    await bus.publish(message(3, value=b"x" * 9_900))
    assert ids(await everything(bus)) == ["3"]


async def test_a_dead_letter_has_room_for_the_largest_record(deployment: Deployment) -> None:
    bus = deployment.bus("normalizer", max_message_bytes=10_000)
    await bus.publish(message(1, topic="dlq", value=b"x" * 14_000))
    assert ids(await everything(bus, "dlq")) == ["1"]


@pytest.mark.parametrize("topic", ["", "nowhere", "raw.telegram", "inbound ", "agency."])
async def test_an_undeclared_topic_is_refused(deployment: Deployment, topic: str) -> None:
    bus = deployment.bus("web_ingest.read")
    with pytest.raises(Invalid, match="unknown_topic"):
        await bus.publish(message(1, topic=topic))


@pytest.mark.parametrize(
    ("spoiled", "reason"),
    [
        (replace(message(1), key="\ud800"), "lone_surrogate"),
        (replace(message(1), subject="\udfff"), "lone_surrogate"),
        (replace(message(1), time=TIME.replace(tzinfo=None)), "naive_time"),
    ],
)
async def test_what_could_not_be_read_back_is_refused(deployment: Deployment, spoiled: Message, reason: str) -> None:
    bus = deployment.bus("web_ingest.read")
    with pytest.raises(Invalid, match=reason):
        await bus.publish(spoiled)


async def test_publishing_nothing_is_allowed(deployment: Deployment) -> None:
    bus = deployment.bus("web_ingest.read")
    await bus.publish()
    assert await bus.topics() == []


async def test_topics_are_those_that_exist_sorted(deployment: Deployment) -> None:
    await deployment.bus("normalizer").publish(message(1, topic="tickets"), message(2, topic="submission.events"))
    await deployment.bus("dispatcher").publish(message(3, topic="agency.so_y_te"))
    found = await deployment.bus("cli").topics()
    assert found == ["agency.so_y_te", "submission.events", "tickets"]


async def test_closing_finishes_publishes_under_way_and_refuses_later_ones(deployment: Deployment) -> None:
    bus = deployment.bus("web_ingest.read")
    await bus.publish(message("first"))
    under_way = [asyncio.create_task(bus.publish(message(number))) for number in range(50)]
    await asyncio.sleep(0)
    await bus.close()
    answers = await asyncio.gather(*under_way, return_exceptions=True)
    with pytest.raises(Unavailable, match="closed"):
        await bus.publish(message("late"))
    found = ids(await everything(deployment.bus("cli")))
    assert found[0] == "first"
    assert found[1:] == [str(number) for number, answer in enumerate(answers) if answer is None]
    assert "late" not in found


async def test_two_processes_may_publish_as_the_same_stage(deployment: Deployment) -> None:
    buses = [deployment.bus("cli") for _ in range(3)]
    await asyncio.gather(*(bus.publish(message(number)) for number, bus in enumerate(buses * 10)))
    found = [record async for record in buses[0].read("inbound", start=Beginning())]
    assert sorted(ids(found), key=int) == [str(number) for number in range(30)]
    assert growing([record.offset for record in found])
