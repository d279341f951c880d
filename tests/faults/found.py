"""What a stopped gateway has on its topics and in its documents, and what citizens got, for the checker to count."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
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
from tests.faults.matters import CHANNELS
from tests.faults.outside import Delivery

ContractT = TypeVar("ContractT", bound=Contract)


@dataclass(frozen=True, slots=True)
class Found:
    """Everything, or one channel's part of it; `received` has the receipt codes of each history, in its order.

    `filed` are ids of the replies that lie under their codes for citizens of the form and the app to look up;
    `delivered` is what other channels' citizens got, None where nobody waited for that.
    """

    tickets: Sequence[Ticket]
    additions: Sequence[AddToTicket]
    transfers: Sequence[Transfer]
    replies: Sequence[Reply]
    received: Sequence[Sequence[str]]
    filed: Counter[str]
    delivered: Sequence[Delivery] | None

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
            filed=self.filed if channel == "web" else Counter(),
            delivered=None if self.delivered is None else [one for one in self.delivered if one.channel == channel],
        )


async def find(folder: DataFolder, delivered: Sequence[Delivery] | None) -> Found:
    """Read it all."""
    bus = open_bus(f"sqlite:///{folder.bus}", "checker", clock=lambda: datetime.now(UTC))
    documents = SqliteDocuments(folder.documents)
    try:
        topics = await bus.topics()
        agencies = [name for name in topics if name.startswith("agency.") and not name.endswith(".commands")]
        return Found(
            tickets=await _all(bus, "tickets", Ticket),
            additions=await _all(bus, "ticket.commands", AddToTicket),
            transfers=[transfer for name in agencies for transfer in await _all(bus, name, Transfer)],
            replies=[reply for channel in CHANNELS for reply in await _all(bus, f"replies.{channel}", Reply)],
            received=_received(await _all(bus, "conversation.log", CommitLogged)),
            filed=Counter(document.key for document in await documents.newest("reply", limit=10_000_000)),
            delivered=delivered,
        )
    finally:
        await documents.close()
        await bus.close()


async def _all(bus: Bus, topic: str, model: type[ContractT]) -> list[ContractT]:
    records = bus.read(topic, start=Beginning())
    return [
        model.model_validate_json(record.message.value) async for record in records if record.message.type == model.TYPE
    ]


def _received(commits: list[CommitLogged]) -> list[list[str]]:
    """Receipt codes of the messages of each history, in the order of its versions."""
    found: dict[str, list[str]] = defaultdict(list)
    for commit in sorted(commits, key=lambda commit: (commit.history, commit.version)):
        for event in commit.events:
            if event["event"] == "message_received":
                found[commit.history].append(event["inbound"]["code"])
    return list(found.values())
