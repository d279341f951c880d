"""The gateway's own background work: projections, due times, and the figures that operations watch."""

import asyncio
import logging
from collections.abc import Callable, Sequence

from gateway.errors import GatewayError, Unavailable
from gateway.projections.consumer import Projector
from gateway.runtime.deployment import Deployment
from gateway.runtime.roster import Roster
from gateway.runtime.scheduler import Scheduler
from gateway.runtime.service import Consumer

log = logging.getLogger(__name__)

PROJECTIONS_STAGE = "projections"
SCHEDULER_STAGE = "scheduler"
WATCH_SECONDS = 5.0


def projection_consumers(deployment: Deployment) -> Sequence[Consumer]:
    """What keeps the documents in step."""
    projector = Projector(deployment.documents, deployment.store)
    return (
        Consumer(PROJECTIONS_STAGE, "conversation.log", projector.conversation_log),
        Consumer(PROJECTIONS_STAGE, "ticket.log", projector.ticket_log),
    )


def scheduler(deployment: Deployment) -> Scheduler:
    """The scheduler of this process."""
    return Scheduler(
        deployment.store,
        deployment.bus(SCHEDULER_STAGE),
        owner=deployment.process,
        clock=deployment.clock,
        metrics=deployment.metrics,
    )


async def watch(deployment: Deployment) -> None:
    """Keep up to date until cancelled how far each stage of every service is behind, wherever it runs."""
    roster = Roster(deployment.documents, deployment.clock)
    while True:
        try:
            for group, topic in await roster.reads():
                await _watch_one(deployment, group, topic)
        except GatewayError as error:
            log.warning("roster_unknown", extra={"reason": error.reason})
        await asyncio.sleep(WATCH_SECONDS)


async def _watch_one(deployment: Deployment, group: str, topic: str) -> None:
    try:
        lag = await deployment.bus(PROJECTIONS_STAGE).lag(topic, group=group)
    except GatewayError as error:
        log.warning("lag_unknown", extra={"group": group, "topic": topic, "reason": error.reason})
        return
    deployment.metrics.lag_messages.labels(group, topic).set(lag.messages)
    deployment.metrics.lag_seconds.labels(group, topic).set(lag.oldest_seconds)


def readiness(deployment: Deployment) -> Callable[[], str | None]:
    """Says why messages are not taken now: too little disk space is known before a write fails."""

    def not_ready() -> str | None:
        try:
            deployment.check_room()
        except Unavailable as error:
            return error.reason
        return None

    return not_ready
