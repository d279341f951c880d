"""Says whether the gateway is ready, whether anything waits, and what became of the messages."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from cli.figures import figures
from cli.ledger import show_ledger
from cli.running import address_from, readiness
from cli.screen import print_json, print_rows, screen, table
from cli.session import opened
from gateway.runtime.deployment import Deployment
from gateway.runtime.ledger.reading import GRACE
from gateway.runtime.roster import Roster
from schemas.topics import CHANNELS


def command(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    url: Annotated[str | None, typer.Option(help="Where the gateway answers; by default as the settings say.")] = None,
    ledger: Annotated[
        bool, typer.Option("--ledger", help="The conservation ledger instead; exit code 1 when a message is missing.")
    ] = False,
    since: Annotated[
        datetime | None, typer.Option(help="Ledger of what was received since, UTC; by default all that is kept.")
    ] = None,
    names: Annotated[bool, typer.Option("--show", help="List what is missing, and where it was last seen.")] = False,
    grace: Annotated[
        float, typer.Option(min=0, help="Seconds for which a message that was passed by is not yet missing.")
    ] = GRACE.total_seconds(),
) -> None:
    """Show the state of the gateway, or with --ledger whether everything it received is accounted for."""
    if ledger:
        start = None if since is None else since.replace(tzinfo=UTC)
        if not show_ledger(start, timedelta(seconds=grace), names=names, as_json=as_json):
            raise typer.Exit(1)
        return
    found = asyncio.run(_found(url))
    if as_json:
        print_json(found)
    else:
        _print(found)


async def _found(url: str | None) -> dict[str, Any]:
    async with opened() as deployment:
        asked = await address_from(deployment, CHANNELS["web"], url)
        return {
            "readiness": await asyncio.to_thread(readiness, deployment.settings, asked),
            "services": await _services(deployment),
            **await figures(deployment),
        }


async def _services(deployment: Deployment) -> Sequence[dict[str, str]]:
    """Every service that ran lately; of several copies the one that spoke last is asked."""
    found = []
    for entry in await Roster(deployment.documents, deployment.clock).entries():
        state = {"state": "not_running", "address": "", "reason": ""}
        if entry.address:
            state = await asyncio.to_thread(readiness, deployment.settings, entry.address)
        found.append({"service": entry.service, **state})
    return found


def _print(found: dict[str, Any]) -> None:
    console = screen()
    ready = found["readiness"]
    console.print(
        f"{ready['state']}  {ready['address']}", style="bold green" if ready["state"] == "ready" else "bold red"
    )
    for name in ("profile", "data", "province", "regulation"):
        console.print(f"  {name:<11}{found[name]}", soft_wrap=True)
    console.print(f"  {'versions':<11}{', '.join(f'{name} {value}' for name, value in found['versions'].items())}")
    disk = found["disk"]
    console.print(f"  {'disk':<11}{disk['free_mb']:,} MB free, {disk['reserve_mb']} MB in reserve")
    console.print(f"  {'dead':<11}{found['dead_letters']} dead letter(s)")
    running = table("Services", "service", "state", "address", "reason")
    rows = [[one["service"], one["state"], one["address"], one["reason"]] for one in found["services"]]
    print_rows(running, rows, empty="No service has run yet.")
    waiting = table("Consumers", "stage", "topic", "waiting", "oldest, s")
    rows = [
        [one["stage"], one["topic"], str(one["messages"]), f"{one['oldest_seconds']:.1f}"] for one in found["consumers"]
    ]
    print_rows(waiting, rows, empty="No consumers.")
    replies = table("Replies on their way", "channel", "waiting", "sending", "unknown", "failed", "oldest waiting, s")
    states = ("waiting", "sending", "unknown", "failed")
    rows = [
        [one["channel"], *(str(one[state]) for state in states), f"{one['oldest_waiting_seconds']:.1f}"]
        for one in found["outbox"]
    ]
    print_rows(replies, rows, empty="No replies.")
    counted = table("What became of them", "submissions", "", "tickets", " ")
    print_rows(counted, _beside(found["submissions"], found["tickets"]), empty="Nothing was received yet.")


def _beside(left: dict[str, int], right: dict[str, int]) -> list[list[str]]:
    """Two lists of counts in one table."""
    one, other = list(left.items()), list(right.items())
    rows = []
    for at in range(max(len(one), len(other))):
        cells = [*(one[at] if at < len(one) else ("", "")), *(other[at] if at < len(other) else ("", ""))]
        rows.append([str(cell) for cell in cells])
    return rows
