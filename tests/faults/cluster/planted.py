"""One service of a cluster with one fault, which the crash test must catch; variables say which service and fault.

`PLANTED_SERVICE` is the service's name and `PLANTED_FAULT` one of `FAULTS`.
"""

import asyncio
import os
import random
import runpy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from uuid import UUID, uuid4

from aiokafka import AIOKafkaProducer, TopicPartition

from gateway.bus.kafka.publishing import Ink, Sent
from gateway.runtime.spool.edge import EdgeBus
from gateway.store.mongo import MongoStore
from gateway.store.port import Commit, Loaded
from schemas.envelope import Message
from tests.faults.planted_bug import LATE_SECONDS, acknowledge_early

FLOW = ("raw.", "inbound", "tickets")
"""Beginnings of the topics in which a citizen's messages stand in the order in which they were sent."""


def position_before_output() -> None:
    """Progress is durable first, and what follows from the records a little later."""
    right = Ink.transact

    async def transact(
        self: Ink,
        producer: AIOKafkaProducer,
        messages: Sequence[Message],
        *,
        offsets: Mapping[TopicPartition, tuple[int, str]] | None = None,
        group: str = "",
    ) -> None:
        if offsets:
            await right(self, producer, [], offsets=offsets, group=group)
            await asyncio.sleep(LATE_SECONDS)
        if messages:
            await right(self, producer, messages)

    Ink.transact = transact  # type: ignore[method-assign]  # this is the fault


def cause_not_unique() -> None:
    """The store records what a cause has recorded before."""
    load, record = MongoStore.load, MongoStore.record

    async def forgetful(self: MongoStore, history: str, *, cause: UUID | None = None) -> Loaded:
        del cause
        return await load(self, history)

    async def again(self: MongoStore, commit: Commit) -> Commit:
        await record(self, replace(commit, cause=uuid4()))
        return commit

    MongoStore.load, MongoStore.record = forgetful, again  # type: ignore[method-assign]  # this is the fault


def random_key() -> None:
    """Which partition a message goes to is chance, so that messages of one citizen are not in one."""
    right = Ink.put

    async def put(self: Ink, producer: AIOKafkaProducer, message: Message) -> Sent:
        key = str(random.random()) if message.topic.startswith(FLOW) else message.key  # noqa: S311 - a fault's chance
        return await right(self, producer, replace(message, key=key))

    Ink.put = put  # type: ignore[method-assign]  # this is the fault


FAULTS: Mapping[str, Callable[[], None]] = {
    "acknowledge before commit": lambda: acknowledge_early(EdgeBus),
    "position before output": position_before_output,
    "unique cause dropped": cause_not_unique,
    "random key": random_key,
}


def main() -> None:
    """Run the faulty service."""
    FAULTS[os.environ["PLANTED_FAULT"]]()
    runpy.run_module(f"services.{os.environ['PLANTED_SERVICE']}", run_name="__main__")


if __name__ == "__main__":
    main()
