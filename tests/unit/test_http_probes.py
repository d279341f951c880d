"""`/metrics` answers the listed networks only, and nobody who came through a proxy."""

from collections.abc import Mapping

import httpx
import pytest
from starlette.responses import PlainTextResponse

from gateway.runtime.http import FORWARDED, with_probes
from gateway.runtime.metrics import Metrics

LISTED = ("127.0.0.1", "::1", "10.89.22.0/24")


async def asked(peer: str, headers: Mapping[str, str] | None = None) -> int:
    app = with_probes(
        PlainTextResponse("the application"), metrics=Metrics(), not_ready=lambda: None, metrics_clients=LISTED
    )
    transport = httpx.ASGITransport(app, client=(peer, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        return (await client.get("/metrics", headers=headers)).status_code


@pytest.mark.parametrize("peer", ["127.0.0.1", "::1", "10.89.22.1", "10.89.22.254", "::ffff:10.89.22.7"])
async def test_a_listed_address_or_network_reads_them(peer: str) -> None:
    assert await asked(peer) == 200


@pytest.mark.parametrize("peer", ["10.89.23.1", "127.0.0.2", "::2", "::ffff:10.89.23.1", "no address", ""])
async def test_nobody_else_does(peer: str) -> None:
    assert await asked(peer) == 404


@pytest.mark.parametrize("header", FORWARDED)
async def test_nor_does_anybody_through_a_proxy(header: str) -> None:
    assert await asked("127.0.0.1", {header: "127.0.0.1"}) == 404
