"""Finds the agencies that answer over the bus: their topics come to exist while the dispatcher runs."""

import asyncio
import logging

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


async def keep_reading_agencies(deployment: Deployment, dispatcher: Dispatcher, stage: str) -> None:
    """Read every `agency.<code>.commands` that exists, and those that come to exist, until cancelled.

    Copies do the same: each topic has one partition, and the bus gives it to one of them.
    """
    bus = deployment.bus(stage)
    read: set[str] = set()
    async with asyncio.TaskGroup() as reading:
        while True:
            try:
                found = {topic for topic in await bus.topics() if is_of_agency(topic)}
            except GatewayError as error:
                log.warning("agencies_not_looked_for", extra={"stage": stage, "reason": error.reason})
                found = set()
            for topic in sorted(found - read):
                consumer = Consumer(stage, topic, dispatcher.agency_commands, stub=unreadable)
                reading.create_task(keep_consuming(consumer, bus, metrics=deployment.metrics, clock=deployment.clock))
            read |= found
            await asyncio.sleep(LOOK_SECONDS)
