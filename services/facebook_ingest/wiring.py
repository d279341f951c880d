"""Wires the Facebook channel to a deployment with plain calls."""

from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from starlette.types import ASGIApp

from gateway.egress.fetcher import Fetcher
from gateway.egress.policy import EgressPolicy
from gateway.runtime.correspondents import Correspondents
from gateway.runtime.deployment import Deployment
from gateway.runtime.media import FetchMedia, media_consumers
from gateway.runtime.sending import FileReplies, Pace, Sender
from gateway.runtime.service import Consumer
from gateway.runtime.stubs import stub_of_raw
from services.facebook_ingest.calls import Calls
from services.facebook_ingest.configuration import TOKEN_NAME, is_loopback, settings_of
from services.facebook_ingest.correspondence import Correspondence
from services.facebook_ingest.facebook import Facebook, Secrets
from services.facebook_ingest.graph import Graph
from services.facebook_ingest.graph_api import Access
from services.facebook_ingest.page import CHANNEL, Page
from services.facebook_ingest.page_token import PageToken
from services.facebook_ingest.profiles import Profiles
from services.facebook_ingest.read import SOURCE, Read
from services.facebook_ingest.receive import Webhook, raw_message
from services.facebook_ingest.send import FacebookCarrier, Ports
from services.facebook_ingest.settings import FacebookSettings
from services.facebook_ingest.upkeep import Upkeep

RECEIVE = "facebook_ingest.receive"
READ = "facebook_ingest.read"
SEND = "facebook_ingest.send"


@dataclass(frozen=True)
class Channel:
    """The opened channel: the webhook's side, the way out, and what asks Facebook."""

    deployment: Deployment
    facebook: Facebook
    carrier: FacebookCarrier
    correspondents: Correspondents
    profiles: Profiles
    upkeep: Upkeep


def facebook(deployment: Deployment) -> Channel | None:
    """The opened channel; None when it is not configured. Raises `Invalid` naming every wrong `FACEBOOK_` variable."""
    settings = settings_of(deployment)
    if not settings.page_id:
        return None
    page = Page(settings.page_id, settings.app_id, frozenset(settings.silent_postbacks))
    opened = Facebook(
        bus=deployment.bus(RECEIVE),
        settings=settings,
        page=page,
        secrets=_secrets(settings),
        clock=deployment.clock,
        metrics=deployment.metrics,
        check_room=deployment.room.check,
        trial=deployment.trial,
    )
    token = PageToken(settings.page_token_file or deployment.folder.secrets / f"{TOKEN_NAME}.token")
    correspondents = Correspondents(deployment.documents, deployment.vault, CHANNEL)
    access = Access(
        f"{settings.graph_url}/", settings.graph_version, opened.secrets.app[0], seconds=settings.call_seconds
    )
    graph = Graph(access, token)
    return Channel(
        deployment=deployment,
        facebook=opened,
        carrier=_carrier(deployment, opened, token, correspondents),
        correspondents=correspondents,
        profiles=Profiles(graph, correspondents, deployment.clock),
        upkeep=Upkeep(
            page=page,
            graph=graph,
            documents=deployment.documents,
            bus=opened.bus,
            to_record=partial(raw_message, opened),
            metrics=deployment.metrics,
            clock=deployment.clock,
        ),
    )


def app(channel: Channel) -> ASGIApp:
    """The webhook."""
    return Webhook(channel.facebook)


def consumers(channel: Channel) -> Sequence[Consumer]:
    """What the channel reads: its own raw messages, what hangs on them, and replies to its citizens."""
    deployment, opened = channel.deployment, channel.facebook
    correspondence = Correspondence(
        channel.correspondents, deployment.store, deployment.outbox, deployment.identity, opened.page
    )
    read = Read(
        page=opened.page,
        identity=deployment.identity,
        files=deployment.files,
        correspondence=correspondence,
        metrics=deployment.metrics,
        met=channel.profiles.met,
    )
    fetch = FetchMedia(
        CHANNEL,
        fetcher=Fetcher(_media_policy(opened.settings, trial=deployment.trial)),
        files=deployment.files,
        clock=deployment.clock,
        metrics=deployment.metrics,
    )
    send = FileReplies(deployment.outbox, deployment.vault, channel.carrier, deployment.clock)
    return (
        Consumer(READ, "raw.facebook", read, stub=stub_of_raw(deployment.files, deployment.identity, source=SOURCE)),
        *media_consumers(CHANNEL, fetch),
        Consumer(SEND, "replies.facebook", send),
    )


def tasks(channel: Channel) -> Sequence[Coroutine[Any, Any, None]]:
    """What runs beside the consumers until cancelled: the sender, the page's upkeep, and learning names."""
    settings = channel.facebook.settings
    return (
        _sending(channel, Pace(settings.sends_per_second, settings.sends_at_once)),
        channel.upkeep.run(settings.check_seconds),
        channel.profiles.run(),
    )


async def state(channel: Channel) -> Mapping[str, Any]:
    """How the channel is, for operators: page, subscription, and until when all private messages are here."""
    return {"page": channel.facebook.page.id, **await channel.upkeep.state()}


async def _sending(channel: Channel, pace: Pace) -> None:
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
        pace=pace,
    )
    try:
        await sender.run()
    finally:
        await channel.carrier.close()


def _carrier(
    deployment: Deployment, opened: Facebook, token: PageToken, correspondents: Correspondents
) -> FacebookCarrier:
    settings = opened.settings
    calls = Calls(
        base=settings.graph_url,
        version=settings.graph_version,
        app_secret=opened.secrets.app[0],
        seconds=settings.call_seconds,
    )
    ports = Ports(
        store=deployment.store,
        correspondents=correspondents,
        identity=deployment.identity,
        province=deployment.province,
        metrics=deployment.metrics,
        clock=deployment.clock,
    )
    return FacebookCarrier(calls, token, opened.page, ports, human_agent=settings.human_agent)


def _secrets(settings: FacebookSettings) -> Secrets:
    app = (settings.app_secret.get_secret_value(), settings.app_secret_previous.get_secret_value())
    return Secrets(
        app=tuple(one.encode() for one in app if one), verify_token=settings.verify_token.get_secret_value().encode()
    )


def _media_policy(settings: FacebookSettings, *, trial: bool) -> EgressPolicy:
    hosts = (*settings.media_hosts, settings.graph_url) if trial and is_loopback(settings.graph_url) else None
    return EgressPolicy(hosts or settings.media_hosts, allow_loopback=hosts is not None)
