"""Notices what no client tells: a consumer that has stopped while records wait (aiokafka issue 1037), another topic."""

import asyncio
import contextlib
from collections.abc import Callable

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import IllegalStateError

from gateway.bus.kafka.cluster import Cluster
from gateway.bus.kafka.connecting import start
from gateway.bus.kafka.discarding import stop_consumer
from gateway.bus.kafka.errors import kafka_errors
from gateway.bus.kafka.progress import another_topic
from gateway.bus.kafka.topics import Topics
from gateway.errors import Unavailable

LOOK_SECONDS = 15.0
ANSWER_SECONDS = 10.0

AWAY_SECONDS = 1.0
"""So soon it is looked again while Kafka cannot be asked: an idle process learns by this that it is back."""


async def watch(
    consumer: AIOKafkaConsumer,
    cluster: Cluster,
    *,
    between: Callable[[], bool] = lambda: False,
    every: float = LOOK_SECONDS,
) -> None:
    """Look again and again; raises `Unavailable("consumer_stalled")` when nothing moved between two looks.

    Or when it is `between` two assignments for too long: it has nothing to read then, and would wait forever.
    The ends are asked for over connections of its own: those of a stalled consumer may be what is broken.
    """
    stuck: dict[object, int] = {}
    while True:
        await asyncio.sleep(min(every, AWAY_SECONDS) if cluster.contact.failing else every)
        if between():
            raise Unavailable("consumer_stalled", "The group was not joined again.")
        behind = await _behind(consumer, cluster)
        if any(stuck.get(place) == position for place, position in behind.items()):
            raise Unavailable("consumer_stalled", "Records wait, and the consumer does not read them.")
        stuck = behind


async def watch_topic(topics: Topics, topic: str, topic_id: str, *, every: float = LOOK_SECONDS) -> None:
    """Look again and again; raises `Unavailable("offsets_begin_anew")` when a topic was deleted and made again.

    A consumer that was not told that it was away reads on where it was in the one before. One that is away is made.
    """
    while True:
        await asyncio.sleep(every)
        with contextlib.suppress(Unavailable):  # what cannot be asked now is asked again
            if (await topics.made(topic)).topic_id != topic_id:
                break
    raise another_topic()


async def _behind(consumer: AIOKafkaConsumer, cluster: Cluster) -> dict[object, int]:
    """The position of each partition that is not paused and has committed records before it."""
    places = consumer.assignment() - consumer.paused()
    if not places:
        return {}
    looker = AIOKafkaConsumer(**cluster.connection(), isolation_level="read_committed")
    try:
        async with kafka_errors(ANSWER_SECONDS, cluster.contact):
            await start(looker, cluster)
            ends = await looker.end_offsets(list(places))
            positions: dict[object, int] = {}
            for place in places & consumer.assignment():
                with contextlib.suppress(IllegalStateError):  # it was taken away meanwhile
                    positions[place] = await consumer.position(place)
    except Unavailable:
        return {}  # when Kafka cannot be asked, that is not the consumer's fault
    finally:
        await stop_consumer(looker)
    return {place: position for place, position in positions.items() if position < ends[place]}
