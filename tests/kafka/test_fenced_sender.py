"""A producer that another one has fenced while it had still something to send ends without a word to the log."""

import asyncio
from typing import Any

import pytest
from aiokafka.errors import NodeNotReadyError, ProducerFenced

from gateway.bus.kafka.outlet import Outlet
from gateway.bus.kafka.publishing import Ink
from gateway.bus.kafka.topics import Topics
from tests.contract.bus_play import PATIENCE, TIME, message
from tests.kafka.conftest import Buses

pytestmark = pytest.mark.timeout(400)


async def test_a_batch_that_waits_for_another_attempt_when_its_sender_ends_is_no_fault(
    buses: Buses, unhandled: list[dict[str, Any]]
) -> None:
    """Nobody awaits the attempt any more: what it raised would be told when its garbage is searched for, anywhere."""
    await buses.open("web_ingest.read").publish(message("first"))
    topics = Topics(buses.cluster)
    outlet = Outlet(buses.cluster, transactional_id=buses.cluster.publisher("x", "y"))
    producer = await outlet.get()
    ink = Ink(buses.cluster, topics, lambda: TIME)
    refused = asyncio.Event()

    async def refuse(*_: object, **__: object) -> None:
        refused.set()
        raise NodeNotReadyError

    def fenced() -> None:
        raise ProducerFenced

    await producer.begin_transaction()
    first = await ink.put(producer, message("second"))
    await asyncio.wait([first], timeout=PATIENCE)
    producer.client.send = refuse
    second = await ink.put(producer, message("third"))
    await asyncio.wait_for(refused.wait(), PATIENCE)
    attempts = [task for task in asyncio.all_tasks() if "_send_produce_req" in repr(task.get_coro())]
    producer._sender._maybe_do_transactional_request = fenced
    producer._txn_manager.notify_task_waiter()
    await asyncio.wait(attempts, timeout=PATIENCE)
    assert [attempt.exception() for attempt in attempts] == [None]
    with pytest.raises(ProducerFenced):
        await second
    outlet.drop(producer)
    await outlet.close()
    await topics.close()
    assert unhandled == []
