"""Lets every stage finish what is on the embedded topics, while nothing is taken from outside and nothing is sent."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gateway.errors import Unavailable
from gateway.runtime.deployment import Deployment
from gateway.runtime.roster import Roster
from gateway.runtime.service import Consumer, keep_consuming

LOOK_SECONDS = 0.1
QUIET_LOOKS = 3
"""What a stage publishes while another is looked at is seen at the next look."""

TOLD_SECONDS = 10.0

STAGE = "migration"
"""As which it is asked how far others are; it consumes nothing."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a group has still to handle."""

    group: str
    topic: str
    messages: int

    def __str__(self) -> str:
        return f"{self.group} has {self.messages} of {self.topic} before it"


async def waiting(deployment: Deployment, consumers: Sequence[Consumer]) -> Sequence[Waiting]:
    """What waits before these consumers, and before any service that ran lately; nothing when all is handled."""
    pairs = {(one.group, one.topic) for one in consumers}
    pairs.update(await Roster(deployment.documents, deployment.clock).reads())
    bus = deployment.bus(STAGE)
    found = [Waiting(group, topic, (await bus.lag(topic, group=group)).messages) for group, topic in sorted(pairs)]
    return [one for one in found if one.messages]


async def drain(
    deployment: Deployment, consumers: Sequence[Consumer], *, patience: float, say: Callable[[str], None]
) -> None:
    """Run the consumers until nothing waits before any stage.

    Raises `Unavailable("not_drained")` with what is left after `patience` seconds, or at once where it waits for a
    service that is not among the consumers.
    """
    work = [
        keep_consuming(one, deployment.bus(one.stage), metrics=deployment.metrics, clock=deployment.clock)
        for one in consumers
    ]
    tasks = [asyncio.create_task(one) for one in work]
    try:
        await _quiet(deployment, consumers, patience, say)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _quiet(
    deployment: Deployment, consumers: Sequence[Consumer], patience: float, say: Callable[[str], None]
) -> None:
    loop = asyncio.get_running_loop()
    end, told = loop.time() + patience, loop.time()
    read = {(one.group, one.topic) for one in consumers}
    quiet = 0
    while quiet < QUIET_LOOKS:
        left = await waiting(deployment, consumers)
        quiet = 0 if left else quiet + 1
        unread = [one for one in left if (one.group, one.topic) not in read]
        if left and (unread or loop.time() > end):
            raise Unavailable("not_drained", f"{'; '.join(map(str, unread or left))}.")
        if left and loop.time() - told > TOLD_SECONDS:
            told = loop.time()
            say(f"still waiting: {'; '.join(map(str, left))}")
        await asyncio.sleep(LOOK_SECONDS)
