"""Finds when each channel last brought a message and last took a reply, and how many replies are still open."""

import json
from dataclasses import dataclass
from datetime import timedelta

from cli.session import STAGE
from gateway.bus.port import At
from gateway.outbox.port import PartState
from gateway.projections.fold import SUBMISSION
from gateway.runtime.deployment import Deployment
from schemas.reply import ReplyEvent
from schemas.vocabulary import ReplyState

RECENT = 500
"""Submissions that are looked through for the last message of a channel: the ones that were written last."""

WINDOWS = (timedelta(hours=1), timedelta(days=1), timedelta(days=7))
"""How far back a channel's last reply is looked for, by and by."""

OPEN = (PartState.WAITING, PartState.SENDING, PartState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Traffic:
    """Times are ISO 8601 in UTC; None where nothing was found among the recent ones."""

    last_in: str | None
    last_out: str | None
    open_replies: int


async def traffic(deployment: Deployment, channel: str) -> Traffic:
    """What went in and out on a channel lately."""
    counts = await deployment.outbox.counts(channel)
    return Traffic(
        last_in=await _last_in(deployment, channel),
        last_out=await _last_out(deployment, channel),
        open_replies=sum(counts[state] for state in OPEN),
    )


async def _last_in(deployment: Deployment, channel: str) -> str | None:
    bodies = (one.body for one in await deployment.documents.newest(SUBMISSION, limit=RECENT))
    steps = (step for body in bodies if body["channel"] == channel for step in body["steps"])
    return max((str(step["at"]) for step in steps if step["step"] == "received"), default=None)


async def _last_out(deployment: Deployment, channel: str) -> str | None:
    now = deployment.clock()
    for window in WINDOWS:
        last = None
        async for record in deployment.bus(STAGE).read("reply.events", start=At(now - window)):
            if record.message.type != ReplyEvent.TYPE:
                continue
            event = json.loads(record.message.value)
            if event["channel"] == channel and event["state"] == ReplyState.SENT:
                last = max(last or "", str(event["at"]))
        if last is not None:
            return last
    return None
