"""The webhook on a real port with the real bus behind it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr

from gateway.bus.opening import open_bus
from gateway.bus.port import Beginning
from gateway.runtime.http import bound_socket, serve
from gateway.runtime.metrics import Metrics
from gateway.runtime.webhook import Webhook
from schemas.raw import Raw
from services.facebook_ingest.facebook import Facebook, Secrets
from services.facebook_ingest.page import Page
from services.facebook_ingest.receive import PATH, Receiver
from services.facebook_ingest.settings import FacebookSettings
from tests.fakes.facebook.webhooks import signature

SECRET = "app-secret-for-tests"
OLD_SECRET = "app-secret-of-last-year"
VERIFY = "handshake-token"
NOW = datetime(2026, 11, 26, 1, 30, tzinfo=UTC)

Headers = list[tuple[bytes, bytes]]


@dataclass
class Endpoint:
    """A webhook under test."""

    facebook: Facebook
    client: httpx.AsyncClient

    async def post(self, body: bytes, headers: Headers | None = None) -> httpx.Response:
        """Send a body, rightly signed unless other headers are given."""
        right = [(b"x-hub-signature-256", signature(body, SECRET).encode())]
        return await self.client.post(PATH, content=body, headers=right if headers is None else headers)

    async def shake(self, **parameters: str) -> httpx.Response:
        """Ask as Facebook does when the URL is saved; `_` in a name stands for its dot."""
        asked = {"mode": "subscribe", "verify_token": VERIFY, "challenge": "1158201444", **parameters}
        return await self.client.get(PATH, params={f"hub.{name}": value for name, value in asked.items()})

    async def raws(self) -> list[Raw]:
        """Everything that was made durable."""
        found = [record async for record in self.facebook.bus.read("raw.facebook", start=Beginning())]
        return [Raw.model_validate_json(record.message.value) for record in found]

    def refused(self, reason: str) -> float:
        """How many requests were refused for this reason."""
        return (
            self.facebook.metrics.registry.get_sample_value(
                "gateway_refused_total", {"channel": "facebook", "reason": reason}
            )
            or 0.0
        )


@asynccontextmanager
async def endpoint(folder: Path, settings: dict[str, Any] | None = None, **changes: Any) -> AsyncIterator[Endpoint]:  # noqa: ANN401 - any port may be replaced
    """A webhook that listens; `changes` replaces members of `Facebook`."""
    bus = open_bus(f"sqlite:///{folder / 'bus'}", "facebook_ingest.receive", clock=lambda: NOW)
    facebook = Facebook(
        bus=bus,
        settings=FacebookSettings(_env_file=None, app_secret=SecretStr(SECRET), **(settings or {})),
        page=Page("104512345678901", "551100"),
        secrets=Secrets(app=(SECRET.encode(), OLD_SECRET.encode()), verify_token=VERIFY.encode()),
        clock=lambda: NOW,
        metrics=Metrics(),
        check_room=lambda: None,
        trial=True,
    )
    facebook = replace(facebook, **changes)
    sock = bound_socket("127.0.0.1", 0)
    port = sock.getsockname()[1]
    serving = asyncio.create_task(serve(Webhook("facebook", facebook.metrics, Receiver(facebook)), sock))
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30) as client:
            yield Endpoint(facebook, client)
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        await bus.close()
