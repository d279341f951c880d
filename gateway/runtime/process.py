"""Runs services as one process: any of them alone, or all together, from the same pieces.

The process answers at one address: the probes, and the webhooks or pages of its services. On SIGTERM it takes nothing
more, finishes what is under way and ends with exit status 0 within `STOP_SECONDS`.
"""

import asyncio
import inspect
import logging
import os
import socket
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import uvloop

from gateway.errors import GatewayError, Invalid
from gateway.runtime.background import readiness, watch_process
from gateway.runtime.deployment import Deployment, open_deployment
from gateway.runtime.ground import keep_asking, refuse_unsafe
from gateway.runtime.http import bound_socket, serve, with_prefixes, with_probes
from gateway.runtime.logs import configure_logs
from gateway.runtime.retention import keep_trimming
from gateway.runtime.roster import Roster
from gateway.runtime.service import Service, freeze_startup, keep_consuming, run_until, startup, stop_on_signals
from gateway.runtime.settings import GatewaySettings, load_settings
from gateway.runtime.spool.edge import keep_figures

log = logging.getLogger(__name__)

STOP_SECONDS = 25.0
"""What is not finished by then is left to the next start, which finds it: an orchestrator kills after 30."""

ServiceOpener = Callable[[Deployment], Service | None]
"""Opens a service on a deployment; None when it is not configured. Raises `Invalid` for one configured wrongly."""


def alone(name: str, opener: ServiceOpener) -> ServiceOpener:
    """For a process of its own, which has nothing to do when its service is not configured: that is `Invalid`."""

    def opened(deployment: Deployment) -> Service:
        service = opener(deployment)
        if service is None:
            raise Invalid("not_configured", f"{name} has no settings; .env.example lists them.")
        return service

    return opened


def main(openers: Sequence[ServiceOpener]) -> None:
    """The program of a process: runs until it is told to stop; what keeps it from starting is told in plain lines."""
    try:
        run_process(openers, load_settings())
    except GatewayError as error:
        faults: tuple[str, ...] = getattr(error, "errors", ())
        sys.exit("\n  ".join((str(error), *faults)))


def run_process(
    openers: Sequence[ServiceOpener], settings: GatewaySettings, *, on_ready: Callable[[str], None] = lambda _: None
) -> None:
    """`run` on an event loop of its own, until it ends."""
    # libuv's loop takes about a third less CPU per message here than asyncio's own (`make bench`).
    with startup(), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run(openers, settings, on_ready=on_ready))


async def run(
    openers: Sequence[ServiceOpener], settings: GatewaySettings, *, on_ready: Callable[[str], None] = lambda _: None
) -> None:
    """Run until SIGTERM or SIGINT; `on_ready` gets the address once messages are taken.

    Raises the gateway's errors for anything that keeps it from starting: wrong settings, a faulty province folder,
    a taken port, a second copy on the same data folder.
    """
    configure_logs(settings.log_level)
    stop = asyncio.Event()
    stop_on_signals(stop)
    deployment = await open_deployment(settings)
    ending = asyncio.create_task(_end_in_time(stop))
    try:
        async with opened_services(deployment, openers) as services:
            for service in services:
                deployment.only_copy(service.name)
            await _run(deployment, services, stop, on_ready)
    finally:
        await deployment.close()
        ending.cancel()


@asynccontextmanager
async def opened_services(deployment: Deployment, openers: Sequence[ServiceOpener]) -> AsyncIterator[Sequence[Service]]:
    """The services that are configured, closed at the end; raises `Invalid` for one that is configured wrongly."""
    async with AsyncExitStack() as opened:
        services = []
        for opener in openers:
            service = opener(deployment)
            if service is not None:
                opened.push_async_callback(service.close)
                services.append(service)
        yield services


async def _run(
    deployment: Deployment, services: Sequence[Service], stop: asyncio.Event, on_ready: Callable[[str], None]
) -> None:
    settings = deployment.settings
    app = with_probes(
        with_prefixes({prefix: app for service in services for prefix, app in service.webhooks.items()}),
        metrics=deployment.metrics,
        not_ready=readiness(deployment),
        metrics_clients=settings.metrics_clients,
    )
    asked = await refuse_unsafe(settings)
    sock = bound_socket(settings.host, settings.port)
    edges = tuple(deployment.edges.values())
    roster = Roster(deployment.documents, deployment.clock)
    freeze_startup()
    host, port = sock.getsockname()[:2]
    for service in services:
        log.info("started", extra={"service": service.name, "host": host, "port": port, "profile": settings.profile})
    on_ready(_url(host, port))
    await run_until(
        stop,
        [
            serve(app, sock),
            roster.keep_saying(services, _url(_reachable(host), port)),
            watch_process(deployment),
            *(() if asked else (keep_asking(settings),)),
            keep_figures(edges, deployment.metrics),
            *(edge.run() for edge in edges),
            *_trimming(deployment, roster),
            *(task() for service in services for task in service.tasks),
            *(
                keep_consuming(
                    consumer, deployment.bus(consumer.stage), metrics=deployment.metrics, clock=deployment.clock
                )
                for service in services
                for consumer in service.consumers
            ),
        ],
    )
    log.info("stopped")


def _trimming(deployment: Deployment, roster: Roster) -> Sequence[Coroutine[Any, Any, None]]:
    """On the embedded bus each process deletes what it need not keep; Kafka does so itself, topic by topic."""
    if deployment.settings.bus_url:
        return ()
    return (keep_trimming(deployment.buses, roster.reads, deployment.clock),)


async def _end_in_time(stop: asyncio.Event) -> None:
    """End the process when stopping takes too long: whatever is not durable then was never acknowledged."""
    await stop.wait()
    await asyncio.sleep(STOP_SECONDS)
    log.error("stopped_hard", extra={"seconds": STOP_SECONDS, "detail": "; ".join(_running())})
    os._exit(1)


def _running() -> list[str]:
    """Where the tasks stand that have not ended, as chains of functions without what they were given."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    return sorted(" > ".join(_chain(task.get_coro())) for task in others)


def _chain(awaiting: object) -> Iterator[str]:
    """The names of a coroutine and of what it awaits, one in the other."""
    while inspect.iscoroutine(awaiting):
        yield awaiting.cr_code.co_qualname
        awaiting = awaiting.cr_await
    if awaiting is not None:
        yield type(awaiting).__name__


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _reachable(host: str) -> str:
    """Where others reach a process that listens everywhere: by the machine's, or in a cluster the pod's name."""
    return socket.gethostname() if host in ("0.0.0.0", "::") else host  # noqa: S104 - compared, not listened on
