"""Finds the agencies that answer over the bus: their topics come to exist while the dispatcher runs."""

import asyncio
import logging
from collections.abc import Sequence

from gateway.errors import GatewayError
from gateway.runtime.deployment import Deployment
from gateway.runtime.service import Consumer, keep_consuming
from schemas.topics import topic_for
from services.dispatcher.agency_answers import unreadable
from services.dispatcher.receive import Dispatcher

log = logging.getLogger(__name__)

ANSWERS = "agency.<agency>.commands"

LOOK_SECONDS = 2.0
"""How often agencies that began to answer over the bus are looked for."""


def is_of_agency(topic: str) -> bool:
    """Whether an agency's answers lie on this topic."""
    declared = topic_for(topic)
    return declared is not None and declared.name == ANSWERS


async def agency_consumers(deployment: Deployment, dispatcher: Dispatcher, stage: str) -> Sequence[Consumer]:
    """What is read of the agencies that answer over the bus by now, sorted by topic; raises like `Bus.topics`."""
    found = sorted(topic for topic in await deployment.bus(stage).topics() if is_of_agency(topic))
    return [Consumer(stage, topic, dispatcher.agency_commands, stub=unreadable) for topic in found]


async def keep_reading_agencies(deployment: Deployment, dispatcher: Dispatcher, stage: str) -> None:
    """Read every `agency.<code>.commands` that exists, and those that come to exist, until cancelled.

    Copies do the same: each topic has one partition, and the bus gives it to one of them.
    """
    bus = deployment.bus(stage)
    read: set[str] = set()
    async with asyncio.TaskGroup() as reading:
        while True:
            found: Sequence[Consumer] = ()
            try:
                found = await agency_consumers(deployment, dispatcher, stage)
            except GatewayError as error:
                log.warning("agencies_not_looked_for", extra={"stage": stage, "reason": error.reason})
            for consumer in found:
                if consumer.topic not in read:
                    read.add(consumer.topic)
                    consuming = keep_consuming(consumer, bus, metrics=deployment.metrics, clock=deployment.clock)
                    reading.create_task(consuming)
            await asyncio.sleep(LOOK_SECONDS)
