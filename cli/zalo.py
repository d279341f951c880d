"""The Zalo channel from the command line: its access to each OA, and the consent by which an OA gives it."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import typer

from cli.faults import guarded
from cli.screen import local, print_json, print_rows, screen, table
from cli.session import opened
from gateway.errors import Invalid, Unavailable
from gateway.runtime.settings import load_settings
from services.zalo_ingest.oauth import code_in, consent_url
from services.zalo_ingest.token_pairs import Pair
from services.zalo_ingest.wiring import Zalo, state, zalo

VERIFIER_BYTES = 32
"""As base64 these are the 43 characters that Zalo demands."""


def commands() -> typer.Typer:
    """The group `gateway zalo`."""
    group = typer.Typer(no_args_is_help=True)
    group.command("status")(guarded(status))
    group.command("authorize")(guarded(authorize))
    return group


def status(*, as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False) -> None:
    """Whether signatures are enforced, and the access to each Official Account."""
    found, timezone = asyncio.run(_state())
    if as_json:
        print_json(found)
        return
    for name in ("webhook", "signature_enforced", "api", "allow_charged"):
        screen().print(f"{name:<20}{found[name]}")
    rows = [
        [one["oa"], one["access"], str(one.get("generation", "-")), local(one.get("expires_at"), timezone)]
        for one in found["oas"]
    ]
    print_rows(table("Official Accounts", "oa", "access", "generation", "expires"), rows, empty="None.")


def authorize(
    *, oa: Annotated[str | None, typer.Option(help="Which Official Account; needed when there are several.")] = None
) -> None:
    """Have an administrator of an Official Account consent, and keep the tokens that this gives."""
    asyncio.run(_authorize(oa))


async def _state() -> tuple[dict[str, Any], str]:
    async with _channel() as channel:
        return dict(await state(channel)), channel.deployment.province.timezone


async def _authorize(oa: str | None) -> None:
    async with _channel() as channel:
        settings = channel.settings
        chosen = _chosen(oa, tuple(settings.oas))
        if not settings.redirect_url:
            raise Invalid("settings", "ZALO_REDIRECT_URL: is needed, as it is registered with the app")
        code_verifier, asked = secrets.token_urlsafe(VERIFIER_BYTES), secrets.token_urlsafe(12)
        url = consent_url(
            settings.oauth_url, settings.app_id, settings.redirect_url, verifier=code_verifier, state=asked
        )
        screen().print(f"Open this as an administrator of the Official Account {chosen}, and consent:")
        screen().print(url, soft_wrap=True)
        pasted = typer.prompt("Then paste the address you were sent to, within ten minutes")
        answer = await channel.oauth.first(code_in(pasted, oa=chosen, state=asked), code_verifier)
        if not isinstance(answer, Pair):
            raise Unavailable("no_tokens", f"Zalo gave no tokens ({type(answer).__name__.lower()}); begin anew.")
        held = await channel.tokens.adopt(chosen, answer)
        until = local(answer.expires_at, channel.deployment.province.timezone)
        screen().print(f"Access to {chosen} is granted: generation {held.generation}, renewed before {until}.")


def _chosen(oa: str | None, known: tuple[str, ...]) -> str:
    if oa is None and len(known) == 1:
        return known[0]
    if oa not in known:
        raise Invalid("unknown_oa", "Say with --oa which Official Account of ZALO_OAS is meant.")
    return oa


@asynccontextmanager
async def _channel() -> AsyncIterator[Zalo]:
    async with opened(load_settings()) as deployment:
        channel = zalo(deployment)
        if channel is None:
            raise Invalid("not_configured", "The Zalo channel is off: ZALO_APP_ID is not set.")
        try:
            yield channel
        finally:
            await channel.client.aclose()
