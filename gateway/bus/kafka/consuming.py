"""Consuming a topic for a group: as a member of it, and as another one when Kafka fails that."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition

from gateway.bus.kafka.cluster import REQUEST_SECONDS
from gateway.bus.kafka.connecting import start
from gateway.bus.kafka.discarding import stop_consumer
from gateway.bus.kafka.errors import kafka_errors
from gateway.bus.kafka.lane import Duty, Lane
from gateway.bus.kafka.looking import Looker
from gateway.bus.kafka.progress import BEGIN_ANEW
from gateway.bus.kafka.publishing import Ink
from gateway.bus.kafka.watchdog import watch, watch_topic
from gateway.bus.kafka.wire import read
from gateway.bus.patience import LONGEST_AWAY, pause
from gateway.bus.port import Handler
from gateway.errors import Unavailable
from schemas.envelope import Message

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5
JOIN_SECONDS = 60.0
"""Beside the time that others have to drain: how long joining a group is waited for."""

LASTED_SECONDS = 60.0
"""A member that lived as long starts again at once when it must."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """What a consumer has to do, however often its membership has to begin again."""

    ink: Ink
    looker: Looker
    topic: str
    group: str
    handler: Handler
    check: Callable[[Sequence[Message]], None]
    session_seconds: float


async def consume(assignment: Assignment) -> None:
    """Consume until cancelled, or until something fails other than by `Unavailable`.

    A member that Kafka fails is replaced by another.
    """
    failures, beyond = 0, False
    contact = assignment.ink.cluster.contact
    while True:
        began = time.monotonic()
        try:
            shape = await assignment.ink.topics.made(assignment.topic)
            await _Member(assignment, shape.topic_id, beyond=beyond).run()
        except Unavailable as error:
            failures = 1 if time.monotonic() - began > LASTED_SECONDS else failures + 1
            beyond = error.reason == BEGIN_ANEW
            log.log(
                logging.DEBUG if contact.failing else logging.WARNING,
                "consumer_joins_again",
                extra={"topic": assignment.topic, "group": assignment.group, "reason": error.reason},
            )
            await asyncio.sleep(pause(error, failures, longest=LONGEST_AWAY))


class _Member(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    """One membership of the group: it reads the partitions it was given, each with a lane of its own."""

    def __init__(self, assignment: Assignment, topic_id: str, *, beyond: bool) -> None:
        """Read the topic that has this id; with `beyond`, the group's progress may lie beyond what is there."""
        ink, topic = assignment.ink, assignment.topic
        self._ink = ink
        self._topic = topic
        self._name = ink.cluster.topic(topic)
        self._drain_seconds = ink.cluster.settings.drain_seconds
        self._duty = Duty(
            ink,
            topic,
            topic_id,
            assignment.group,
            assignment.handler,
            assignment.check,
            begun=self._read_on,
            eased=self._throttle,
            failed=self._fail,
            ends=partial(assignment.looker.ends, topic) if beyond else None,
        )
        self._lanes: dict[int, Lane] = {}
        self._ended = asyncio.Event()
        self._error: BaseException | None = None
        self._revoked_at: float | None = None
        membership = self._membership(ink.cluster.group(assignment.group, topic), assignment.session_seconds)
        self._consumer = AIOKafkaConsumer(**ink.cluster.connection(), **membership)

    async def run(self) -> None:
        """Read until cancelled or failed."""
        tasks: list[asyncio.Task[None]] = []
        try:
            self._consumer.subscribe([self._name], listener=self)
            async with kafka_errors(JOIN_SECONDS + self._drain_seconds, self._ink.cluster.contact):
                await start(self._consumer, self._ink.cluster)
            tasks = [asyncio.create_task(self._guarded(part)) for part in (self._poll, self._watch, self._watch_topic)]
            await self._ended.wait()
        finally:
            await self._stop(tasks)
        if self._error is not None:
            raise self._error

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:  # noqa: ARG002 - aiokafka's
        """Before partitions are given out anew: finish what is at work, and begin nothing more."""
        self._revoked_at = time.monotonic()
        with self._failing():
            await asyncio.gather(*(lane.rest(self._drain_seconds) for lane in self._lanes.values()))

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Go on with partitions that stayed, take over those that came, let go of those that went."""
        self._revoked_at = None
        with self._failing():
            await self._share({place.partition for place in assigned})

    async def _share(self, wanted: set[int]) -> None:
        gone = [self._lanes.pop(number) for number in set(self._lanes) - wanted]
        try:
            for number in wanted:
                self._go_on(number)
        finally:
            await asyncio.gather(*(lane.end(completing=False) for lane in gone))

    def _go_on(self, number: int) -> None:
        if self._ended.is_set():
            return
        if number in self._lanes:
            self._read_on(self._lanes[number])
            self._lanes[number].wake()
        else:
            # Nothing is read before the lane knows where to begin.
            self._consumer.pause(TopicPartition(self._name, number))
            self._lanes[number] = Lane(self._duty, number)

    @contextlib.contextmanager
    def _failing(self) -> Iterator[None]:
        """What a listener raises, aiokafka only logs: reading would go on for partitions that nobody works on."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - it is what `run` raises
            self._fail(error)

    async def _poll(self) -> None:
        while True:
            turns = {number: lane.turn for number, lane in self._lanes.items()}
            found = await self._consumer.getmany(timeout_ms=int(POLL_SECONDS * 1000))
            for place, records in found.items():
                lane = self._lanes.get(place.partition)
                if lane is None:
                    continue
                if turns.get(place.partition) == lane.turn and lane.next_offset is not None:
                    lane.take([read(record, self._topic) for record in records])
                    self._throttle(lane)
                else:
                    # Read for an earlier owner's place, or before the partition was taken over.
                    self._read_on(lane)

    def _read_on(self, lane: Lane) -> None:
        """Read from where the lane is, unless that is done already or it has enough in hand."""
        place = TopicPartition(self._name, lane.partition)
        if lane.next_offset is None or place not in self._consumer.assignment():
            return
        lane.turn += 1
        self._consumer.seek(place, lane.next_offset)
        self._throttle(lane)

    def _throttle(self, lane: Lane) -> None:
        place = TopicPartition(self._name, lane.partition)
        if place not in self._consumer.assignment():
            return
        paused = place in self._consumer.paused()
        if lane.full and not paused:
            self._consumer.pause(place)
        elif paused and not lane.full:
            self._consumer.resume(place)

    async def _watch(self) -> None:
        await watch(self._consumer, self._ink.cluster, between=self._between)

    async def _watch_topic(self) -> None:
        await watch_topic(self._ink.topics, self._topic, self._duty.topic_id)

    def _between(self) -> bool:
        """Whether partitions were taken away, and in all the time that others have none were given out."""
        longest = JOIN_SECONDS + 2 * self._drain_seconds
        return self._revoked_at is not None and time.monotonic() - self._revoked_at > longest

    async def _guarded(self, part: "Callable[[], Any]") -> None:
        try:
            async with kafka_errors(None):
                await part()
        except Exception as error:  # noqa: BLE001 - it is what `run` raises
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        """The first failure ends the membership and is what `run` raises."""
        if not self._ended.is_set():
            self._error = error
            self._ended.set()

    async def _stop(self, tasks: Sequence["asyncio.Task[None]"]) -> None:
        """Complete what was finished while the partitions are still ours, then leave the group."""
        self._ended.set()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        settling = self._error is None
        await asyncio.gather(*(lane.end(completing=True, settling=settling) for lane in self._lanes.values()))
        await stop_consumer(self._consumer)

    def _membership(self, group: str, session_seconds: float) -> dict[str, Any]:
        return {
            "group_id": group,
            "enable_auto_commit": False,
            "auto_offset_reset": "earliest",
            "isolation_level": "read_committed",
            "session_timeout_ms": int(session_seconds * 1000),
            "heartbeat_interval_ms": int(session_seconds * 1000 / 5),
            # As long others wait for this member while it drains: twice, for its handlers and for its last batch.
            "rebalance_timeout_ms": int((2 * self._drain_seconds + REQUEST_SECONDS) * 1000),
            # Polling never stops, full partitions are paused: a slow handler does not cost the membership.
            "max_poll_interval_ms": 300_000,
        }
