"""The conservation ledger of `gateway status --ledger`: what was received, what became of it, what is missing."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from cli.screen import local, print_json, print_rows, screen, table
from cli.session import STAGE, opened
from gateway.domain.conservation.balance import Balance
from gateway.domain.conservation.facts import DEAD
from gateway.runtime.ledger.facts import INBOUND, RAW
from gateway.runtime.ledger.reading import LedgerReader
from schemas.topics import topic_for

IGNORED = "ignored"


def show_ledger(since: datetime | None, grace: timedelta, *, names: bool, as_json: bool) -> bool:
    """Print every channel's balance; whether nothing is unaccounted for."""
    found = asyncio.run(_found(since, grace))
    rows = found["channels"]
    if as_json:
        print_json(found)
    else:
        _print(found, names=names)
    return not any(row["unaccounted"] for row in rows)


async def _found(since: datetime | None, grace: timedelta) -> dict[str, Any]:
    async with opened() as deployment:
        kept = kept_since(deployment.clock())
        start = max(since.astimezone(UTC), kept) if since is not None else kept
        reader = LedgerReader(deployment.bus(STAGE), since=start, clock=deployment.clock, grace=grace)
        balances = await reader.balances()
        return {
            "since": start.isoformat(),
            "channels": [_row(one, deployment.clock()) for one in balances.values()],
            "timezone": deployment.province.timezone,
        }


def kept_since(now: datetime) -> datetime:
    """From when on everything is kept that tells what became of a message: as long as the shortest-lived topic."""
    declared = [topic_for(name) for name in (f"{RAW}web", INBOUND)]
    return now - min(one.retention for one in declared if one is not None)


def _row(one: Balance, now: datetime) -> dict[str, Any]:
    oldest = one.oldest_in_flight
    return {
        "channel": one.channel,
        "raw": one.raw,
        "received": one.received,
        "outcomes": {name: count for name, count in one.outcomes.items() if name not in (IGNORED, DEAD)},
        "ignored": one.outcomes.get(IGNORED, 0),
        "dead_letters": one.outcomes.get(DEAD, 0),
        "in_flight": one.in_flight,
        "oldest_in_flight_seconds": None if oldest is None else round((now - oldest).total_seconds(), 1),
        "unaccounted": [
            {"id": missing.name, "received_at": missing.received_at.isoformat(), "last_seen": missing.seen}
            for missing in one.unaccounted
        ],
    }


def _print(found: Mapping[str, Any], *, names: bool) -> None:
    rows: Sequence[Mapping[str, Any]] = found["channels"]
    title = f"Conservation ledger since {local(found['since'], found['timezone'])}"
    made = table(
        title, "channel", "raw", "received", "outcomes", "ignored", "dead letters", "in flight", "oldest, s", "missing"
    )
    cells = [
        [
            row["channel"],
            str(row["raw"]),
            str(row["received"]),
            ", ".join(f"{name} {count}" for name, count in row["outcomes"].items()) or "-",
            str(row["ignored"]),
            str(row["dead_letters"]),
            str(row["in_flight"]),
            "-" if row["oldest_in_flight_seconds"] is None else f"{row['oldest_in_flight_seconds']:.1f}",
            str(len(row["unaccounted"])),
        ]
        for row in rows
    ]
    print_rows(made, cells, empty="Nothing was received.")
    missing = [(row["channel"], one) for row in rows for one in row["unaccounted"]]
    if missing and not names:
        screen().print("Missing: every stage went past them. --show lists them.", style="bold red")
    for channel, one in missing if names else ():
        line = f"{channel}  {one['id']}  received {local(one['received_at'], found['timezone'])}  last seen on "
        screen().print(line + one["last_seen"], soft_wrap=True)
