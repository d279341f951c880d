"""Wires the normalizer to a deployment with plain calls."""

from collections.abc import Sequence
from functools import partial

from gateway.projections.commits import CONVERSATION_LOG
from gateway.runtime.deployment import Deployment
from gateway.runtime.histories import Histories
from gateway.runtime.reconciliation.finding import Writer
from gateway.runtime.reconciliation.mending import keep_reconciled
from gateway.runtime.service import Consumer, Service
from gateway.runtime.settings import read_settings
from gateway.store.port import Commit, Store
from gateway.vault.port import Vault
from schemas.conversation import CONVERSATION_EVENTS, HISTORY_PREFIX, ConversationEvent
from schemas.envelope import Message
from services.normalizer.conversation import Conversation, empty, fold
from services.normalizer.lexicon import load_lexicon
from services.normalizer.publish import messages_of
from services.normalizer.receive import Normalizer
from services.normalizer.settings import NormalizerSettings
from services.normalizer.settle import Rules

STAGE = "normalizer"
READS = ("inbound", "media", "timers", "submission.commands", "reply.events")
"""Topics of `consumers`, told without loading the rules."""


def opened(deployment: Deployment) -> Service:
    """The service for the process that runs it; raises `Invalid` for wrong settings or a faulty lexicon."""
    reconciling = partial(keep_reconciled, deployment, writer(deployment))
    return Service(STAGE, consumers(deployment, load_settings()), tasks=(reconciling,))


def histories(store: Store, vault: Vault) -> Histories[Conversation, ConversationEvent]:
    """Access to conversations; only the normalizer changes them."""
    return Histories(store, vault, events=CONVERSATION_EVENTS, empty=empty, fold=fold)


def load_settings() -> NormalizerSettings:
    """The normalizer's settings; raises `Invalid` naming every wrong variable."""
    return read_settings(NormalizerSettings)


def rules(deployment: Deployment, settings: NormalizerSettings) -> Rules:
    """The rules of the deployment's province; raises `Invalid` with every fault of the lexicon."""
    folder = settings.lexicon or deployment.settings.province / "lexicon"
    return Rules(deployment.province, load_lexicon(folder))


def writer(deployment: Deployment) -> Writer:
    """What reconciliation must know of the normalizer: its histories, and what it publishes of a commit."""
    conversations = histories(deployment.store, deployment.vault)

    async def again(commit: Commit) -> Sequence[Message]:
        recorded, _ = await conversations.again(commit)
        return messages_of(recorded)

    return Writer(STAGE, HISTORY_PREFIX, CONVERSATION_LOG, again)


def consumers(deployment: Deployment, settings: NormalizerSettings) -> Sequence[Consumer]:
    """What the normalizer reads."""
    service = Normalizer(
        histories(deployment.store, deployment.vault),
        rules(deployment, settings),
        clock=deployment.clock,
        metrics=deployment.metrics,
    )
    return (
        Consumer(STAGE, "inbound", service.inbound, stub=service.inbound_stub),
        Consumer(STAGE, "media", service.media),
        Consumer(STAGE, "timers", service.timers),
        Consumer(STAGE, "submission.commands", service.submission_commands),
        Consumer(STAGE, "reply.events", service.reply_events),
    )
