"""Shows commits whose messages never arrived, and publishes exactly these messages again."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from cli.screen import local, print_json, print_rows, screen, table
from cli.session import opened
from gateway.runtime.reconciliation.finding import GRACE
from gateway.runtime.reconciliation.mending import PERIOD, Mended, looked_through
from services.dispatcher import wiring as dispatcher
from services.normalizer import wiring as normalizer


def command(
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be published again.")] = False,
    since: Annotated[
        datetime | None, typer.Option(help="Commits recorded since, UTC; by default the last 25 hours.")
    ] = None,
    grace: Annotated[float, typer.Option(min=0, help="Seconds that a commit must be old.")] = GRACE.total_seconds(),
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Find commits whose messages never arrived, and publish them again.

    The running gateway does this once an hour, under a lease. Messages keep their ids, and every stage takes a cause
    once: whoever has handled one before gives the first answer, so nothing happens twice.
    """
    start = None if since is None else since.replace(tzinfo=UTC)
    rows, timezone = asyncio.run(_rows(start, timedelta(seconds=grace), dry_run=dry_run))
    if as_json:
        for row in rows:
            print_json(row)
        return
    what = "would be published again" if dry_run else "published again"
    made = table("Reconciliation", "stage", "history", "version", "recorded", "missed on", what)
    cells = [
        [
            row["stage"],
            row["history"],
            str(row["version"]),
            local(row["at"], timezone),
            row["missed_on"],
            ", ".join(row["messages"]) or f"nothing: {row['reason']}",
        ]
        for row in rows
    ]
    print_rows(made, cells, empty="Everything arrived.")
    if rows:
        screen().print(f"{len(rows)} commit(s) {what}.")


async def _rows(since: datetime | None, grace: timedelta, *, dry_run: bool) -> tuple[list[dict[str, Any]], str]:
    async with opened() as deployment:
        start = since or deployment.clock() - PERIOD
        rows = [
            _row(writer.stage, mended)
            for writer in (normalizer.writer(deployment), dispatcher.writer(deployment))
            async for mended in looked_through(deployment, writer, start, grace=grace, dry_run=dry_run)
        ]
        return rows, deployment.province.timezone


def _row(stage: str, mended: Mended) -> dict[str, Any]:
    commit = mended.missed.commit
    return {
        "stage": stage,
        "history": commit.history,
        "version": commit.version,
        "cause": str(commit.cause),
        "at": commit.at.isoformat(),
        "missed_on": mended.missed.topic,
        "messages": [message.topic for message in mended.messages],
        "reason": mended.reason,
    }
