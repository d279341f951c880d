"""Calls that change something at Facebook: bounded in time and size, never repeated by itself, no secret in a URL."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

import httpx

from gateway.outbox.carrier import Handover, Later, Unclear
from services.facebook_ingest.page import CHANNEL
from services.facebook_ingest.refusals import answer_of
from services.facebook_ingest.signature import proof

log = logging.getLogger(__name__)

CONNECT_SECONDS = 5.0
UNREACHABLE_SECONDS = 10.0
LARGEST_ANSWER = 100_000


class Calls:
    """POST requests to the Graph API on one connection pool."""

    def __init__(self, *, base: str, version: str, app_secret: bytes, seconds: float) -> None:
        """Take the API's address and version, the secret that proves the caller, and the most time for one call."""
        self._prefix = f"{base}/{version}"
        self._app_secret = app_secret
        self._seconds = seconds
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds)),
            follow_redirects=False,
            trust_env=False,
        )

    async def post(self, path: str, body: Mapping[str, Any], token: str, *, tries: int = 1) -> Handover:
        """How a call ended; raises nothing for what Facebook or the network does."""
        try:
            async with asyncio.timeout(self._seconds):
                return await self._post(path, body, token, tries)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            # The request was never written.
            return Later("unreachable", UNREACHABLE_SECONDS, whole_channel=True)
        except (httpx.HTTPError, TimeoutError):
            return Unclear("answer_lost")

    async def _post(self, path: str, body: Mapping[str, Any], token: str, tries: int) -> Handover:
        # A parameter beside the others, so that the proof of our secret does not stand in the URL either.
        whole = {**body, "appsecret_proof": proof(self._app_secret, token)}
        headers = {"Authorization": f"Bearer {token}"}
        async with self._client.stream("POST", f"{self._prefix}/{path}", json=whole, headers=headers) as response:
            content = b""
            async for chunk in response.aiter_bytes():
                content += chunk
                if len(content) > LARGEST_ANSWER:
                    return Unclear("answer_unreadable")
        said = {name.lower(): value for name, value in response.headers.items()}
        answer = answer_of(response.status_code, said, content, tries=tries)
        if answer.fault is not None:
            fault = answer.fault
            extra = {"channel": CHANNEL, "reason": f"{fault.code}/{fault.subcode}", "detail": fault.trace}
            log.warning("refused_by_facebook", extra={**extra, "status": response.status_code})
        return answer.handover

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()
