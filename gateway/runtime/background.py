"""The gateway's own background work: projections, due times, and the figures that operations watch."""

import asyncio
import platform
from collections.abc import Callable, Sequence

from gateway.bus.opening import bus_away_seconds
from gateway.errors import Unavailable
from gateway.projections.consumer import Projector
from gateway.runtime.build import own_version
from gateway.runtime.deployment import MEGABYTE, Deployment
from gateway.runtime.room import free_bytes, size_bytes
from gateway.runtime.roster import Roster
from gateway.runtime.scheduler import Scheduler
from gateway.runtime.service import Consumer
from gateway.runtime.watching import keep_watching
from gateway.runtime.watching.dead_letters import DeadLetterWatch
from gateway.runtime.watching.lag import LagWatch
from gateway.runtime.watching.tickets import TicketWatch

PROJECTIONS_STAGE = "projections"
SCHEDULER_STAGE = "scheduler"
WATCH_SECONDS = 5.0
TICKETS_SECONDS = 15.0
"""A pass over the open tickets costs a page at a time, so that they are looked at less often than the rest."""


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
    """Keep the figures up to date that are the whole deployment's, until cancelled; one process of it does."""
    bus, metrics, clock = deployment.bus(SCHEDULER_STAGE), deployment.metrics, deployment.clock
    lag = LagWatch(bus, metrics, Roster(deployment.documents, clock).reads)
    letters = DeadLetterWatch(bus, deployment.store, metrics, clock)
    tickets = TicketWatch(deployment.documents, deployment.province.calendar, metrics, clock)
    async with asyncio.TaskGroup() as group:
        group.create_task(keep_watching("lag", lag.look, metrics, every=WATCH_SECONDS))
        group.create_task(keep_watching("dead_letters", letters.look, metrics, every=WATCH_SECONDS))
        group.create_task(keep_watching("tickets", tickets.look, metrics, every=TICKETS_SECONDS))


async def watch_process(deployment: Deployment) -> None:
    """Show what runs here, and the space on its disk, until cancelled: every process does."""
    metrics, root, settings = deployment.metrics, deployment.folder.root, deployment.settings
    regulation = deployment.province.regulation
    metrics.build.labels(
        version=own_version(),
        python=platform.python_version(),
        profile=settings.profile.value,
        province=deployment.province.code,
        regulation=f"{regulation.id} {regulation.version}",
    ).set(1)
    metrics.disk_reserve.set(settings.disk_reserve_mb * MEGABYTE)
    metrics.bus_away.set_function(lambda: bus_away_seconds(settings.bus_url))
    while True:
        metrics.disk_free.set(free_bytes(root))
        metrics.disk_size.set(size_bytes(root))
        await asyncio.sleep(WATCH_SECONDS)


def readiness(deployment: Deployment) -> Callable[[], str | None]:
    """Says why messages are not taken now: too little disk space is known before a write fails.

    With a bus elsewhere that is so only while it does not confirm, and this machine's disk has to stand in.
    """

    def not_ready() -> str | None:
        try:
            deployment.check_room()
        except Unavailable as error:
            return error.reason
        reasons = (edge.not_ready() for edge in deployment.edges.values())
        return next((reason for reason in reasons if reason is not None), None)

    return not_ready
