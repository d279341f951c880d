"""Wires the dispatcher to a deployment with plain calls."""

from collections.abc import Sequence
from functools import partial

from gateway.projections.commits import TICKET_LOG
from gateway.runtime.agency_files import brought
from gateway.runtime.deployment import Deployment
from gateway.runtime.histories import Histories
from gateway.runtime.reconciliation.finding import Writer
from gateway.runtime.reconciliation.mending import keep_reconciled
from gateway.runtime.service import Consumer, Service
from gateway.store.port import Commit, Store
from gateway.vault.port import Vault
from schemas.envelope import Message
from schemas.ticket_history import HISTORY_PREFIX, TICKET_EVENTS, TicketHistoryEvent
from services.dispatcher.agency_topics import keep_reading_agencies
from services.dispatcher.publish import messages_of
from services.dispatcher.receive import Dispatcher
from services.dispatcher.ticket_state import TicketState, empty, fold

STAGE = "dispatcher"


def opened(deployment: Deployment) -> Service:
    """The service for the process that runs it."""
    dispatcher = service(deployment)
    reconciling = partial(keep_reconciled, deployment, writer(deployment))
    agencies = partial(keep_reading_agencies, deployment, dispatcher, STAGE)
    return Service(STAGE, consumers(dispatcher), tasks=(agencies, reconciling))


def histories(store: Store, vault: Vault) -> Histories[TicketState, TicketHistoryEvent]:
    """Access to tickets; only the dispatcher changes them."""
    return Histories(store, vault, events=TICKET_EVENTS, empty=empty, fold=fold)


def service(deployment: Deployment) -> Dispatcher:
    """The dispatcher on a deployment."""
    return Dispatcher(
        histories(deployment.store, deployment.vault),
        deployment.province,
        brought=partial(brought, deployment.store),
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
