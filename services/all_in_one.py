"""Every service in one process on one data folder: the default way to run the gateway."""

import asyncio
import logging
from collections.abc import Callable

import uvloop
from starlette.types import ASGIApp

from gateway.runtime.background import PROJECTIONS_STAGE, projection_consumers, readiness, scheduler, watch
from gateway.runtime.deployment import Deployment, open_deployment
from gateway.runtime.http import bound_socket, serve, with_prefixes, with_probes
from gateway.runtime.logs import configure_logs
from gateway.runtime.retention import keep_trimming
from gateway.runtime.service import Consumer, freeze_startup, keep_consuming, run_until, stop_on_signals
from gateway.runtime.settings import GatewaySettings
from services.dispatcher import wiring as dispatcher
from services.email_ingest import wiring as email_ingest
from services.facebook_ingest import wiring as facebook_ingest
from services.facebook_ingest.receive import PATH as FACEBOOK_PATH
from services.normalizer import wiring as normalizer
from services.web_ingest import wiring as web_ingest
from services.zalo_ingest import wiring as zalo_ingest

log = logging.getLogger(__name__)

SERVICES = (
    "web_ingest",
    "zalo_ingest",
    "facebook_ingest",
    "email_ingest",
    "normalizer",
    "dispatcher",
    PROJECTIONS_STAGE,
)


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
        for service in SERVICES:
            deployment.only_copy(service)
        await _run(deployment, stop, on_ready)
    finally:
        await deployment.close()


async def _run(deployment: Deployment, stop: asyncio.Event, on_ready: Callable[[str], None]) -> None:
    settings = deployment.settings
    web = web_ingest.web(deployment)
    zalo = zalo_ingest.zalo(deployment)
    facebook = facebook_ingest.facebook(deployment)
    email = email_ingest.email(deployment)
    dispatching = dispatcher.service(deployment)
    consumers: list[Consumer] = [
        *web_ingest.consumers(web),
        *(zalo_ingest.consumers(zalo) if zalo else ()),
        *(facebook_ingest.consumers(facebook) if facebook else ()),
        *(email_ingest.consumers(email) if email else ()),
        *normalizer.consumers(deployment, normalizer.load_settings()),
        *dispatcher.consumers(dispatching),
        *projection_consumers(deployment),
    ]
    webhooks: dict[str, ASGIApp] = {
        **(dict.fromkeys(zalo_ingest.PREFIXES, zalo_ingest.app(zalo)) if zalo else {}),
        **({FACEBOOK_PATH: facebook_ingest.app(facebook)} if facebook else {}),
    }
    app = with_probes(
        with_prefixes(web_ingest.app(web), webhooks),
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
            keep_trimming(deployment.buses, consumers, deployment.clock),
            dispatcher.agencies(deployment, dispatching),
            *(zalo_ingest.tasks(zalo) if zalo else ()),
            *(facebook_ingest.tasks(facebook) if facebook else ()),
            *(email_ingest.tasks(email) if email else ()),
            *(_consume(deployment, consumer) for consumer in consumers),
        ],
    )
    log.info("stopped")


async def _consume(deployment: Deployment, consumer: Consumer) -> None:
    await keep_consuming(consumer, deployment.bus(consumer.stage), metrics=deployment.metrics, clock=deployment.clock)
