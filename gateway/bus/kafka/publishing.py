"""Publishes for a stage: one message by itself, several in one transaction; durable on return, and bounded in time."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import IllegalOperation

from gateway.bus.kafka.cluster import Cluster
from gateway.bus.kafka.discarding import why_transaction_ended
from gateway.bus.kafka.errors import kafka_errors
from gateway.bus.kafka.outlet import Outlet
from gateway.bus.kafka.topics import Topics
from gateway.bus.kafka.wire import millis, written
from gateway.errors import Conflict, GatewayError, Invalid, Unavailable
from schemas.envelope import Message

TOGETHER = 500
"""Most messages in one transaction of several publishers, unless a single one has more."""

Sent = asyncio.Future[object]


@dataclass(frozen=True, slots=True)
class Ink:
    """What every writer needs: where topics are, and the clock that dates what is published."""

    cluster: Cluster
    topics: Topics
    clock: Callable[[], datetime]

    async def put(self, producer: AIOKafkaProducer, message: Message) -> Sent:
        """Hand a message to a producer; what is returned is done when the broker has confirmed it.

        Which partition a key goes to is murmur2's answer, as with Kafka's own producers.
        """
        found = written(message)
        sent: Sent = await producer.send(
            self.cluster.topic(message.topic),
            value=found.value,
            key=found.key,
            headers=found.headers,
            timestamp_ms=millis(self.clock()),
        )
        return sent

    async def transact(
        self,
        producer: AIOKafkaProducer,
        messages: Sequence[Message],
        *,
        offsets: Mapping[TopicPartition, tuple[int, str]] | None = None,
        group: str = "",
    ) -> None:
        """Write all of them and the group's progress, or nothing; after any exception the producer must be dropped.

        Each confirmation is waited for before the commit: a commit by itself would not tell of a refused message.
        """
        steps: list[asyncio.Future[object]] = []
        try:
            await producer.begin_transaction()
            for message in messages:
                steps.append(await self.put(producer, message))  # noqa: PERF401 - those given are ended, if one fails
            if offsets:
                # Beside the messages, not after them: one way to the broker and back less in every transaction.
                steps.append(asyncio.create_task(producer.send_offsets_to_transaction(dict(offsets), group)))
            await asyncio.gather(*steps)
            await producer.commit_transaction()
        except (IllegalOperation, AssertionError) as error:
            # Its sender has ended meanwhile, and all it says is that there is no transaction: that is not the cause.
            raise (why_transaction_ended(producer) or error) from error
        finally:
            for step in steps:
                step.cancel()
            await asyncio.gather(*steps, return_exceptions=True)


@dataclass(frozen=True, slots=True, eq=False)
class _Request:
    messages: Sequence[Message]
    done: "asyncio.Future[None]"

    def fail(self, error: GatewayError) -> None:
        if not self.done.done():
            self.done.set_exception(error)

    def succeed(self) -> None:
        if not self.done.done():
            self.done.set_result(None)


class Publisher:
    """What one stage publishes beside what follows from records it consumes."""

    def __init__(self, ink: Ink, *, transactional_id: str) -> None:
        """Nothing is opened before it is needed."""
        self._ink = ink
        self._seconds = ink.cluster.settings.publish_seconds
        self._single = Outlet(ink.cluster)
        self._several = Outlet(ink.cluster, transactional_id=transactional_id)
        self._line = asyncio.Lock()
        self._waiting: list[_Request] = []
        self._writing: asyncio.Task[None] | None = None
        self._under_way: set[asyncio.Task[None]] = set()
        self._closed = False

    async def publish(self, messages: Sequence[Message]) -> None:
        """Make all of them durable, or none; raises `Unavailable` when that was not confirmed in time."""
        if self._closed:
            raise Unavailable("closed", "The bus is closed.")
        # A task of its own: whoever stops waiting does not leave the producer in a state that nobody knows.
        work = self._one(messages[0]) if len(messages) == 1 else self._all(messages)
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._finished)
        await asyncio.shield(task)

    async def close(self) -> None:
        """Finish what is under way."""
        self._closed = True
        await asyncio.gather(*self._under_way, return_exceptions=True)
        if self._writing is not None:
            await self._writing
        await asyncio.gather(self._single.close(), self._several.close())

    def _finished(self, task: "asyncio.Task[None]") -> None:
        self._under_way.discard(task)
        if not task.cancelled():
            task.exception()  # it was told to whoever waits, if anybody still does

    async def _one(self, message: Message) -> None:
        producer = None
        try:
            async with kafka_errors(self._seconds, self._ink.cluster.contact):
                # One after another up to here, so that those who publish at once stay in the order in which they came.
                async with self._line:
                    await self._ink.topics.ensure([message.topic])
                    producer = await self._single.get()
                    confirmation = await self._ink.put(producer, message)
                await confirmation
        except GatewayError as error:
            if producer is not None:
                self._single.drop(producer)
            self._ink.topics.forget([message.topic])
            raise _told(error) from error

    async def _all(self, messages: Sequence[Message]) -> None:
        request = _Request(messages, asyncio.get_running_loop().create_future())
        self._waiting.append(request)
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_waiting())
        try:
            async with kafka_errors(2 * self._seconds):
                await request.done
        except Unavailable:
            # Still waiting behind others: it is not written later, when nobody knows of it any more.
            if request in self._waiting:
                self._waiting.remove(request)
            raise

    async def _write_waiting(self) -> None:
        while self._waiting:
            together = [self._waiting.pop(0)]
            count = len(together[0].messages)
            while self._waiting and (count := count + len(self._waiting[0].messages)) <= TOGETHER:
                together.append(self._waiting.pop(0))
            await self._write(together)

    async def _write(self, together: Sequence[_Request]) -> None:
        try:
            await self._transaction([message for request in together for message in request.messages])
        except Invalid as error:
            if len(together) == 1:
                together[0].fail(error)
                return
            # One of them is refused; which one, each finds out by itself.
            for request in together:
                await self._write([request])
        except GatewayError as error:
            for request in together:
                request.fail(_told(error))
            await self._settle()
        else:
            for request in together:
                request.succeed()

    async def _transaction(self, messages: Sequence[Message]) -> None:
        names = {message.topic for message in messages}
        producer = None
        try:
            async with kafka_errors(self._seconds, self._ink.cluster.contact):
                await self._ink.topics.ensure(names)
                producer = await self._several.get()
                await self._ink.transact(producer, messages)
        except GatewayError:
            self._ink.topics.forget(names)
            if producer is not None:
                self._several.drop(producer)
            raise

    async def _settle(self) -> None:
        """Have an open transaction given up at once: until then readers see nothing of what comes after it."""
        try:
            async with kafka_errors(self._seconds):
                await self._several.get()
        except GatewayError:
            return  # the next one that publishes tries again, and the broker gives it up by itself in the end


def _told(error: GatewayError) -> GatewayError:
    """What the publisher is told: even when its producer was fenced, another one may try again."""
    return Unavailable("kafka_fenced", error.detail, retry_after=0.5) if isinstance(error, Conflict) else error
