"""Every service in one process on one data folder: the default way to run the gateway."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import uvloop

from gateway.runtime.background import (
    PROJECTIONS_STAGE,
    projection_consumers,
    readiness,
    scheduler,
    watch,
    watch_process,
)
from gateway.runtime.channel import Channel, Opener
from gateway.runtime.deployment import Deployment, open_deployment
from gateway.runtime.http import bound_socket, serve, with_prefixes, with_probes
from gateway.runtime.logs import configure_logs
from gateway.runtime.retention import keep_trimming
from gateway.runtime.service import Consumer, freeze_startup, keep_consuming, run_until, stop_on_signals
from gateway.runtime.settings import GatewaySettings
from schemas.topics import CHANNELS
from services.dispatcher import wiring as dispatcher
from services.email_ingest import wiring as email_ingest
from services.facebook_ingest import wiring as facebook_ingest
from services.normalizer import wiring as normalizer
from services.web_ingest import wiring as web_ingest
from services.zalo_ingest import wiring as zalo_ingest

log = logging.getLogger(__name__)

OPENERS: tuple[Opener, ...] = (
    web_ingest.opened,
    zalo_ingest.opened,
    facebook_ingest.opened,
    email_ingest.opened,
)
"""Every channel that this process can run. A new channel is one line here (Điều 2.7)."""


def run_process(settings: GatewaySettings, *, on_ready: Callable[[str], None] = lambda _: None) -> None:
    """`run` on an event loop of its own, until it ends."""
    # libuv's loop takes about a third less CPU per message here than asyncio's own (`make bench`).
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run(settings, on_ready=on_ready))


async def run(settings: GatewaySettings, *, on_ready: Callable[[str], None] = lambda _: None) -> None:
    """Run until SIGTERM or SIGINT; `on_ready` gets the address once messages are taken.

    Raises the gateway's errors for anything that keeps it from starting: wrong settings, a faulty province folder,
    a taken port, a second copy on the same data folder.
    """
    configure_logs(settings.log_level)
    stop = asyncio.Event()
    stop_on_signals(stop)
    deployment = await open_deployment(settings)
    try:
        for service in (*CHANNELS.values(), "normalizer", "dispatcher", PROJECTIONS_STAGE):
            deployment.only_copy(service)
        async with opened_channels(deployment) as channels:
            await _run(deployment, channels, stop, on_ready)
    finally:
        await deployment.close()


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


async def _run(
    deployment: Deployment, channels: Sequence[Channel], stop: asyncio.Event, on_ready: Callable[[str], None]
) -> None:
    settings = deployment.settings
    dispatching = dispatcher.service(deployment)
    consumers: list[Consumer] = [
        *(consumer for channel in channels for consumer in channel.consumers),
        *normalizer.consumers(deployment, normalizer.load_settings()),
        *dispatcher.consumers(dispatching),
        *projection_consumers(deployment),
    ]
    app = with_probes(
        with_prefixes({prefix: app for channel in channels for prefix, app in channel.webhooks.items()}),
        metrics=deployment.metrics,
        not_ready=readiness(deployment),
        metrics_clients=settings.metrics_clients,
    )
    sock = bound_socket(settings.host, settings.port)
    freeze_startup()
    host, port = sock.getsockname()[:2]
    log.info("started", extra={"host": host, "port": port, "profile": settings.profile})
    on_ready(f"http://{host}:{port}")
    await run_until(
        stop,
        [
            serve(app, sock),
            scheduler(deployment).run(),
            watch(deployment, consumers),
            watch_process(deployment),
            keep_trimming(deployment.buses, consumers, deployment.clock),
            dispatcher.agencies(deployment, dispatching),
            *(task() for channel in channels for task in channel.tasks),
            *(_consume(deployment, consumer) for consumer in consumers),
        ],
    )
    log.info("stopped")


async def _consume(deployment: Deployment, consumer: Consumer) -> None:
    await keep_consuming(consumer, deployment.bus(consumer.stage), metrics=deployment.metrics, clock=deployment.clock)
