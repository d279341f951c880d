"""Every service in one process: the default way to run the gateway on one machine."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from gateway.runtime import process
from gateway.runtime.channel import Channel, Opener, served
from gateway.runtime.deployment import Deployment
from gateway.runtime.process import ServiceOpener
from gateway.runtime.settings import GatewaySettings
from services.dispatcher import wiring as dispatcher
from services.email_ingest import wiring as email_ingest
from services.facebook_ingest import wiring as facebook_ingest
from services.normalizer import wiring as normalizer
from services.upkeep import wiring as upkeep
from services.web_ingest import wiring as web_ingest
from services.zalo_ingest import wiring as zalo_ingest

OPENERS: tuple[Opener, ...] = (
    web_ingest.opened,
    zalo_ingest.opened,
    facebook_ingest.opened,
    email_ingest.opened,
)
"""Every channel that this process can run. A new channel is one line here (Điều 2.7)."""


def services() -> Sequence[ServiceOpener]:
    """What runs: the channels, and what stands behind them."""
    return (*(served(opener) for opener in OPENERS), normalizer.opened, dispatcher.opened, upkeep.opened)


def run_process(settings: GatewaySettings, *, on_ready: Callable[[str], None] = lambda _: None) -> None:
    """Run until SIGTERM or SIGINT; `on_ready` gets the address once messages are taken. Raises like `process.run`."""
    process.run_process(services(), settings, on_ready=on_ready)


@asynccontextmanager
async def opened_channels(deployment: Deployment) -> AsyncIterator[Sequence[Channel]]:
    """The channels that are configured, closed at the end; raises `Invalid` for one that is configured wrongly."""
    async with AsyncExitStack() as opened:
        channels = []
        for opener in OPENERS:
            channel = opener(deployment)
            if channel is not None:
                opened.push_async_callback(channel.close)
                channels.append(channel)
        yield channels
