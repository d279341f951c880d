"""What the outbox on MongoDB promises beyond the port: exclusive by single documents, whoever changes when."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from gateway.errors import Conflict, Unavailable
from gateway.mongo.connection import Connection
from gateway.outbox import mongo_queries, mongo_tenure
from gateway.outbox.mongo import MongoOutbox
from gateway.outbox.mongo_replies import REPLIES
from gateway.outbox.port import INTERRUPTED, Part, PartState
from tests.contract.outbox_play import AN, BINH, ECHO, NOON, at, due, filed, reply, states
from tests.servers import mongo

ROUNDS = 15


def opened(url: str) -> MongoOutbox:
    return MongoOutbox(url, echo=ECHO, clock=lambda: NOON)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return mongo.url_of(tmp_path)


@pytest_asyncio.fixture
async def outbox(url: str) -> AsyncIterator[MongoOutbox]:
    found = opened(url)
    yield found
    await found.close()


@pytest_asyncio.fixture
async def other(url: str) -> AsyncIterator[MongoOutbox]:
    found = opened(url)
    yield found
    await found.close()


async def test_of_twenty_clients_that_begin_one_part_one_does(url: str, outbox: MongoOutbox) -> None:
    (part,) = await filed(outbox)
    clients = [opened(url) for _ in range(20)]
    answers = await asyncio.gather(*(client.begin(part, NOON) for client in clients))
    assert sum(answers) == 1
    for client in clients:
        await client.close()


async def test_two_clients_never_have_two_parts_of_a_citizen_under_way(outbox: MongoOutbox, other: MongoOutbox) -> None:
    for number in range(ROUNDS):
        account = f"{number:032x}"
        (one,), (two,) = await filed(outbox, account), await filed(outbox, account)
        begun = await asyncio.gather(outbox.begin(one, NOON), other.begin(two, NOON))
        assert sum(begun) <= 1
        assert await states(outbox, [one]) + await states(outbox, [two]) == [
            "sending" if done else "waiting" for done in begun
        ]


async def test_what_is_begun_while_another_takes_over_is_interrupted_or_refused(
    outbox: MongoOutbox, other: MongoOutbox
) -> None:
    epoch = (await outbox.take_over("zalo", NOON)).epoch
    for number in range(ROUNDS):
        (part,) = await filed(outbox, f"{number:032x}")
        begun, tenure = await asyncio.gather(
            outbox.begin(part, NOON, epoch=epoch), other.take_over("zalo", NOON), return_exceptions=True
        )
        assert not isinstance(tenure, BaseException)
        if begun is True:
            assert (tenure.interrupted, await states(outbox, [part])) == (1, ["unknown"])
        else:
            assert isinstance(begun, Conflict)
            assert await states(outbox, [part]) in (["waiting"], ["unknown"])
        epoch = tenure.epoch


def before(patch: pytest.MonkeyPatch, name: str, call: int, act: Callable[[], Awaitable[object]]) -> None:
    """Do something just before the given call, counted from 1, of a step of beginning."""
    step, calls = getattr(mongo_tenure, name), [0]

    async def watched(*arguments: Any) -> Any:  # noqa: ANN401 - handed through
        calls[0] += 1
        if calls[0] == call:
            await act()
        return await step(*arguments)

    patch.setattr(mongo_tenure, name, watched)


async def test_a_part_that_is_repeated_while_it_is_looked_what_is_due_is_not_overtaken(
    outbox: MongoOutbox, other: MongoOutbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it held up was read before the operator's word, and what holds up after it."""
    (first,), (second,) = await filed(outbox), await filed(outbox)
    await outbox.begin(first, NOON)
    await outbox.unknown(first.reply_id, 0, reason="no_answer_in_time", now=NOON)
    blocked = mongo_queries._blocked

    async def after_a_word(connection: Connection, channel: str, now: datetime) -> dict[str, int]:
        assert await other.repeat(first.reply_id, 0, by="operator1", now=NOON)
        return await blocked(connection, channel, now)

    monkeypatch.setattr(mongo_queries, "_blocked", after_a_word)
    assert (second.reply_id, 0) not in await due(outbox)
    monkeypatch.undo()
    assert await due(outbox) == [(first.reply_id, 0)]


