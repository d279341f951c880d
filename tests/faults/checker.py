"""Counts, from the topics and documents of a stopped gateway, what became of every message of the ledger."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from itertools import pairwise
from typing import TypeVar

from gateway.bus.opening import open_bus
from gateway.bus.port import Beginning, Bus
from gateway.projections.sqlite import SqliteDocuments
from gateway.runtime.data_folder import DataFolder
from schemas.base import Contract
from schemas.commands import AddToTicket
from schemas.log import CommitLogged
from schemas.reply import Reply
from schemas.ticket import Ticket, Transfer
from tests.faults.ledger import Sent
from tests.faults.matters import Citizen

ContractT = TypeVar("ContractT", bound=Contract)
Ledgered = Mapping[tuple[int, int], Sent]


@dataclass(frozen=True, slots=True)
class Balance:
    """The counts; all but the first three must be 0.

    `acked` messages were acknowledged, `unknown` ones never answered and given up by their sender. `lost`: an
    acknowledged message without ticket, a ticket without its place in an agency's queue, or a rendered reply that
    was not filed. `doubled`: a second ticket for one message, or a ticket put twice on a topic. `out_of_order`: a
    message recorded in its citizen's history after one that was sent later. `replies_doubled`: a reply published or
    filed twice, or two of a kind for one message.
    """

    acked: int
    unknown: int
    tickets: int
    lost: int
    doubled: int
    out_of_order: int
    replies_doubled: int

    @property
    def holds(self) -> bool:
        """Whether nothing is lost, doubled or out of order."""
        return not (self.lost or self.doubled or self.out_of_order or self.replies_doubled)

    def __str__(self) -> str:
        """The one line that the test prints."""
        return " ".join(f"{field.name.replace('_', ' ')} {getattr(self, field.name)}" for field in fields(self))


@dataclass(slots=True)
class Found:
    """What lies on the topics."""

    tickets: list[Ticket]
    additions: list[AddToTicket]
    transfers: list[Transfer]
    replies: list[Reply]
    received: dict[str, list[str]]
    filed: Counter[str]


async def balance(folder: DataFolder, ledger: Ledgered, seed: int) -> Balance:
    """Compare the ledger with what the gateway has."""
    found = await _found(folder)
    tickets = {ticket.personal.content: ticket for ticket in found.tickets}
    added = {addition.personal.text for addition in found.additions}
    texts = {key: str(Citizen(sent.citizen, seed).body(sent.place)["content"]) for key, sent in ledger.items()}
    without_ticket = [
        key for key, sent in ledger.items() if sent.acked and not _delivered(sent, texts[key], tickets, added)
    ]
    queued = {transfer.ticket.id for transfer in found.transfers}
    filed_not = {str(reply.id) for reply in found.replies} - found.filed.keys()
    return Balance(
        acked=sum(sent.acked for sent in ledger.values()),
        unknown=sum(not sent.acked and sent.results["unknown"] > 0 for sent in ledger.values()),
        tickets=len(found.tickets),
        lost=len(without_ticket) + sum(ticket.id not in queued for ticket in found.tickets) + len(filed_not),
        doubled=_doubled(found),
        out_of_order=_out_of_order(found, ledger, texts),
        replies_doubled=_replies_doubled(found),
    )


def _delivered(sent: Sent, text: str, tickets: Mapping[str, Ticket], added: set[str]) -> bool:
    """It is a ticket under the very code that was acknowledged, or was merged into an earlier one of its citizen."""
    ticket = tickets.get(text)
    return text in added if ticket is None else ticket.code == sent.code


def _doubled(found: Found) -> int:
    contents = Counter(ticket.personal.content for ticket in found.tickets)
    contents.update(addition.personal.text for addition in found.additions)
    inbounds = Counter(inbound for ticket in found.tickets for inbound in ticket.inbound_ids)
    queued = Counter(transfer.ticket.id for transfer in found.transfers)
    return sum(count - 1 for counter in (contents, inbounds, queued) for count in counter.values())


def _replies_doubled(found: Found) -> int:
    published = Counter(str(reply.id) for reply in found.replies)
    kinds = Counter((reply.in_reply_to, reply.code, reply.kind) for reply in found.replies)
    return sum(count - 1 for counter in (published, kinds, found.filed) for count in counter.values())


def _out_of_order(found: Found, ledger: Ledgered, texts: Mapping[tuple[int, int], str]) -> int:
    """Steps back in a citizen's history; a message sent again keeps the place of its first recording."""
    codes = {ticket.personal.content: str(ticket.code) for ticket in found.tickets}
    place_of = {sent.code or codes.get(texts[key], ""): sent.place for key, sent in ledger.items()}
    back = 0
    for received in found.received.values():
        places = [place_of[code] for code in received if code in place_of]
        back += sum(later < earlier for earlier, later in pairwise(places))
    return back


async def _found(folder: DataFolder) -> Found:
    bus = open_bus(f"sqlite:///{folder.bus}", "checker", clock=lambda: datetime.now(UTC))
    documents = SqliteDocuments(folder.documents)
    try:
        agencies = [
            name for name in await bus.topics() if name.startswith("agency.") and not name.endswith(".commands")
        ]
        return Found(
            tickets=await _all(bus, "tickets", Ticket),
            additions=await _all(bus, "ticket.commands", AddToTicket),
            transfers=[transfer for name in agencies for transfer in await _all(bus, name, Transfer)],
            replies=await _all(bus, "replies.web", Reply),
            received=_received(await _all(bus, "conversation.log", CommitLogged)),
            filed=Counter(document.key for document in await documents.newest("reply", limit=10_000_000)),
        )
    finally:
        await documents.close()
        await bus.close()


async def _all(bus: Bus, topic: str, model: type[ContractT]) -> list[ContractT]:
    records = bus.read(topic, start=Beginning())
    return [
        model.model_validate_json(record.message.value) async for record in records if record.message.type == model.TYPE
    ]


def _received(commits: list[CommitLogged]) -> dict[str, list[str]]:
    """Receipt codes of the messages of each history, in the order of its versions."""
    found: dict[str, list[str]] = defaultdict(list)
    for commit in sorted(commits, key=lambda commit: (commit.history, commit.version)):
        for event in commit.events:
            if event["event"] == "message_received":
                found[commit.history].append(event["inbound"]["code"])
    return found
