"""Wires the Facebook channel to a deployment with plain calls."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from gateway.egress.policy import EgressPolicy
from gateway.runtime.channel import Channel, correspondents, media_stage, read_stage, send_stage, sender, stage
from gateway.runtime.correspondents import Correspondents
from gateway.runtime.deployment import Deployment
from gateway.runtime.platform_url import is_loopback
from gateway.runtime.sending import Pace
from gateway.runtime.sending.lease import SendingLease
from gateway.runtime.service import Consumer
from gateway.runtime.webhook import Webhook
from services.facebook_ingest.calls import Calls
from services.facebook_ingest.catching_up import CatchingUp
from services.facebook_ingest.configuration import TOKEN_NAME, settings_of
from services.facebook_ingest.correspondence import Correspondence
from services.facebook_ingest.facebook import Facebook, Secrets
from services.facebook_ingest.graph import Graph
from services.facebook_ingest.graph_api import Access
from services.facebook_ingest.page import CHANNEL, Page
from services.facebook_ingest.page_token import PageToken
from services.facebook_ingest.profiles import Profiles
from services.facebook_ingest.read import Read
from services.facebook_ingest.receive import PATH, Receiver, record_of
from services.facebook_ingest.send import FacebookCarrier, Ports
from services.facebook_ingest.settings import FacebookSettings
from services.facebook_ingest.upkeep import Upkeep


@dataclass(frozen=True)
class Opened:
    """The opened channel: the webhook's side, the way out, and what asks Facebook."""

    deployment: Deployment
    facebook: Facebook
    carrier: FacebookCarrier
    correspondence: Correspondence
    profiles: Profiles
    upkeep: Upkeep


def facebook(deployment: Deployment) -> Opened | None:
    """The opened channel; None when it is not configured. Raises `Invalid` naming every wrong `FACEBOOK_` variable."""
    settings = settings_of(deployment)
    if not settings.page_id:
        return None
    page = Page(settings.page_id, settings.app_id, frozenset(settings.silent_postbacks))
    endpoint = Facebook(
        bus=deployment.edge(stage(CHANNEL, "receive")),
        settings=settings,
        page=page,
        secrets=_secrets(settings),
        clock=deployment.clock,
        metrics=deployment.metrics,
        check_room=deployment.check_room,
        trial=deployment.trial,
    )
    token = PageToken(settings.page_token_file or deployment.folder.secrets / f"{TOKEN_NAME}.token")
    notes = correspondents(deployment, CHANNEL)
    correspondence = Correspondence(
        notes, deployment.store, deployment.outbox, deployment.identity, page, deployment.successors
    )
    access = Access(
        f"{settings.graph_url}/", settings.graph_version, endpoint.secrets.app[0], seconds=settings.call_seconds
    )
    graph = Graph(access, token)
    return Opened(
        deployment=deployment,
        facebook=endpoint,
        carrier=_carrier(deployment, endpoint, token, notes),
        correspondence=correspondence,
        profiles=Profiles(graph, notes, deployment.clock),
        upkeep=Upkeep(
            page=page,
            graph=graph,
            missed=CatchingUp(
                page=page,
                graph=graph,
                bus=endpoint.bus,
                to_record=partial(record_of, endpoint),
                owners=correspondence.owners,
                metrics=deployment.metrics,
            ),
            documents=deployment.documents,
            lease=SendingLease(
                page.id, deployment.store, owner=deployment.process, clock=deployment.clock, role="upkeep"
            ),
            metrics=deployment.metrics,
            clock=deployment.clock,
        ),
    )


def opened(deployment: Deployment) -> Channel | None:
    """The channel for the process that runs it; None when it is not configured. Raises `Invalid` like `facebook`."""
    channel = facebook(deployment)
    if channel is None:
        return None
    settings = channel.facebook.settings
    pace = Pace(settings.sends_per_second, settings.sends_at_once)
    return Channel(
        code=CHANNEL,
        consumers=consumers(channel),
        tasks=(
            sender(deployment, channel.carrier, pace).run,
            partial(channel.upkeep.run, settings.check_seconds),
            channel.profiles.run,
        ),
        webhooks={PATH: Webhook(CHANNEL, deployment.metrics, Receiver(channel.facebook))},
        state=partial(state, channel),
        close=channel.carrier.close,
    )


def consumers(channel: Opened) -> Sequence[Consumer]:
    """What the channel reads: its own raw messages, what hangs on them, and replies to its citizens."""
    deployment, endpoint = channel.deployment, channel.facebook
    read = Read(
        page=endpoint.page,
        identity=deployment.identity,
        successors=deployment.successors,
        files=deployment.files,
        correspondence=channel.correspondence,
        metrics=deployment.metrics,
        met=channel.profiles.met,
    )
    policy = _media_policy(endpoint.settings, trial=deployment.trial)
    return (
        read_stage(deployment, CHANNEL, read),
        *media_stage(deployment, CHANNEL, policy),
        send_stage(deployment, channel.carrier),
    )


async def state(channel: Opened) -> Mapping[str, Any]:
    """How the channel is, for operators: page, subscription, and until when all messages and all comments are here."""
    facebook = channel.facebook
    return {"page": facebook.page.id, "graph": facebook.settings.graph_url, **await channel.upkeep.state()}


def _carrier(deployment: Deployment, endpoint: Facebook, token: PageToken, notes: Correspondents) -> FacebookCarrier:
    settings = endpoint.settings
    calls = Calls(
        base=settings.graph_url,
        version=settings.graph_version,
        app_secret=endpoint.secrets.app[0],
        seconds=settings.call_seconds,
    )
    ports = Ports(
        store=deployment.store,
        correspondents=notes,
        identity=deployment.identity,
        successors=deployment.successors,
        province=deployment.province,
        metrics=deployment.metrics,
        clock=deployment.clock,
    )
    return FacebookCarrier(calls, token, endpoint.page, ports, human_agent=settings.human_agent)


def _secrets(settings: FacebookSettings) -> Secrets:
    app = (settings.app_secret.get_secret_value(), settings.app_secret_previous.get_secret_value())
    return Secrets(
        app=tuple(one.encode() for one in app if one), verify_token=settings.verify_token.get_secret_value().encode()
    )


def _media_policy(settings: FacebookSettings, *, trial: bool) -> EgressPolicy:
    hosts = (*settings.media_hosts, settings.graph_url) if trial and is_loopback(settings.graph_url) else None
    return EgressPolicy(hosts or settings.media_hosts, allow_loopback=hosts is not None)
