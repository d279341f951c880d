"""Shows the overview until it is interrupted, or one frame of it."""

import asyncio
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Annotated, Any

import typer
from rich.live import Live

from cli.running import address_of
from cli.screen import print_json, screen
from cli.session import opened
from cli.top.frame import frame
from cli.top.picture import picture
from cli.top.scraping import look
from gateway.errors import Unavailable
from gateway.runtime.province_folder import load_province
from gateway.runtime.roster import Entry, Roster
from gateway.runtime.settings import GatewaySettings, load_settings


def command(
    *,
    url: Annotated[
        list[str] | None,
        typer.Option(help="Where a service answers, once for each; by default as each said itself."),
    ] = None,
    every: Annotated[float, typer.Option(min=0.2, help="Seconds between two frames.")] = 2.0,
    once: Annotated[bool, typer.Option("--once", help="Print one frame and end.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a frame.")] = False,
) -> None:
    """Show the overview.

    Rates are those between two looks at the services' /metrics, which they show to this machine only, unless
    GATEWAY_METRICS_CLIENTS says otherwise. Alarms that need no memory are those of deploy/prometheus, at the same
    numbers, each with what to do.
    """
    settings = load_settings()
    addresses = tuple(address_of(settings, one) for one in url) if url else asyncio.run(_running(settings))
    frames = _frames(addresses, every)
    timezone = load_province(settings.province).timezone
    if as_json or once or not sys.stdout.isatty():
        for found in frames:
            _print(found, timezone, as_json=as_json)
            if once:
                return
        return
    with Live(console=screen(), screen=True, auto_refresh=False) as live:
        for found in frames:
            live.update(picture(found, timezone), refresh=True)


def _print(found: dict[str, Any], timezone: str, *, as_json: bool) -> None:
    if as_json:
        print_json(found)
    else:
        screen().print(picture(found, timezone))


def _frames(addresses: Sequence[str], every: float) -> Iterator[dict[str, Any]]:
    """A frame after each pause; raises `Unavailable("no_gateway")` when nobody answers at first."""
    before = look(addresses)
    if len(before.silent) == len(addresses):
        told = ", ".join(f"{address} ({why})" for address, why in before.silent.items())
        raise Unavailable("no_gateway", f"No service shows its figures: {told}.")
    while True:
        time.sleep(every)
        now = look(addresses)
        yield frame(before, now)
        before = now


async def _running(settings: GatewaySettings) -> Sequence[str]:
    """Where services answer by their own word; this gateway where none gave it, or the store cannot be asked."""
    said: Sequence[Entry] = ()
    with suppress(Unavailable):
        async with opened(settings) as deployment:
            said = await Roster(deployment.documents, deployment.clock).entries()
    # One process may be several services.
    return tuple(dict.fromkeys(one.address for one in said if one.address)) or (address_of(settings, None),)
