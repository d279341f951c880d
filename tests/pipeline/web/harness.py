"""Drives the web channel over ASGI without sockets, as the app and a browser would."""

import hashlib
import io
import json
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from starlette.types import ASGIApp

from gateway.bus.port import Beginning, Record
from gateway.projections.port import Document
from schemas.raw import Raw
from services.web_ingest.app import create_app
from services.web_ingest.web import Web

APP_KEY = "app-key-of-a-test"
OPERATOR_KEY = "operator-key-of-a-test"
AGENCY_KEY = "agency-key-of-a-test"
JPEG = b"\xff\xd8\xff\xe0" + b"photo" * 50
MP3 = b"ID3" + b"\x00" * 200


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        """Start on a Thursday at 08:30 in Vietnam."""
        self.now = datetime(2026, 11, 26, 1, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Now, aware."""
        return self.now

    def pass_by(self, **span: float) -> None:
        """Let a span of time go by."""
        self.now += timedelta(**span)


def hashed(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


Files = list[tuple[str, tuple[str, bytes, str]]]


@dataclass
class Channel:
    """The channel under test and what a test looks at."""

    web: Web
    app: ASGIApp
    client: httpx.AsyncClient
    clock: Clock
    folder: Path

    def with_(self, **changes: object) -> "Channel":
        """The same channel with other ports or settings, and a fresh browser."""
        web = replace(self.web, **changes)  # type: ignore[arg-type]
        app = create_app(web)
        return replace(self, web=web, app=app, client=browser(app))

    async def raws(self) -> list[Raw]:
        """Everything that was published."""
        return [Raw.model_validate_json(record.message.value) for record in await self.records()]

    async def records(self) -> list[Record]:
        """The same as records."""
        return [record async for record in self.web.bus.read("raw.web", start=Beginning())]

    async def submit(self, body: object, *, key: str = APP_KEY, **headers: str) -> httpx.Response:
        """Send a JSON submission as the app does."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.client.post(
            "/v1/submissions",
            content=content,
            headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json", **headers},
        )

    async def form_token(self, path: str = "/") -> str:
        """The hidden token of a freshly rendered form."""
        return token_in((await self.client.get(path)).text)

    async def send_form(self, path: str = "/", files: Files | None = None, **fields: str) -> httpx.Response:
        """Fill in the form as a browser would; `fields` replaces single values."""
        values = {**FILLED, "form": await self.form_token(path), **fields}
        return await self.client.post(path, data=values, files=files or NO_FILE)

    async def project(self, code: str, account: str, aliases: tuple[str, ...] = (), **body: object) -> None:
        """Put a submission's document as the projections would."""
        known = {
            "code": code,
            "aliases": list(aliases),
            "account": account,
            "channel": "web",
            "intake": "form",
            "language": "vi",
            "outcome": {"kind": "accepted"},
            "revision": 1,
            "received_at": self.clock().isoformat(),
            "decided_at": self.clock().isoformat(),
            "label": "infrastructure_incident",
            "subfield": "lighting",
            "ticket_id": None,
            "missing": [],
            "articles": ["8.3"],
            "trial": True,
            "steps": [],
        }
        terms = (f"account:{account}", *(f"code:{alias}" for alias in (code, *aliases)))
        await self.web.documents.put(Document("submission", code, 1, {**known, **body}, terms=terms))


FILLED = {
    "content": "Đèn đường trước số nhà 12 đường Hùng Vương hỏng ba ngày nay.",
    "name": "Nguyễn Văn An",
    "phone": "0912 345 678",
    "address": "12 Hùng Vương, phường Tân Phú",
    "email": "",
    "place": "",
    "website": "",
}
NO_FILE = {"photos": ("", io.BytesIO(b""), "application/octet-stream")}
SUBMISSION: dict[str, Any] = {
    "content": "Đèn đường trước số nhà 12 đường Hùng Vương hỏng ba ngày nay.",
    "contact": {"name": "Nguyễn Văn An", "phone": "0912345678", "address": "12 Hùng Vương"},
    "user_id": "user-1",
    "verified": ["phone"],
    "language": "vi",
}


def token_in(page: str) -> str:
    found = re.search(r'name="form"[^>]* value="([^"]+)"', page)
    assert found is not None
    return found.group(1)


def browser(app: ASGIApp, address: str = "203.0.113.7") -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=True, client=(address, 4000))
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8022")


def photo(name: str) -> tuple[str, bytes, str]:
    """A JPEG of this name, as httpx sends files."""
    return name, JPEG, "image/jpeg"
