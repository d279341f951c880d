"""Wires the Zalo channel to a deployment with plain calls."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import httpx

from gateway.egress.policy import EgressPolicy
from gateway.runtime.calling import client_for
from gateway.runtime.channel import Channel, correspondents, media_stage, read_stage, send_stage, sender, stage
from gateway.runtime.correspondents import Correspondents
from gateway.runtime.deployment import Deployment
from gateway.runtime.sending import Pace
from gateway.runtime.service import Consumer
from gateway.runtime.webhook import Webhook
from services.zalo_ingest.card import load_card
from services.zalo_ingest.configuration import TRIAL_OA, load_settings, trial_pair, verifier
from services.zalo_ingest.echoes import Echoes
from services.zalo_ingest.endpoint import Endpoint
from services.zalo_ingest.event import CHANNEL
from services.zalo_ingest.oauth import OAuth
from services.zalo_ingest.read import ReadZalo
from services.zalo_ingest.receive import PATH, VERIFIER_PREFIX, Receiver
from services.zalo_ingest.send import Way, ZaloCarrier
from services.zalo_ingest.settings import ZaloSettings
from services.zalo_ingest.state import state_of
from services.zalo_ingest.token_keeper import TokenKeeper
from services.zalo_ingest.token_pairs import Pair, Pairs

log = logging.getLogger(__name__)

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
        correspondents=correspondents(deployment, CHANNEL),
    )


def opened(deployment: Deployment) -> Channel | None:
    """The channel for the process that runs it; None when it is not configured. Raises `Invalid` like `zalo`."""
    channel = zalo(deployment)
    if channel is None:
        return None
    pace = Pace(channel.settings.send_per_second, SIDE_BY_SIDE)
    return Channel(
        code=CHANNEL,
        consumers=consumers(channel),
        tasks=(sender(deployment, channel.carrier, pace).run, channel.tokens.run),
        webhooks=dict.fromkeys(
            (PATH, VERIFIER_PREFIX), Webhook(CHANNEL, deployment.metrics, Receiver(channel.endpoint))
        ),
        state=partial(state, channel),
        close=channel.client.aclose,
    )


def consumers(channel: Zalo) -> Sequence[Consumer]:
    """What the channel reads: its own raw messages, what citizens attached, and replies to them."""
    deployment, settings = channel.deployment, channel.settings
    read = ReadZalo(
        files=deployment.files,
        correspondents=channel.correspondents,
        echoes=Echoes(deployment.outbox, deployment.vault, deployment.clock),
        tokens=channel.tokens,
        successors=deployment.successors,
    )
    policy = EgressPolicy(
        settings.media_hosts,
        allow_loopback=deployment.trial,
        max_bytes=settings.media_bytes,
        seconds=settings.media_seconds,
    )
    return (
        read_stage(deployment, CHANNEL, read),
        *media_stage(deployment, CHANNEL, policy),
        send_stage(deployment, channel.carrier),
    )


async def state(channel: Zalo) -> Mapping[str, Any]:
    """How the channel is, for operators."""
    return await state_of(channel.settings, channel.pairs, channel.deployment.clock())


def _endpoint(deployment: Deployment, settings: ZaloSettings) -> Endpoint:
    return Endpoint(
        bus=deployment.edge(stage(CHANNEL, "receive")),
        identity=deployment.identity,
        settings=settings,
        clock=deployment.clock,
        metrics=deployment.metrics,
        check_room=deployment.check_room,
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
