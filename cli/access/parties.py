"""Which service reads and writes which topics by which stage, as schemas/topics.py says; pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gateway.runtime.ledger.facts import TOPICS as LEDGER
from gateway.runtime.reconciliation.awaited import AWAITED_ON
from gateway.runtime.reconciliation.mending import RECONCILIATION_STAGE
from schemas.topics import CHANNELS, TOPICS, Topic

DEAD_LETTERS = "dlq"
RUN_BY = {"projections": "upkeep", "scheduler": "upkeep"}
"""Stages that have not the name of the service which runs them."""

OUTSIDE = frozenset({"operators", "agency", "downstream", "every stage"})
"""Parties of the registry that are no stage of a service."""

Pair = tuple[str, str]
"""A stage, which is its group as well, and a topic."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one service has to do with topics; names may hold `<agency>`.

    `consumes` and `writes` are by the stages that do so; `looks_at` it reads without a group of its own, and of
    `watches` it asks how far the group is.
    """

    service: str
    stages: frozenset[str]
    consumes: frozenset[Pair]
    writes: frozenset[str]
    looks_at: frozenset[str]
    watches: frozenset[Pair]


def parts() -> Sequence[Part]:
    """Every service's part, by name."""
    services = sorted({service_of(stage) for topic in TOPICS for stage, _ in _parties(topic, topic.producers)})
    return [_part(service) for service in services]


def service_of(stage: str) -> str:
    """The service that runs a stage."""
    head = stage.partition(".")[0]
    return RUN_BY.get(head, head)


def consumed() -> frozenset[Pair]:
    """Every group with each topic that it reads."""
    return frozenset(pair for topic in TOPICS for pair in _parties(topic, topic.consumers))


def downstream() -> Sequence[str]:
    """Topics that are made for other systems."""
    return [topic.name for topic in TOPICS if "downstream" in topic.consumers]


def _part(service: str) -> Part:
    written = {pair for topic in TOPICS for pair in _parties(topic, topic.producers) if service_of(pair[0]) == service}
    consumes = frozenset(pair for pair in consumed() if service_of(pair[0]) == service)
    stages = {stage for stage, _ in (*written, *consumes)}
    looks_at: set[str] = set()
    watches: set[Pair] = set()
    logs = {topic for _, topic in written if topic.endswith(".log")}
    if logs:
        # Whoever writes histories publishes again what never arrived, and must see what did.
        stages.add(RECONCILIATION_STAGE)
        looks_at |= logs
        watches |= {(group, topic) for topic, group in AWAITED_ON}
    if service == RUN_BY["scheduler"]:
        looks_at |= set(LEDGER)
        watches |= consumed()
    writes = {topic for _, topic in written} | ({DEAD_LETTERS} if consumes else set())
    return Part(service, frozenset(stages), consumes, frozenset(writes), frozenset(looks_at), frozenset(watches))


def _parties(topic: Topic, names: Sequence[str]) -> Iterator[Pair]:
    """Stages of ours among the parties of a topic, each with the topic; one for each channel where that is open."""
    for name in names:
        if name in OUTSIDE:
            continue
        if "<channel>" not in name + topic.name:
            yield name, topic.name
            continue
        for channel, service in CHANNELS.items():
            yield name.replace("<channel>_ingest", service), topic.name.replace("<channel>", channel)
