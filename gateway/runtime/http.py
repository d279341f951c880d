"""Serves a service's application with the probes that operations need beside it."""

import asyncio
import errno
import logging
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from ipaddress import ip_network

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.errors import Unavailable
from gateway.runtime.metrics import Metrics
from gateway.runtime.peer import is_within

log = logging.getLogger(__name__)

PROBES = frozenset({"/healthz", "/readyz", "/metrics"})

FORWARDED = ("x-forwarded-for", "forwarded", "x-real-ip")
"""Headers by which proxies say that a request is not their own."""

DRAIN_SECONDS = 8
CONNECTIONS = 2000
KEEP_ALIVE_SECONDS = 15


def with_probes(
    app: ASGIApp, *, metrics: Metrics, not_ready: Callable[[], str | None], metrics_clients: tuple[str, ...]
) -> ASGIApp:
    """The application with `/healthz` (the process lives), `/readyz` (messages are taken) and `/metrics`.

    `not_ready` gives the reason why messages are not taken now, or None. `/metrics` answers clients of the listed
    addresses and networks only, and never a request that came through a proxy.
    """
    listed = [ip_network(client) for client in metrics_clients]

    async def healthz(_: Request) -> Response:
        return JSONResponse({"status": "alive"})

    async def readyz(_: Request) -> Response:
        reason = not_ready()
        if reason is None:
            return JSONResponse({"status": "ready"})
        return JSONResponse({"status": "not_ready", "reason": reason}, status_code=503, headers={"Retry-After": "5"})

    async def exported(request: Request) -> Response:
        forwarded = any(name in request.headers for name in FORWARDED)
        if forwarded or request.client is None or not is_within(request.client.host, listed):
            return JSONResponse({"status": "not_found"}, status_code=404)
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    probes = Starlette(
        routes=[Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", exported)],
    )

    async def dispatched(scope: Scope, receive: Receive, send: Send) -> None:
        # A second framework around the application would cost every request a quarter of what an empty one costs.
        await (probes if scope.get("path") in PROBES else app)(scope, receive, send)

    return dispatched


def with_prefixes(apps: Mapping[str, ASGIApp]) -> ASGIApp:
    """Applications side by side, each under the beginning of its paths; the longest that fits answers, or nobody."""
    prefixes = sorted(apps, key=len, reverse=True)
    nobody = Response(status_code=404)

    async def dispatched(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        prefix = next((one for one in prefixes if path.startswith(one)), None)
        await (nobody if prefix is None else apps[prefix])(scope, receive, send)

    return dispatched


def bound_socket(host: str, port: int) -> socket.socket:
    """A listening socket; raises `Unavailable("port_in_use")` with what to do about it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except OSError as error:
        sock.close()
        if error.errno == errno.EADDRINUSE:
            sentence = f"Port {port} on {host} is taken; set GATEWAY_PORT to another one or stop what listens there."
            raise Unavailable("port_in_use", sentence) from error
        raise Unavailable("cannot_listen", f"Cannot listen on {host} port {port}.") from error
    sock.set_inheritable(True)
    return sock


class _Server(uvicorn.Server):
    """Signals are the process's business: uvicorn would otherwise take them over and stop only itself."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone."""
        yield


async def serve(app: ASGIApp, sock: socket.socket) -> None:
    """Answer requests until cancelled; then let open ones finish for at most a few seconds."""
    server = _Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            proxy_headers=False,
            limit_concurrency=CONNECTIONS,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=DRAIN_SECONDS,
            h11_max_incomplete_event_size=65_536,
        )
    )
    serving = asyncio.create_task(server.serve(sockets=[sock]))
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        server.should_exit = True
        await serving
        raise
