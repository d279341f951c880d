"""Applications beside the main one answer under the beginnings of their paths, and nothing else changes."""

import httpx
import pytest
from starlette.responses import PlainTextResponse

from gateway.runtime.http import with_prefixes

APP = with_prefixes(
    {
        "": PlainTextResponse("main"),
        "/webhooks": PlainTextResponse("any"),
        "/webhooks/zalo": PlainTextResponse("zalo"),
        "/zalo_": PlainTextResponse("v"),
    },
)


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/", "main"),
        ("/webhook", "main"),
        ("/webhooks", "any"),
        ("/webhooks/facebook", "any"),
        ("/webhooks/zalo", "zalo"),
        ("/zalo_verifierX.html", "v"),
        ("/a/webhooks/zalo", "main"),
    ],
)
async def test_the_longest_beginning_answers(path: str, answer: str) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(APP), base_url="http://x") as client:
        assert (await client.get(path)).text == answer


async def test_where_nobody_answers_everything_the_rest_is_not_found() -> None:
    app = with_prefixes({"/webhooks": PlainTextResponse("any")})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
        assert (await client.get("/elsewhere")).status_code == 404
