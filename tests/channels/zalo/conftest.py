"""The Zalo channel's endpoint on the real embedded bus, served over real HTTP."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr
from starlette.types import ASGIApp

from gateway.bus.opening import open_bus
from gateway.bus.port import Bus
from gateway.runtime.http import bound_socket, serve
from gateway.runtime.metrics import Metrics
from services.zalo_ingest.endpoint import Endpoint
from services.zalo_ingest.settings import ZaloSettings
from tests.channels.zalo.captured import APP, IDENTITY, OA, RECEIVED

SECRET = "OASecretForTests"
OLDER_SECRET = "TheSecretBeforeIt"
OTHER_OA = "499724391989919756"
OTHER_SECRET = "SecretOfTheOtherOA"


@pytest.fixture
async def bus(tmp_path: Path) -> AsyncIterator[Bus]:
    opened = open_bus(f"sqlite:///{tmp_path / 'bus'}", "zalo_ingest.receive", clock=lambda: RECEIVED)
    yield opened
    await opened.close()


@pytest.fixture
def settings() -> ZaloSettings:
    return ZaloSettings(
        _env_file=None,
        app_id=APP,
        oas={OA: (SecretStr(SECRET), SecretStr(OLDER_SECRET)), OTHER_OA: (SecretStr(OTHER_SECRET),)},
    )


@pytest.fixture
def endpoint(bus: Bus, settings: ZaloSettings) -> Endpoint:
    return Endpoint(
        bus=bus,
        identity=IDENTITY,
        settings=settings,
        clock=lambda: RECEIVED,
        metrics=Metrics(),
        check_room=lambda: None,
        trial=False,
    )


@asynccontextmanager
async def served(app: ASGIApp) -> AsyncIterator[int]:
    """The application on a real port."""
    sock: socket.socket = bound_socket("127.0.0.1", 0)
    sock.listen()
    serving = asyncio.create_task(serve(app, sock))
    try:
        yield int(sock.getsockname()[1])
    finally:
        serving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await serving
