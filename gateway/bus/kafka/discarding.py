"""Ends clients of aiokafka within a bounded time, those too whose broker does not answer."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from itertools import chain

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import ProducerClosed

from gateway.bus.kafka.closing import close_connections

log = logging.getLogger(__name__)

STOP_SECONDS = 5.0
ATTEMPTS = 20


class _UnderWay(set[object]):
    """Batches that are under way. Taking off one that failed meanwhile is no fault."""

    def remove(self, batch: object, /) -> None:
        """Take a batch off the list, on which it need not be any more."""
        self.discard(batch)


def let_attempts_end(producer: AIOKafkaProducer) -> None:
    """Let a new producer's attempts to send end without a word where its sender ends before them.

    A batch is taken off the list of those under way when it fails, and when it goes back for another attempt. One that
    goes through both is taken off twice, which would raise within the loop or in a task that nobody awaits.
    """
    producer._message_accumulator._pending_batches = _UnderWay()  # noqa: SLF001 - no public way does not raise


async def discard_producer(producer: AIOKafkaProducer) -> None:
    """End a producer whose state is not known, without waiting for what it still has to send.

    `AIOKafkaProducer.stop` sends everything first, and without a broker never returns.
    """
    sender, pending = producer._sender, producer._message_accumulator  # noqa: SLF001 - no public way ends it unflushed
    waiting = list(chain.from_iterable(pending._batches.values()))  # noqa: SLF001 - as above
    batches = [*waiting, *pending._pending_batches]  # noqa: SLF001 - as above
    pending.fail_all(ProducerClosed())
    for batch in batches:
        told = [future for future, _ in batch._msg_futures]  # noqa: SLF001 - as above
        _mark_seen([batch.future, batch._drain_waiter, *told])  # noqa: SLF001 - as above
    # A sender that ended by itself has failed the transaction too, even where nobody has come to wait for its end.
    _mark_seen([_transaction_of(producer)])
    await _cancel(lambda: _tasks_of(sender))
    producer._closed = True  # noqa: SLF001 - as above
    await close_connections(producer.client)


def why_transaction_ended(producer: AIOKafkaProducer) -> BaseException | None:
    """What made a transaction fail under its user; None if nothing did."""
    end = _transaction_of(producer)
    return end.exception() if end is not None and end.done() and not end.cancelled() else None


async def stop_producer(producer: AIOKafkaProducer) -> None:
    """End a producer after what it has to send is sent, if that takes no longer than `STOP_SECONDS`."""
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await producer.flush()
    except TimeoutError:
        log.warning("kafka_producer_not_flushed")
    await discard_producer(producer)


async def stop_consumer(consumer: AIOKafkaConsumer) -> None:
    """Leave the group and end a consumer; one that cannot is abandoned, and its session ends by itself."""
    # A task, since `stop` raises CancelledError when the consumer's own tasks have not had their first turn yet.
    stopping = asyncio.create_task(consumer.stop())
    await asyncio.wait([stopping], timeout=STOP_SECONDS)
    if stopping.done() and not stopping.cancelled() and stopping.exception() is None:
        return
    if not stopping.done():
        log.warning("kafka_consumer_abandoned")
    parts = (consumer, consumer._coordinator, consumer._fetcher)  # noqa: SLF001 - it did not end in the public way
    await _cancel(lambda: [task for part in parts for task in _tasks_of(part)])
    await close_connections(consumer._client)  # noqa: SLF001 - as above


async def close_admin(admin: AIOKafkaAdminClient) -> None:
    """Close an admin client's connections, those too that broke."""
    await close_connections(admin._client)  # noqa: SLF001 - its own `close` waits for the broker
    admin._closed = True  # noqa: SLF001 - as above


def _transaction_of(producer: AIOKafkaProducer) -> "asyncio.Future[object] | None":
    """What ends with the producer's transaction; None for one that has or knows none."""
    manager = producer._txn_manager  # noqa: SLF001 - it is told to whoever commits, and to nobody else
    return None if manager is None else manager._transaction_waiter  # noqa: SLF001 - as above


def _mark_seen(futures: Iterable["asyncio.Future[object] | None"]) -> None:
    """Whoever still waits for one of these is told; that nobody waits for the others is no fault to be logged."""
    for future in futures:
        if future is not None and future.done() and not future.cancelled():
            future.exception()


def _tasks_of(part: object) -> list["asyncio.Task[object]"]:
    """The tasks that run methods of a part of a client: it keeps no list of them itself."""
    found = []
    for task in asyncio.all_tasks():
        frame = getattr(task.get_coro(), "cr_frame", None)
        if part is not None and frame is not None and frame.f_locals.get("self") is part:
            found.append(task)
    return found


async def _cancel(running: Callable[[], list["asyncio.Task[object]"]]) -> None:
    """Cancel until nothing runs: the sender answers a first cancellation by waiting for its own tasks."""
    for _ in range(ATTEMPTS):
        tasks = running()
        if not tasks:
            return
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=0.1)
    log.error("kafka_tasks_left", extra={"tasks": len(running())})
