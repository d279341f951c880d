"""Prints the registry of topics beside what lies on them."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated

import typer

from cli.screen import print_json, print_rows, table
from cli.session import STAGE, opened
from gateway.bus.port import Lag
from gateway.errors import Unavailable
from schemas.topics import TOPICS, Topic, topic_for

NOBODY = "cli.counting"
"""A group that never reads: what it has before it is everything that is kept."""


def command(*, as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False) -> None:
    """Print every declared topic, and those that exist.

    A name with <channel> or <agency> stands for one topic each; those that exist are listed below it.
    """
    kept = asyncio.run(_kept())
    rows = [row for topic in TOPICS for row in _rows(topic, kept)]
    if as_json:
        for row in rows:
            print_json(row)
        return
    made = table("Topics", "topic", "messages", "key", "kept", "personal", "records")
    print_rows(made, [_cells(row) for row in rows], empty="No topics.")


async def _kept() -> Mapping[str, Lag]:
    """What lies on each topic that exists; nothing before the first start."""
    try:
        async with opened() as deployment:
            bus = deployment.bus(STAGE)
            return {name: await bus.lag(name, group=NOBODY) for name in await bus.topics()}
    except Unavailable as error:
        if error.reason != "no_data":
            raise
        return {}


def _rows(topic: Topic, kept: Mapping[str, Lag]) -> Sequence[dict[str, object]]:
    """The declaration, and each existing topic that its name stands for."""
    concrete = [name for name in kept if topic_for(name) == topic and name != topic.name]
    return [_row(topic, name, kept.get(name)) for name in (topic.name, *concrete)]


def _row(topic: Topic, name: str, lag: Lag | None) -> dict[str, object]:
    return {
        "topic": name,
        "messages": [message.__name__ for message in topic.messages],
        "key": topic.key,
        "producers": list(topic.producers),
        "consumers": list(topic.consumers),
        "retention_days": topic.retention.days,
        "personal": topic.personal,
        "records": None if lag is None else lag.messages,
    }


def _cells(row: dict[str, object]) -> list[str]:
    """A table's row: producers and consumers are left to --json; an existing topic says only what differs."""
    name, records = str(row["topic"]), row["records"]
    declared = next((topic for topic in TOPICS if topic.name == name), None)
    count = "-" if records is None else str(records)
    if declared is None:
        return [f"  {name}", "", "", "", "", count]
    messages = ", ".join(message.__name__ for message in declared.messages)
    return [name, messages, declared.key, f"{declared.retention.days} d", "yes" if declared.personal else "no", count]
