"""What a stopped gateway has on its topics, in its histories and documents, and what citizens got, to be counted."""

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from gateway.bus.port import Beginning, Bus
from gateway.store.port import Store
from schemas.base import Contract
from schemas.commands import AddToTicket
from schemas.log import CommitLogged
from schemas.reply import Reply
from schemas.ticket import Ticket, Transfer
from schemas.ticket_history import HISTORY_PREFIX
from tests.faults.matters import CHANNELS
from tests.faults.outside import Delivery
from tests.faults.places import Places

ContractT = TypeVar("ContractT", bound=Contract)

AT_ONCE = 16
"""Histories that are read side by side."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A ticket's history as it lies in the store: from which messages it was opened, and whether an operator has it."""

    ticket_id: str
    channel: str
    inbound_ids: Sequence[str]
    held: bool


@dataclass(frozen=True, slots=True)
class Found:
    """Everything, or one channel's part of it; `received` has the receipt codes of each history, in its order.

    `kept` are the tickets' histories. `filed` are ids of the replies that lie under their codes for citizens of the
    form and the app to look up; `delivered` is what other channels' citizens got, None where nobody waited for that.
    `repeats` counts by topic what lies on a broker again under an id that it had before, which its readers take once.
    """

    tickets: Sequence[Ticket]
    additions: Sequence[AddToTicket]
    transfers: Sequence[Transfer]
    replies: Sequence[Reply]
    received: Sequence[Sequence[str]]
    kept: Sequence[Kept]
    filed: Counter[str]
    delivered: Sequence[Delivery] | None
    repeats: Counter[str] = field(default_factory=Counter)

    def of(self, channel: str) -> "Found":
        """One channel's part; `received` stays whole, since codes tell their channel."""
        tickets = [ticket for ticket in self.tickets if ticket.channel == channel]
        own = {ticket.id for ticket in tickets}
        return replace(
            self,
            tickets=tickets,
            additions=[addition for addition in self.additions if addition.ticket_id in own],
            transfers=[transfer for transfer in self.transfers if transfer.ticket.channel == channel],
            replies=[reply for reply in self.replies if reply.channel == channel],
            kept=[one for one in self.kept if one.channel == channel],
            filed=self.filed if channel == "web" else Counter(),
            delivered=None if self.delivered is None else [one for one in self.delivered if one.channel == channel],
        )


async def find(places: Places, delivered: Sequence[Delivery] | None) -> Found:
    """Read it all."""
    bus, documents, store = places.bus("checker"), places.documents(), places.store()
    topics = _Topics(bus, once=places.clustered)
    try:
        names = await bus.topics()
        agencies = [name for name in names if name.startswith("agency.") and not name.endswith(".commands")]
        return Found(
            tickets=await topics.all("tickets", Ticket),
            additions=await topics.all("ticket.commands", AddToTicket),
            transfers=[transfer for name in agencies for transfer in await topics.all(name, Transfer)],
            replies=[reply for channel in CHANNELS for reply in await topics.all(f"replies.{channel}", Reply)],
            received=_received(await topics.all("conversation.log", CommitLogged)),
            kept=await _kept(store),
            filed=Counter(document.key for document in await documents.newest("reply", limit=10_000_000)),
            delivered=delivered,
            repeats=topics.repeats,
        )
    finally:
        await store.close()
        await documents.close()
        await bus.close()


class _Topics:
    """Reads topics whole; with `once`, an id that lies on a topic again is counted and left out."""

    def __init__(self, bus: Bus, *, once: bool) -> None:
        self.repeats: Counter[str] = Counter()
        self._bus = bus
        self._once = once

    async def all(self, topic: str, model: type[ContractT]) -> list[ContractT]:
        """Every message of a kind, in the topic's order."""
        found: list[ContractT] = []
        seen: set[str] = set()
        async for record in self._bus.read(topic, start=Beginning()):
            message = record.message
            if message.type != model.TYPE:
                continue
            if self._once and message.id in seen:
                self.repeats[topic] += 1
                continue
            seen.add(message.id)
            found.append(model.model_validate_json(message.value))
        return found


async def _kept(store: Store) -> list[Kept]:
    names: list[str] = []
    while page := await store.histories(HISTORY_PREFIX, after=names[-1] if names else ""):
        names += page
    together = [names[at : at + AT_ONCE] for at in range(0, len(names), AT_ONCE)]
    return [one for some in together for one in await asyncio.gather(*(_opened(store, name) for name in some))]


async def _opened(store: Store, history: str) -> Kept:
    events = [event for commit in await store.commits(history) for event in json.loads(commit.events)]
    ticket, kinds = events[0]["ticket"], {event["event"] for event in events}
    held = "held" in kinds and "transferred" not in kinds
    return Kept(ticket["id"], ticket["channel"], ticket["inbound_ids"], held)


def _received(commits: list[CommitLogged]) -> list[list[str]]:
    """Receipt codes of the messages of each history, in the order of its versions."""
    found: dict[str, list[str]] = defaultdict(list)
    for commit in sorted(commits, key=lambda commit: (commit.history, commit.version)):
        for event in commit.events:
            if event["event"] == "message_received":
                found[commit.history].append(event["inbound"]["code"])
    return list(found.values())
