"""Prints the registry of topics beside what lies on them, makes topics of a cluster, and says who needs what access."""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from cli.screen import print_json, print_rows, table
from cli.session import STAGE, opened
from gateway.bus.port import Lag
from gateway.bus.topics import actual_topics, make_topics
from gateway.errors import Invalid, Unavailable
from gateway.runtime.deployment import utc_now
from gateway.runtime.province_folder import load_province
from gateway.runtime.settings import GatewaySettings, load_settings
from schemas.topics import TOPICS, Topic, topic_for

if TYPE_CHECKING:
    from gateway.bus.kafka import Actual

NOBODY = "cli.counting"
"""A group that never reads: what it has before it is everything that is kept."""

COLUMNS = ("topic", "messages", "key", "kept", "personal", "records")
ON_THE_CLUSTER = "on the cluster"

SUBSCRIBER = "downstream"
"""What a downstream system's user is called where none is named."""

TRIAL_BROKER = "kafka://127.0.0.1:9092"
"""What names are printed for where no cluster is set: those without a prefix."""


class Access(StrEnum):
    """For what access can be printed."""

    KAFKA = "kafka"


def command(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    make: Annotated[
        list[str] | None, typer.Option("--make", help="Make this topic on the cluster; may be repeated.")
    ] = None,
    acls: Annotated[Access | None, typer.Option("--acls", help="Print the access that everybody needs.")] = None,
    subscriber: Annotated[
        list[str] | None, typer.Option("--subscriber", help="With --acls: a downstream system's user; may be repeated.")
    ] = None,
) -> None:
    """Print every declared topic, and those that exist.

    A name with <channel> or <agency> stands for one topic each; those that exist are listed below it, on a cluster
    with what is otherwise there than declared. An agency that answers over the bus needs its two topics made.
    """
    settings = load_settings()
    if acls is not None:
        sys.stdout.write(_script(settings, subscriber or [SUBSCRIBER]))
        return
    if make:
        _check_names(settings, make)
        asyncio.run(make_topics(settings.bus_url, make))
    actual = asyncio.run(actual_topics(settings.bus_url))
    kept = asyncio.run(_kept())
    rows = [row for topic in TOPICS for row in _rows(topic, kept, actual)]
    if as_json:
        for row in rows:
            print_json(row)
        return
    columns = [*COLUMNS, *([ON_THE_CLUSTER] if settings.bus_url else [])]
    made = table("Topics", *columns)
    print_rows(made, [_cells(row)[: len(columns)] for row in rows], empty="No topics.")


def _script(settings: GatewaySettings, subscribers: Sequence[str]) -> str:
    """What gives every service, operators, each of the province's agencies and subscribers their access."""
    from cli.access.grants import grants  # noqa: PLC0415 - only who asks for it needs the cluster's driver
    from cli.access.script import script  # noqa: PLC0415 - as above
    from gateway.bus.kafka.cluster import cluster_of  # noqa: PLC0415 - as above
    from gateway.bus.kafka.settings import KafkaSettings  # noqa: PLC0415 - as above

    province = load_province(settings.province)
    agencies = [agency.code for agency in province.agencies(province.day(utc_now()))]
    cluster = cluster_of(settings.bus_url or TRIAL_BROKER, KafkaSettings(_env_file=None, security_protocol="PLAINTEXT"))
    return script(grants(cluster, agencies=agencies, subscribers=subscribers))


def _check_names(settings: GatewaySettings, names: Sequence[str]) -> None:
    """Refuse an agency that the province does not know: nobody would ever write to a misspelt one."""
    province = load_province(settings.province)
    for name in names:
        head, _, rest = name.partition(".")
        if head == "agency" and province.agency(rest.removesuffix(".commands"), province.day(utc_now())) is None:
            raise Invalid("unknown_agency", f"{province.code} has no agency for {name}.")


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


def _rows(topic: Topic, kept: Mapping[str, Lag], actual: "Mapping[str, Actual]") -> Sequence[dict[str, object]]:
    """The declaration, and each existing topic that its name stands for."""
    existing = sorted({*kept, *actual})
    concrete = [name for name in existing if topic_for(name) == topic and name != topic.name]
    return [_row(topic, name, kept.get(name), actual.get(name)) for name in (topic.name, *concrete)]


def _row(topic: Topic, name: str, lag: Lag | None, actual: "Actual | None") -> dict[str, object]:
    return {
        "topic": name,
        "messages": [message.__name__ for message in topic.messages],
        "key": topic.key,
        "producers": list(topic.producers),
        "consumers": list(topic.consumers),
        "retention_days": topic.retention.days,
        "personal": topic.personal,
        "records": None if lag is None else lag.messages,
        "actual": None if actual is None else _found(actual),
    }


def _found(actual: "Actual") -> dict[str, object]:
    kept = actual.retention
    return {
        "partitions": actual.partitions,
        "copies": actual.copies,
        "retention_days": None if kept is None else round(kept.total_seconds() / 86_400, 3),
        "differs": list(actual.differs),
    }


def _cells(row: dict[str, object]) -> list[str]:
    """A table's row: producers and consumers are left to --json; an existing topic says only what differs."""
    name, records, there = str(row["topic"]), row["records"], _there(row["actual"])
    declared = next((topic for topic in TOPICS if topic.name == name), None)
    count = "-" if records is None else str(records)
    if declared is None:
        return [f"  {name}", "", "", "", "", count, there]
    messages = ", ".join(message.__name__ for message in declared.messages)
    personal = "yes" if declared.personal else "no"
    return [name, messages, declared.key, f"{declared.retention.days} d", personal, count, there]


def _there(actual: object) -> str:
    """How a topic is on the cluster, where there is one."""
    if not isinstance(actual, dict):
        return "-"
    shape = f"{actual['partitions']} x {actual['copies']}"
    return "; ".join([shape, *actual["differs"]]) if actual["differs"] else f"{shape}, as declared"
