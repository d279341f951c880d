"""Operators see the channel's access, and an administrator's consent gives a new one while the gateway runs."""

import asyncio
import json
import os
import re
import sys
from pathlib import Path

import httpx

from services.zalo_ingest.configuration import TRIAL_OA
from tests.channels.zalo.running import Running, running
from tests.gateway_process import OURS, ROOT

REDIRECT = "https://1022.example.gov.vn/zalo"


async def command(both: Running, *words: str) -> asyncio.subprocess.Process:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "cli", "zalo", *words),
        cwd=ROOT,
        env={
            **inherited,
            "GATEWAY_DATA": str(both.gateway.data),
            "ZALO_API_URL": both.zalo.address,
            "ZALO_OAUTH_URL": both.zalo.address,
            "ZALO_REDIRECT_URL": REDIRECT,
        },
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def status(both: Running) -> dict[str, object]:
    said, _ = await (await command(both, "status", "--json")).communicate()
    (oa,) = json.loads(said)["oas"]
    found: dict[str, object] = oa
    return found


async def authorized(both: Running) -> str:
    """Consent in a browser, and paste where it led to; returns what the command said."""
    asking = await command(both, "authorize")
    assert asking.stdout is not None
    assert asking.stdin is not None
    said = ""
    while not (found := re.search(r"http://127\S+/v4/oa/permission\S+", said)):
        said += (await asyncio.wait_for(asking.stdout.readline(), 60)).decode()
    async with httpx.AsyncClient(trust_env=False) as browser:
        back = (await browser.get(found[0])).headers["location"]
    rest, _ = await asking.communicate(f"{back}\n".encode())
    return said + rest.decode()


async def test_a_revoked_consent_is_seen_and_a_new_one_brings_the_channel_back(tmp_path: Path) -> None:
    async with running(tmp_path, ZALO_REDIRECT_URL=REDIRECT) as both:
        await both.zalo.say("2512523625412515001", "Chào tổng đài")
        await both.handled("inbound", 1)
        assert (await status(both))["access"] in ("live", "no_consent")
        revoked = {"event_name": "permission_revoked", "oa_id": TRIAL_OA, "app_id": both.zalo.state.app_id}
        await both.zalo.webhooks.send({**revoked, "timestamp": str(both.zalo.now)})
        await both.handled("inbound", 2)
        assert (await status(both))["access"] == "consent_revoked"
        assert [one for one in both.gateway.events() if one["level"] == "critical"] != []
        said = await authorized(both)
        assert f"Access to {TRIAL_OA} is granted: generation 2" in said
        found = await status(both)
        assert (found["access"], found["generation"]) == ("live", 2)
        # No token is printed, and none is written where everybody may look.
        tokens = both.zalo.state.tokens[TRIAL_OA]
        assert tokens.access not in said + both.gateway.logged()
        assert tokens.refresh not in said + both.gateway.logged()
