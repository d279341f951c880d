"""What a channel gives to the process that runs it: one shape for every channel, so that a process knows none of them.

A channel reads its own raw messages, fetches what hangs on them where it is not sent along, and files the replies to
its citizens; the stages have the same names and the same parts everywhere, and are set up here.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp

from gateway.bus.port import Handler
from gateway.domain.channel_messages import source_of
from gateway.egress.fetcher import Fetcher
from gateway.egress.policy import EgressPolicy
from gateway.outbox.carrier import Carrier
from gateway.runtime.correspondents import Correspondents
from gateway.runtime.deployment import Deployment
from gateway.runtime.lookup_page import files_at_lookup, public_url
from gateway.runtime.media import FetchMedia, media_consumers
from gateway.runtime.sending import Enclosures, FileReplies, Pace, Sender
from gateway.runtime.service import Consumer, Service, Task, nothing
from gateway.runtime.stubs import AnsweredCode, answers_nothing, stub_of_raw
from schemas.topics import CHANNELS


async def _unsaid() -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True)
class Channel:
    """An opened channel: what its service does (see `Service`), and how it is, as JSON values for operators."""

    code: str
    consumers: Sequence[Consumer]
    tasks: Sequence[Task] = ()
    webhooks: Mapping[str, ASGIApp] = field(default_factory=dict)
    state: Callable[[], Awaitable[Mapping[str, Any]]] = _unsaid
    close: Callable[[], Awaitable[None]] = nothing

    @property
    def service(self) -> Service:
        """The channel as its process sees it."""
        return Service(CHANNELS[self.code], self.consumers, self.tasks, self.webhooks, self.close)


Opener = Callable[[Deployment], Channel | None]
"""A channel's `opened`: None when it is not configured; raises `Invalid` naming every wrong variable."""


def served(opener: Opener) -> Callable[[Deployment], Service | None]:
    """Opens a channel as its process sees it."""

    def opened(deployment: Deployment) -> Service | None:
        channel = opener(deployment)
        return None if channel is None else channel.service

    return opened


def stage(channel: str, part: str) -> str:
    """The name of a part of a channel's service, such as `zalo_ingest.read`."""
    return f"{CHANNELS[channel]}.{part}"


def read_stage(
    deployment: Deployment, channel: str, handler: Handler, *, answers: AnsweredCode = answers_nothing
) -> Consumer:
    """Reads the channel's raw messages; what `handler` fails on for good leaves its stub (`gateway.runtime.stubs`)."""
    stub = stub_of_raw(deployment.files, deployment.identity, source=source_of(channel, "read"), answers=answers)
    return Consumer(stage(channel, "read"), f"raw.{channel}", handler, stub=stub)


def media_stage(deployment: Deployment, channel: str, policy: EgressPolicy) -> Sequence[Consumer]:
    """Fetches what citizens attached, from the hosts and within the bounds of `policy`."""
    fetch = FetchMedia(
        channel,
        fetcher=Fetcher(policy),
        files=deployment.files,
        clock=deployment.clock,
        metrics=deployment.metrics,
    )
    return media_consumers(channel, fetch)


def send_stage(deployment: Deployment, carrier: Carrier) -> Consumer:
    """Files the replies to the channel's citizens into the outbox, from which `sender` takes them."""
    note = files_at_lookup(deployment.province, deployment.identity, public_url(deployment.settings))
    files = FileReplies(deployment.outbox, deployment.vault, carrier, deployment.clock, note=note)
    return Consumer(stage(carrier.channel, "send"), f"replies.{carrier.channel}", files)


def sender(deployment: Deployment, carrier: Carrier, pace: Pace) -> Sender:
    """Hands over what waits in the channel's outbox, as fast as `pace` allows."""
    return Sender(
        outbox=deployment.outbox,
        correspondents=correspondents(deployment, carrier.channel),
        enclosures=Enclosures(deployment.files, deployment.children),
        carrier=carrier,
        store=deployment.store,
        vault=deployment.vault,
        bus=deployment.bus(stage(carrier.channel, "send")),
        metrics=deployment.metrics,
        clock=deployment.clock,
        owner=deployment.process,
        pace=pace,
    )


def correspondents(deployment: Deployment, channel: str) -> Correspondents:
    """The notes of the channel's reader for its own carrier."""
    return Correspondents(deployment.documents, deployment.vault, channel)
