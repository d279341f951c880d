"""Shows each channel's state with what to do about it, for operators and for monitoring."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from cli.channel_looks import looked_at
from cli.channel_states import Health, Standing, without_gateway
from cli.running import address_from, readiness
from cli.screen import local, print_json, print_rows, table
from cli.session import opened
from cli.traffic import traffic
from gateway.runtime.deployment import Deployment
from schemas.topics import CHANNELS


def command(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Exit code 1 when a channel needs a person.")] = False,
    url: Annotated[str | None, typer.Option(help="Where the gateway answers; by default as the settings say.")] = None,
) -> None:
    """Show the channels.

    A channel works, waits for something that comes by itself, is not configured, or needs you: then the last column
    says what to do. Works beside the running gateway and without it, and changes nothing.
    """
    rows, timezone = asyncio.run(_rows(url))
    if as_json:
        for row in rows:
            print_json(row)
    else:
        _print(rows, timezone)
    if check and any(row["health"] == Health.NEEDS_YOU.name.lower() for row in rows):
        raise typer.Exit(1)


async def _rows(url: str | None) -> tuple[Sequence[dict[str, Any]], str]:
    rows = []
    async with opened() as deployment:
        for channel, standing in (await looked_at(deployment)).items():
            shown = standing if await _runs(deployment, channel, url) else without_gateway(standing)
            found = await traffic(deployment, channel)
            rows.append(
                {
                    **_told(channel, shown),
                    "last_in": found.last_in,
                    "last_out": found.last_out,
                    "open_replies": found.open_replies,
                    "todo": shown.todo,
                }
            )
        return rows, deployment.province.timezone


async def _runs(deployment: Deployment, channel: str, url: str | None) -> bool:
    """Whether the channel's service answers; where nothing says where, its own word is all there is."""
    asked = await address_from(deployment, CHANNELS[channel], url)
    found = await asyncio.to_thread(readiness, deployment.settings, asked)
    return found["state"] in ("ready", "not_ready", "unknown")


def _told(channel: str, standing: Standing) -> dict[str, Any]:
    health = standing.health.name.lower()
    return {"channel": channel, "health": health, "state": standing.words, "since": standing.since}


def _print(rows: Sequence[dict[str, Any]], timezone: str) -> None:
    made = table("Channels", "channel", "state", "since", "last in", "last out", "open", "what to do")
    cells = [
        [
            row["channel"],
            row["state"],
            *(local(row[name], timezone) for name in ("since", "last_in", "last_out")),
            str(row["open_replies"]),
            row["todo"] or "-",
        ]
        for row in rows
    ]
    print_rows(made, cells, empty="None.")
