"""`python -m tests.bench.servers KIND`: the three servers whose cost per request is compared.

`noop` answers at once; `bare` makes the body durable and does nothing else; `ingest` is the web channel with nobody
reading what it publishes. All three run on the gateway's own HTTP server and event loop.
"""

import asyncio
import sys
from datetime import UTC, datetime
from uuid import uuid4

import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from gateway.bus.port import Bus
from gateway.runtime.deployment import Deployment, open_deployment
from gateway.runtime.http import bound_socket, serve, with_probes
from gateway.runtime.service import freeze_startup, run_until, stop_on_signals
from gateway.runtime.settings import load_settings
from schemas.envelope import Message
from services.web_ingest import wiring

PATH = "/v1/submissions"
ACCOUNT = "0" * 32


def noop() -> ASGIApp:
    """Read the body and answer: the least a handler of this server costs."""

    async def answer(request: Request) -> Response:
        await request.body()
        return JSONResponse({"code": "2222-2222-2222"}, 202)

    return Starlette(routes=[Route(PATH, answer, methods=["POST"])])


def bare(bus: Bus) -> ASGIApp:
    """Make the body durable as one record of the same size and answer."""

    async def answer(request: Request) -> Response:
        body = await request.body()
        now = datetime.now(UTC)
        await bus.publish(Message("raw.web", ACCOUNT, str(uuid4()), "vn.1022.raw.v1", "bench", now, body))
        return JSONResponse({"code": "2222-2222-2222"}, 202)

    return Starlette(routes=[Route(PATH, answer, methods=["POST"])])


def app_of(kind: str, deployment: Deployment) -> ASGIApp:
    """The application of a kind of server."""
    match kind:
        case "noop":
            return noop()
        case "bare":
            return bare(deployment.bus("web_ingest.receive"))
        case "ingest":
            return wiring.opened(deployment).webhooks[""]
        case _:
            raise SystemExit(f"no such server: {kind}")


async def run(kind: str) -> None:
    """Serve until SIGTERM."""
    settings = load_settings()
    stop = asyncio.Event()
    stop_on_signals(stop)
    deployment = await open_deployment(settings)
    answering = app_of(kind, deployment)
    edges = tuple(deployment.edges.values())
    app = with_probes(
        answering,
        metrics=deployment.metrics,
        # What a channel receives goes straight to the bus once the spool was seen to be empty.
        not_ready=lambda: "spooling" if any(edge.spooling for edge in edges) else None,
        metrics_clients=settings.metrics_clients,
    )
    freeze_startup()
    try:
        await run_until(stop, [serve(app, bound_socket(settings.host, settings.port)), *(edge.run() for edge in edges)])
    finally:
        await deployment.close()


def main(kind: str) -> None:
    """Serve one kind on the event loop that the gateway uses."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run(kind))


if __name__ == "__main__":
    main(sys.argv[1])