async def test_a_sender_replaced_before_its_change_takes_it_back(
    outbox: MongoOutbox, other: MongoOutbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    (part,) = await filed(outbox)
    epoch = (await outbox.take_over("zalo", NOON)).epoch
    before(monkeypatch, "_others", 1, lambda: other.take_over("zalo", NOON))
    with pytest.raises(Conflict):
        await outbox.begin(part, NOON, epoch=epoch)
    found = await outbox.part(part.reply_id, 0)
    assert found is not None
    assert (found.state, found.attempts) == (PartState.WAITING, 0)


async def test_a_sender_that_dies_before_it_looked_again_leaves_its_part_unknown(
    outbox: MongoOutbox, other: MongoOutbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    (part,), (free,) = await filed(outbox, AN), await filed(outbox, BINH)
    epoch = (await outbox.take_over("zalo", NOON)).epoch
    before(monkeypatch, "_others", 1, lambda: other.take_over("zalo", NOON))
    before(monkeypatch, "_refuse_replaced", 2, gone)
    with pytest.raises(Unavailable):
        await outbox.begin(part, NOON, epoch=epoch)
    assert await states(outbox, [part]) == ["sending"], "nobody took it back"
    assert await due(other) == [(free.reply_id, 0)]
    found = await other.part(part.reply_id, 0)
    assert found is not None
    assert (found.state, found.reason, found.due_at) == (PartState.UNKNOWN, INTERRUPTED, NOON + ECHO)


async def gone() -> None:
    raise Unavailable("gone")


async def test_what_is_filed_by_a_machine_whose_clock_is_behind_still_comes_after(
    outbox: MongoOutbox, other: MongoOutbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await filed(outbox)
    monkeypatch.setattr("gateway.outbox.mongo.time.time_ns", lambda: 1_000_000)
    second = await filed(other)
    assert await due(outbox) == [(first[0].reply_id, 0)]
    await outbox.sent(first[0].reply_id, 0, remote_id=None, now=NOON)
    assert await due(outbox) == [(second[0].reply_id, 0)]


async def test_changes_of_one_reply_by_many_at_once_all_hold(outbox: MongoOutbox, other: MongoOutbox) -> None:
    parts = reply(count=8)
    assert await outbox.file(parts)

    async def end(part: Part) -> None:
        client = outbox if part.number % 2 else other
        await client.sent(part.reply_id, part.number, remote_id=f"m{part.number}", now=at(part.number))

    await asyncio.gather(*(end(part) for part in parts))
    assert [part.remote_id for part in await outbox.parts(parts[0].reply_id)] == [f"m{number}" for number in range(8)]
    (ending,) = await outbox.endings("zalo", limit=9)
    assert (ending.state, ending.revision) == (PartState.SENT, 1)


async def test_an_echo_is_found_by_an_index_among_thousands(outbox: MongoOutbox) -> None:
    """Where it is looked for in every reply, each of a channel's echoes takes longer than the one before."""
    (part,) = await filed(outbox)
    await outbox.begin(part, NOON)
    await outbox.sent(part.reply_id, part.number, remote_id="the-one", now=NOON)
    replies = outbox._connection[REPLIES]
    doc = await replies.find_one({"_id": part.reply_id.hex})
    assert doc is not None
    others = ({**doc, "_id": f"{number:032x}", "lane": str(number)} for number in range(2_000))
    await replies.insert_many([{**one, "remote_ids": one["_id"]} for one in others])
    async with asyncio.timeout(15):
        for _ in range(20):
            found = await outbox.echoed(part.channel, remote_id="the-one", account=part.account)
            assert found is not None
            assert found.reply_id == part.reply_id
