"""Says what a record tells the conservation ledger; pure, and without looking at anybody's words."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from sys import intern
from typing import Any

from gateway.bus.port import Record
from gateway.domain.conservation.facts import GATHERING, Arrived, Became, Fact, PutAside, Read
from gateway.domain.tracing import trace_id
from gateway.projections.commits import CONVERSATION_LOG
from gateway.runtime.guard import replayed
from schemas.dead_letter import DeadLetter
from schemas.inbound import Ignored
from schemas.log import CommitLogged
from schemas.topics import CHANNELS
from schemas.upcasting import upcast

RAW = "raw."
INBOUND = "inbound"
DEAD_LETTERS = "dlq"
DECIDED_BY = "normalizer"
"""The group whose dead letters of `inbound` are messages without an outcome; others only fetch files."""

TOPICS = (*(f"{RAW}{channel}" for channel in CHANNELS), INBOUND, DEAD_LETTERS, CONVERSATION_LOG)
"""What the ledger reads."""

BESIDE = {
    "message_ignored": ("ignored", "ignored"),
    "staff_wrote": ("message", "staff"),
    "message_withdrawn": ("withdrawn", "withdrawal"),
    "data_withdrawn": ("withdrawn", "withdrawal"),
}
"""Events that are all that becomes of a message: where it stands in the event, and what that is called."""

JOINED, LATER, ADDED, DECIDED = range(4)
"""What weighs more within one commit."""


def facts_of(record: Record) -> Sequence[Fact]:
    """What a record of one of `TOPICS` says; raises pydantic's `ValidationError` for one that none of ours wrote."""
    topic = record.message.topic
    if topic.startswith(RAW):
        message = record.message
        return (Arrived(intern(topic.removeprefix(RAW)), trace_id(message), message.time, record.published_at),)
    if topic == INBOUND:
        return (_item(record, _read(record.message.value)),)
    if topic == DEAD_LETTERS:
        return tuple(_put_aside(DeadLetter.model_validate_json(record.message.value)))
    return tuple(_became(CommitLogged.model_validate_json(record.message.value)))


def _item(record: Record, value: Mapping[str, Any]) -> Read:
    message = record.message
    counted = message.type == Ignored.TYPE and not (value.get("sent_by_citizen") and value.get("account"))
    return Read(
        channel=intern(str(value.get("channel", ""))),
        trace=trace_id(message),
        item=str(value.get("id", message.id)),
        received_at=message.time,
        published_at=record.published_at,
        outcome="ignored" if counted else None,
    )


def _put_aside(letter: DeadLetter) -> Iterator[PutAside]:
    if letter.topic.startswith(RAW):
        yield PutAside(letter.at, trace=trace_id(replayed(letter)))
    elif letter.topic == INBOUND and letter.group == DECIDED_BY:
        yield PutAside(letter.at, item=str(_read(letter.personal.value).get("id", letter.message_id)))


def _became(commit: CommitLogged) -> Iterator[Became]:
    for event in upcast(commit.history, commit.events):
        for item, weight, outcome, until in _said(event):
            yield Became(item, (commit.version, weight), intern(outcome), commit.at, until)


def _said(event: Mapping[str, Any]) -> Iterator[tuple[str, int, str, datetime | None]]:
    """Items that an event says something of, with its weight."""
    match event["event"]:
        case "message_received":
            yield event["inbound"]["id"], JOINED, "joined", None
        case "stub_received":
            yield event["stub"]["id"], JOINED, "joined", None
        case "gathered":
            yield event["inbound_id"], LATER, GATHERING, datetime.fromisoformat(event["until"])
        case "added_to_ticket" if not (event["addition"].get("corrects") or event["addition"].get("withdrawn")):
            yield event["addition"]["inbound_id"], ADDED, "added", None
        case "decided":
            for item in event["inbound_ids"]:
                yield item, DECIDED, event["outcome"]["kind"], None
        case name if name in BESIDE:
            member, outcome = BESIDE[name]
            yield event[member]["id"], DECIDED, outcome, None
        case _:
            # The remaining events say nothing of what becomes of a message.
            return


def _read(value: bytes) -> Mapping[str, Any]:
    """A record's members; none for one that is no JSON object, which ends as a dead letter under its message's id."""
    try:
        found = json.loads(value)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
