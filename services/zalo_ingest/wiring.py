"""Wires the Zalo channel to a deployment with plain calls."""

import asyncio
import logging
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
from starlette.types import ASGIApp

from gateway.egress.fetcher import Fetcher
from gateway.egress.policy import EgressPolicy
from gateway.runtime.correspondents import Correspondents
from gateway.runtime.deployment import Deployment
from gateway.runtime.media import FetchMedia, media_consumers
from gateway.runtime.sending import FileReplies, Pace, Sender
from gateway.runtime.service import Consumer
from gateway.runtime.stubs import stub_of_raw
from services.zalo_ingest.calling import client_for
from services.zalo_ingest.card import load_card
from services.zalo_ingest.configuration import TRIAL_OA, load_settings, trial_pair, verifier
from services.zalo_ingest.echoes import Echoes
from services.zalo_ingest.endpoint import Endpoint
from services.zalo_ingest.event import CHANNEL
from services.zalo_ingest.oauth import OAuth
from services.zalo_ingest.pairs import Pair, Pairs
from services.zalo_ingest.read import SOURCE, ReadZalo
from services.zalo_ingest.receive import PATH, VERIFIER_PREFIX, Webhook
from services.zalo_ingest.send import Way, ZaloCarrier
from services.zalo_ingest.settings import ZaloSettings
from services.zalo_ingest.state import state_of
from services.zalo_ingest.token_keeper import TokenKeeper

log = logging.getLogger(__name__)

RECEIVE = "zalo_ingest.receive"
READ = "zalo_ingest.read"
SEND = "zalo_ingest.send"

PREFIXES = (PATH, VERIFIER_PREFIX)
"""Beginnings of the paths that the channel's application answers."""

SIDE_BY_SIDE = 8
FIRST_LIFE = timedelta(hours=25)


@dataclass(frozen=True)
class Zalo:
    """The opened channel."""

    deployment: Deployment
    settings: ZaloSettings
    endpoint: Endpoint
    client: httpx.AsyncClient
    oauth: OAuth
    pairs: Pairs
    tokens: TokenKeeper
    carrier: ZaloCarrier
    correspondents: Correspondents


def zalo(deployment: Deployment) -> Zalo | None:
    """The opened channel; None when it is not configured. Raises `Invalid` naming every wrong `ZALO_` variable."""
    settings = load_settings(deployment)
    if not settings.app_id:
        return None
    if not settings.signature_enforce:
        log.warning("signature_not_enforced", extra={"channel": CHANNEL})
    client = client_for(settings.send_seconds)
    secret = settings.app_secret.get_secret_value()
    oauth = OAuth(client, settings.oauth_url, settings.app_id, secret, deployment.clock)
    pairs = Pairs(deployment.store, deployment.vault, deployment.identity, _first(deployment, settings))
    tokens = TokenKeeper(
        oas=tuple(settings.oas),
        pairs=pairs,
        oauth=oauth,
        store=deployment.store,
        owner=deployment.process,
        clock=deployment.clock,
        metrics=deployment.metrics,
    )
    return Zalo(
        deployment=deployment,
        settings=settings,
        endpoint=_endpoint(deployment, settings),
        client=client,
        oauth=oauth,
        pairs=pairs,
        tokens=tokens,
        carrier=_carrier(deployment, settings, client, tokens),
        correspondents=Correspondents(deployment.documents, deployment.vault, CHANNEL),
    )


def app(channel: Zalo) -> ASGIApp:
    """The webhook."""
    return Webhook(channel.endpoint)


def consumers(channel: Zalo) -> Sequence[Consumer]:
    """What the channel reads: its own raw messages, what citizens attached, and replies to them."""
    deployment, settings = channel.deployment, channel.settings
    read = ReadZalo(
        identity=deployment.identity,
        files=deployment.files,
        correspondents=channel.correspondents,
        echoes=Echoes(deployment.outbox, deployment.vault, deployment.clock),
        tokens=channel.tokens,
    )
    policy = EgressPolicy(
        settings.media_hosts,
        allow_loopback=deployment.trial,
        max_bytes=settings.media_bytes,
        seconds=settings.media_seconds,
    )
    fetch = FetchMedia(
        CHANNEL,
        fetcher=Fetcher(policy),
        files=deployment.files,
        clock=deployment.clock,
        metrics=deployment.metrics,
    )
    send = FileReplies(deployment.outbox, deployment.vault, channel.carrier, deployment.clock)
    return (
        Consumer(READ, "raw.zalo", read, stub=stub_of_raw(deployment.files, deployment.identity, source=SOURCE)),
        *media_consumers(CHANNEL, fetch),
        Consumer(SEND, "replies.zalo", send),
    )


def tasks(channel: Zalo) -> Sequence[Coroutine[Any, Any, None]]:
    """What runs beside the consumers until cancelled: the sender and the keeper of tokens."""
    return (_speaking(channel),)


async def state(channel: Zalo) -> Mapping[str, Any]:
    """How the channel is, for operators."""
    return await state_of(channel.settings, channel.pairs, channel.deployment.clock())


async def _speaking(channel: Zalo) -> None:
    """Everything that calls Zalo, on the one client that is closed at the end."""
    deployment = channel.deployment
    sender = Sender(
        outbox=deployment.outbox,
        correspondents=channel.correspondents,
        carrier=channel.carrier,
        store=deployment.store,
        vault=deployment.vault,
        bus=deployment.bus(SEND),
        metrics=deployment.metrics,
        clock=deployment.clock,
        owner=deployment.process,
        pace=Pace(channel.settings.send_per_second, SIDE_BY_SIDE),
    )
    try:
        async with asyncio.TaskGroup() as together:
            together.create_task(sender.run())
            together.create_task(channel.tokens.run())
    finally:
        await channel.client.aclose()


def _endpoint(deployment: Deployment, settings: ZaloSettings) -> Endpoint:
    return Endpoint(
        bus=deployment.bus(RECEIVE),
        identity=deployment.identity,
        settings=settings,
        clock=deployment.clock,
        metrics=deployment.metrics,
        check_room=deployment.room.check,
        trial=deployment.trial,
        verifier=verifier(settings),
    )


def _carrier(
    deployment: Deployment, settings: ZaloSettings, client: httpx.AsyncClient, tokens: TokenKeeper
) -> ZaloCarrier:
    way = Way(
        base_url=settings.api_url,
        seconds=settings.send_seconds,
        allow_charged=settings.allow_charged,
        oas=frozenset(settings.oas),
        card=load_card(settings.card_image_url),
    )
    return ZaloCarrier(client, tokens, deployment.store, way, clock=deployment.clock, metrics=deployment.metrics)


def _first(deployment: Deployment, settings: ZaloSettings) -> Mapping[str, Pair]:
    """A trial's own OA needs no consent: its first pair was made with its other secrets."""
    if not deployment.trial or TRIAL_OA not in settings.oas:
        return {}
    now = deployment.clock()
    return {TRIAL_OA: Pair(*trial_pair(deployment.folder.secrets), now, now + FIRST_LIFE)}
