"""The figures of `gateway status`, gathered from the ports."""

import platform
from collections.abc import Sequence
from typing import Any

import apsw

from cli.session import STAGE
from cli.topics import NOBODY
from gateway.outbox.port import PartState
from gateway.projections.fold import SUBMISSION, TICKET
from gateway.runtime.background import projection_consumers
from gateway.runtime.build import own_version
from gateway.runtime.deployment import Deployment
from gateway.runtime.room import free_bytes
from schemas.topics import CHANNELS
from schemas.vocabulary import OutcomeKind
from services.all_in_one import opened_channels
from services.dispatcher import wiring as dispatcher
from services.dispatcher.ticket_state import State
from services.normalizer import wiring as normalizer

MEGABYTE = 1_000_000


async def figures(deployment: Deployment) -> dict[str, Any]:
    """Everything but readiness, which only the running gateway knows."""
    province = deployment.province
    bus = deployment.bus(STAGE)
    return {
        "profile": deployment.settings.profile.value,
        "data": str(deployment.folder.root.absolute()),
        "province": province.code,
        "regulation": f"{province.regulation.id} {province.regulation.version}",
        "versions": {
            "gateway": own_version(),
            "python": platform.python_version(),
            "sqlite": apsw.sqlite_lib_version(),
        },
        "disk": {
            "free_mb": free_bytes(deployment.folder.root) // MEGABYTE,
            "reserve_mb": deployment.settings.disk_reserve_mb,
        },
        "consumers": [await _lag(deployment, stage, topic) for stage, topic in await _consumed(deployment)],
        "outbox": [await _outbox(deployment, channel) for channel in CHANNELS],
        "submissions": await _counts(deployment, SUBMISSION, "outcome", [kind.value for kind in OutcomeKind]),
        "tickets": await _counts(deployment, TICKET, "state", [state.value for state in State]),
        "dead_letters": (await bus.lag("dlq", group=NOBODY)).messages,
    }


async def _consumed(deployment: Deployment) -> Sequence[tuple[str, str]]:
    """Each stage of every service with each topic that it reads, agencies' own included."""
    topics = await deployment.bus(STAGE).topics()
    async with opened_channels(deployment) as channels:
        of_channels = [(one.stage, one.topic) for channel in channels for one in channel.consumers]
    agencies = [topic for topic in topics if topic.startswith("agency.") and topic.endswith(".commands")]
    return [
        *of_channels,
        *((normalizer.STAGE, topic) for topic in normalizer.READS),
        *((one.stage, one.topic) for one in dispatcher.consumers(dispatcher.service(deployment))),
        *((dispatcher.STAGE, topic) for topic in agencies),
        *((one.stage, one.topic) for one in projection_consumers(deployment)),
    ]


async def _lag(deployment: Deployment, stage: str, topic: str) -> dict[str, Any]:
    lag = await deployment.bus(STAGE).lag(topic, group=stage)
    return {
        "stage": stage,
        "topic": topic,
        "messages": lag.messages,
        "oldest_seconds": round(lag.oldest_seconds, 3),
    }


async def _outbox(deployment: Deployment, channel: str) -> dict[str, Any]:
    """Messages of a channel's replies that have not been sent, and for how long the oldest has waited."""
    counts = await deployment.outbox.counts(channel)
    oldest = await deployment.outbox.open_parts(channel, PartState.WAITING, limit=1)
    age = (deployment.clock() - oldest[0].filed_at).total_seconds() if oldest else 0.0
    return {
        "channel": channel,
        **{state.value: count for state, count in counts.items() if state is not PartState.SENT},
        "oldest_waiting_seconds": round(max(0.0, age), 3),
    }


async def _counts(deployment: Deployment, kind: str, term: str, values: Sequence[str]) -> dict[str, int]:
    """Documents by the values of a term, those that occur."""
    found = {value: await deployment.documents.count(kind, f"{term}:{value}") for value in values}
    return {value: count for value, count in found.items() if count}
