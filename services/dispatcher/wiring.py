"""Wires the dispatcher to a deployment with plain calls."""

import asyncio
from collections.abc import Sequence
from functools import partial

from gateway.projections.commits import TICKET_LOG
from gateway.runtime.deployment import Deployment
from gateway.runtime.histories import Histories
from gateway.runtime.reconciliation.finding import Writer
from gateway.runtime.reconciliation.mending import keep_reconciled
from gateway.runtime.service import Consumer, Service, keep_consuming
from gateway.store.port import Commit, Store
from gateway.vault.port import Vault
from schemas.envelope import Message
from schemas.ticket_history import HISTORY_PREFIX, TICKET_EVENTS, TicketHistoryEvent
from services.dispatcher.publish import messages_of
from services.dispatcher.receive import Dispatcher
from services.dispatcher.ticket_state import TicketState, empty, fold

STAGE = "dispatcher"

LOOK_SECONDS = 2.0
"""How often agencies that began to answer over the bus are looked for."""


def opened(deployment: Deployment) -> Service:
    """The service for the process that runs it."""
    dispatcher = service(deployment)
    reconciling = partial(keep_reconciled, deployment, writer(deployment))
    return Service(STAGE, consumers(dispatcher), tasks=(partial(agencies, deployment, dispatcher), reconciling))


def histories(store: Store, vault: Vault) -> Histories[TicketState, TicketHistoryEvent]:
    """Access to tickets; only the dispatcher changes them."""
    return Histories(store, vault, events=TICKET_EVENTS, empty=empty, fold=fold)


def service(deployment: Deployment) -> Dispatcher:
    """The dispatcher on a deployment."""
    return Dispatcher(
        histories(deployment.store, deployment.vault),
        deployment.province,
        clock=deployment.clock,
        metrics=deployment.metrics,
    )


def writer(deployment: Deployment) -> Writer:
    """What reconciliation must know of the dispatcher: its histories, and what it publishes of a commit."""
    tickets = histories(deployment.store, deployment.vault)

    async def again(commit: Commit) -> Sequence[Message]:
        return messages_of(*await tickets.again(commit))

    return Writer(STAGE, HISTORY_PREFIX, TICKET_LOG, again)


def consumers(dispatcher: Dispatcher) -> Sequence[Consumer]:
    """What the dispatcher reads from the start; agencies' command topics are found as they come to exist."""
    return (
        Consumer(STAGE, "tickets", dispatcher.tickets),
        Consumer(STAGE, "ticket.commands", dispatcher.ticket_commands),
        Consumer(STAGE, "timers", dispatcher.timers),
        Consumer(STAGE, "reply.events", dispatcher.reply_events),
    )


async def agency_consumers(deployment: Deployment, dispatcher: Dispatcher) -> Sequence[Consumer]:
    """What the dispatcher reads of the agencies that answer over the bus by now."""
    topics = await deployment.bus(STAGE).topics()
    return [
        Consumer(STAGE, topic, dispatcher.agency_commands)
        for topic in topics
        if topic.startswith("agency.") and topic.endswith(".commands")
    ]


async def agencies(deployment: Deployment, dispatcher: Dispatcher) -> None:
    """Read every `agency.<code>.commands` topic that exists, and those that come to exist, until cancelled."""
    bus = deployment.bus(STAGE)
    running: dict[str, asyncio.Task[None]] = {}
    try:
        while True:
            for consumer in await agency_consumers(deployment, dispatcher):
                if consumer.topic not in running:
                    running[consumer.topic] = asyncio.create_task(
                        keep_consuming(consumer, bus, metrics=deployment.metrics, clock=deployment.clock)
                    )
            await asyncio.sleep(LOOK_SECONDS)
    finally:
        for task in running.values():
            task.cancel()
        await asyncio.gather(*running.values(), return_exceptions=True)
