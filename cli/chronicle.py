"""Puts together everything that was recorded about one submission: its conversation's part and its ticket's life."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import TypeAlias
from uuid import UUID

from gateway.domain.identity import read_code
from gateway.errors import Invalid
from gateway.runtime.deployment import Deployment
from gateway.runtime.histories import Recorded
from schemas import conversation, ticket_history
from schemas.conversation import (
    AddedToTicket,
    AttachmentChanged,
    ConversationEvent,
    DataWithdrawn,
    Decided,
    MessageReceived,
    ReplyEnded,
    ReplyRendered,
    StubReceived,
    TicketOpened,
    TimerClosed,
    WithdrawalSettled,
)
from schemas.outcome import Merged
from schemas.ticket_history import TicketHistoryEvent
from services.dispatcher import wiring as dispatcher
from services.dispatcher.ticket_state import TicketState, empty, fold
from services.normalizer import wiring as normalizer

Event: TypeAlias = ConversationEvent | TicketHistoryEvent


@dataclass(frozen=True, slots=True)
class Entry:
    """One event with its place in the record; `at` is the commit's aware time."""

    at: datetime
    history: str
    version: int
    event: Event


@dataclass(frozen=True, slots=True)
class Chronicle:
    """A submission's whole record; `code` is its own code, `aliases` those of messages merged into it."""

    code: str
    aliases: tuple[str, ...]
    account: str
    decided: Decided | None
    ticket: TicketState
    entries: tuple[Entry, ...]


def canonical(code: str) -> str:
    """A code as typed, in its canonical form; raises `Invalid("bad_code")`."""
    found = read_code(code)
    if found is None:
        raise Invalid(
            "bad_code",
            "That is no receipt code: it has 12 signs, and one is mistyped or missing.",
        )
    return found


async def chronicle_of(deployment: Deployment, code: str) -> Chronicle:
    """Everything about the submission that this code belongs to, opened from the vault, oldest first.

    Raises `Invalid("unknown_code")`, or `Invalid("erased")` when the citizen's key was destroyed.
    """
    histories = await deployment.store.find(f"code:{code}")
    spoken = next((name for name in histories if name.startswith(conversation.HISTORY_PREFIX)), None)
    if spoken is None:
        raise Invalid("unknown_code", "Nothing was recorded under this code (yet).")
    recorded = await normalizer.histories(deployment.store, deployment.vault).record_of(spoken)
    codes = _codes(recorded, code)
    replies = _replies(recorded, codes)
    said = [entry for entry in _entries(recorded) if _concerns(entry.event, codes, replies)]
    main = _main(said, code)
    tickets = {event.ticket.id for event in (entry.event for entry in said) if isinstance(event, TicketOpened)}
    lived = [entry for ticket in sorted(tickets) for entry in await _life(deployment, ticket)]
    decided = [event for event in (one.event for one in said) if isinstance(event, Decided)]
    return Chronicle(
        code=main,
        aliases=tuple(sorted(codes - {main})),
        account=spoken.removeprefix(conversation.HISTORY_PREFIX),
        decided=next((event for event in reversed(decided) if event.submission == main), None),
        ticket=reduce(fold, _ticket_events(lived), empty()),
        entries=tuple(sorted((*said, *lived), key=lambda entry: entry.at)),
    )


async def _life(deployment: Deployment, ticket: UUID) -> Sequence[Entry]:
    """A ticket's own history; empty as long as the dispatcher has not seen it."""
    histories = dispatcher.histories(deployment.store, deployment.vault)
    return _entries(await histories.record_of(ticket_history.history_of(ticket)))


def _entries(recorded: Sequence[Recorded[ConversationEvent]] | Sequence[Recorded[TicketHistoryEvent]]) -> list[Entry]:
    return [
        Entry(one.commit.at, one.commit.history, one.commit.version, event) for one in recorded for event in one.events
    ]


def _ticket_events(entries: Sequence[Entry]) -> list[TicketHistoryEvent]:
    # Only the ticket's own history is handed in; the two unions share some events, so the type cannot tell.
    return [entry.event for entry in entries]  # type: ignore[misc]  # said above


def _codes(recorded: Sequence[Recorded[ConversationEvent]], code: str) -> frozenset[str]:
    """The code with every alias: what was merged into it, what it was merged into, and messages' own codes."""
    links: list[tuple[str, str]] = []
    for event in (event for one in recorded for event in one.events):
        names = _named(event)
        if names is not None:
            links.append(names)
        elif isinstance(event, Decided) and isinstance(event.outcome, Merged):
            links.append((event.submission, event.outcome.into))
    found = {code}
    grown = True
    while grown:
        joined = {end for link in links if found.intersection(link) for end in link}
        grown = not joined <= found
        found |= joined
    return frozenset(found)


def _concerns(event: Event, codes: frozenset[str], replies: frozenset[UUID]) -> bool:
    """Whether an event of the conversation is about this submission; refused commands name none and are shown."""
    match event:
        case ReplyEnded(reply_id=reply):
            return reply in replies
        case TimerClosed(kind=kind):
            return any(kind.endswith(code.replace("-", "").lower()) for code in codes)
        case MessageReceived() | StubReceived() | Decided() | TicketOpened() | AddedToTicket() | ReplyRendered():
            return event.submission in codes
        case AttachmentChanged():
            return event.submission in codes
        case DataWithdrawn() | WithdrawalSettled():
            return not codes.isdisjoint(event.submissions)
        case _:
            return getattr(event, "submission", None) in {None, *codes}


def _replies(recorded: Sequence[Recorded[ConversationEvent]], codes: frozenset[str]) -> frozenset[UUID]:
    events = (event for one in recorded for event in one.events)
    return frozenset(one.reply.id for one in events if isinstance(one, ReplyRendered) and one.submission in codes)


def _main(said: Sequence[Entry], code: str) -> str:
    """The submission that became the ticket, else the one that the code opened or was added to."""
    for entry in said:
        if isinstance(entry.event, TicketOpened):
            return entry.event.submission
    named = (_named(entry.event) for entry in said)
    return next((names[0] for names in named if names is not None and code in names), code)


def _named(event: Event) -> tuple[str, str] | None:
    """The submission that a message or its stub came to, and the message's own code."""
    match event:
        case MessageReceived(inbound=inbound):
            return event.submission, inbound.code
        case StubReceived(stub=stub):
            return event.submission, stub.code
        case _:
            return None
