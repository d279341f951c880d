"""What each user of a cluster is allowed, least of all that works; pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from cli.access.parties import OUTSIDE, Part, downstream, parts, service_of
from cli.session import STAGE as CLI
from gateway.bus.kafka.cluster import Cluster
from gateway.errors import Invalid
from gateway.runtime.reconciliation.mending import RECONCILIATION_STAGE

NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
OPERATORS = "operators"
AGENCIES = "agency."
"""The dispatcher may reach every agency's topics, those of agencies that do not exist yet as well."""


class Resource(StrEnum):
    """What access is given to, as Kafka's own tool names it."""

    TOPIC = "topic"
    GROUP = "group"
    TRANSACTION = "transactional-id"
    CLUSTER = "cluster"


@dataclass(frozen=True, slots=True)
class Grant:
    """Operations that a user may do on resources of these names, or with `prefixed` of names that begin so."""

    user: str
    operations: tuple[str, ...]
    resource: Resource
    names: tuple[str, ...] = ()
    prefixed: bool = False


def grants(cluster: Cluster, *, agencies: Sequence[str], subscribers: Sequence[str]) -> Iterator[Grant]:
    """Those of our services, operators, agencies and subscribers; raises `Invalid` for a name nobody should have."""
    for part in parts():
        yield from _of_service(part, cluster)
    yield from _of_operators(cluster)
    for agency in agencies:
        yield from _of_agency(agency, cluster)
    for subscriber in subscribers:
        yield from _of_subscriber(subscriber, cluster)


def agency_user(agency: str) -> str:
    """The user of an agency; no service can be called so."""
    return f"agency-{agency}"


def _of_service(part: Part, cluster: Cluster) -> Iterator[Grant]:
    user = part.service
    consumed = {topic for _, topic in part.consumes}
    watched = {topic for _, topic in part.watches}
    read = consumed | watched | part.looks_at
    yield from _on_topics(user, ("Read",), read, cluster)
    yield from _on_topics(user, ("Write",), part.writes, cluster)
    # A topic is made by whoever needs it first, and its settings are looked at before anything is trusted to it.
    yield from _on_topics(user, ("Create",), consumed | part.writes, cluster)
    yield from _on_topics(user, ("DescribeConfigs",), read | part.writes, cluster)
    yield from _named(user, ("Read",), Resource.GROUP, {cluster.group(*pair) for pair in part.consumes})
    yield from _named(user, ("Describe",), Resource.GROUP, {cluster.group(*pair) for pair in part.watches})
    ids = tuple(sorted(cluster.transactions(stage) for stage in part.stages))
    yield Grant(user, ("Write",), Resource.TRANSACTION, ids, prefixed=True)
    yield Grant(user, ("DescribeConfigs",), Resource.CLUSTER)


def _of_operators(cluster: Cluster) -> Iterator[Grant]:
    everything = (cluster.prefix,) if cluster.prefix else ("*",)
    prefixed = bool(cluster.prefix)
    yield Grant(OPERATORS, ("Read", "Write", "Create", "DescribeConfigs"), Resource.TOPIC, everything, prefixed)
    yield Grant(OPERATORS, ("Read",), Resource.GROUP, everything, prefixed)
    ids = tuple(cluster.transactions(stage) for stage in (CLI, RECONCILIATION_STAGE))
    yield Grant(OPERATORS, ("Write",), Resource.TRANSACTION, ids, prefixed=True)
    yield Grant(OPERATORS, ("DescribeConfigs",), Resource.CLUSTER)


def _of_agency(agency: str, cluster: Cluster) -> Iterator[Grant]:
    user, queue = agency_user(agency), f"{AGENCIES}{agency}"
    yield Grant(user, ("Read",), Resource.TOPIC, (cluster.topic(queue),))
    yield Grant(user, ("Write",), Resource.TOPIC, (cluster.topic(f"{queue}.commands"),))
    yield Grant(user, ("Read",), Resource.GROUP, (cluster.topic(f"{queue}."),), prefixed=True)


def _of_subscriber(name: str, cluster: Cluster) -> Iterator[Grant]:
    taken = OUTSIDE - {"downstream"} | {service_of(stage) for part in parts() for stage in (part.service, *part.stages)}
    stages = {stage.partition(".")[0] for part in parts() for stage in part.stages}
    if NAME.fullmatch(name) is None or name in taken | stages | {CLI}:
        raise Invalid("bad_subscriber", "A subscriber is named in lower case, and not as a part of the gateway.")
    yield Grant(name, ("Read",), Resource.TOPIC, tuple(cluster.topic(topic) for topic in downstream()))
    yield Grant(name, ("Read",), Resource.GROUP, (cluster.topic(f"{name}."),), prefixed=True)


def _on_topics(
    user: str, operations: tuple[str, ...], topics: "set[str] | frozenset[str]", cluster: Cluster
) -> Iterator[Grant]:
    yield from _named(user, operations, Resource.TOPIC, {cluster.topic(topic) for topic in topics})


def _named(user: str, operations: tuple[str, ...], resource: Resource, names: set[str]) -> Iterator[Grant]:
    """By whole names; where an agency is left open, by what comes before it."""
    whole = tuple(sorted(name for name in names if "<" not in name))
    begun = tuple(sorted({name.partition("<")[0] for name in names if "<" in name}))
    if whole:
        yield Grant(user, operations, resource, whole)
    if begun:
        yield Grant(user, operations, resource, begun, prefixed=True)
