"""Says what a commit's events lead to in other stages, as far as that leaves a record there; pure."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from gateway.store.port import Commit
from schemas.ticket_history import history_of
from schemas.topics import CHANNELS, consumers_of
from schemas.upcasting import upcast


@dataclass(frozen=True, slots=True)
class InHistory:
    """A message on `topic` that `group` records in `history`, under `cause`."""

    topic: str
    group: str
    history: str
    cause: UUID


@dataclass(frozen=True, slots=True)
class AReply:
    """A reply on `topic` that `group` files; its history is told how it ended."""

    topic: str
    group: str
    reply_id: UUID


Awaited = InHistory | AReply


AWAITED_ON = (
    ("tickets", "dispatcher"),
    ("ticket.commands", "dispatcher"),
    *((f"replies.{channel}", f"{service}.send") for channel, service in CHANNELS.items()),
)
"""Every topic that something is awaited on, with the group that records it."""


def awaited_of(commit: Commit) -> Sequence[Awaited]:
    """What must be found elsewhere, once the stages named have handled what this commit published."""
    return [found for event in upcast(commit.history, json.loads(commit.events)) for found in _of(event)]


def ended_in(commits: Sequence[Commit]) -> frozenset[UUID]:
    """Replies of which these commits say how they ended."""
    return frozenset(
        UUID(event["reply_id"])
        for commit in commits
        for event in upcast(commit.history, json.loads(commit.events))
        if event["event"] == "reply_ended"
    )


def _of(event: Mapping[str, Any]) -> Iterator[Awaited]:
    match event["event"]:
        case "ticket_opened":
            ticket = UUID(event["ticket"]["id"])
            yield InHistory("tickets", "dispatcher", history_of(ticket), ticket)
        case "added_to_ticket":
            addition = event["addition"]
            history = history_of(UUID(addition["ticket_id"]))
            yield InHistory("ticket.commands", "dispatcher", history, UUID(addition["id"]))
        case "reply_rendered" if event["reply"]["channel"] in CHANNELS:
            channel = event["reply"]["channel"]
            yield AReply(f"replies.{channel}", f"{CHANNELS[channel]}.send", UUID(event["reply"]["id"]))
        case _:
            # Events for downstream systems and agencies leave no record that the gateway could ask for.
            return


def inputs_of(stage: str, topics: Sequence[str]) -> Sequence[str]:
    """Those of the existing topics that a stage's commits are caused by."""
    return [name for name in topics if stage in consumers_of(name)]
