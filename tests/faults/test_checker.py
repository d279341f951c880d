"""The checker sees each fault that it is there for, in a ledger and topics made by hand."""

import json
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from gateway.bus.opening import open_bus
from gateway.bus.port import Bus
from gateway.projections.port import Document
from gateway.projections.sqlite import SqliteDocuments
from gateway.runtime.data_folder import DataFolder
from gateway.runtime.histories import to_message
from gateway.store.opening import open_store
from gateway.store.port import Commit
from schemas.base import Value
from schemas.judgement import Classification, RankedField
from schemas.log import CommitLogged
from schemas.reply import Reply, ReplyPersonal
from schemas.ticket import RoutingReason, Ticket, TicketPersonal, Transfer
from schemas.vocabulary import Intake, Label, Language, ReplyKind, TransferRole
from tests.faults.checker import Balance, balance, together
from tests.faults.ledger import Sent
from tests.faults.matters import Citizen
from tests.faults.outside import Delivery
from tests.faults.places import Places

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ACCOUNT = "0f" * 16
CODES = ("2222-2222-2222", "3333-3333-3333")
SEED = 7
INTAKES = {"web": Intake.APP, "zalo": Intake.CHAT, "facebook": Intake.CHAT, "email": Intake.EMAIL}
RIGHT = Balance(acked=2, unknown=0, tickets=2, lost=0, doubled=0, out_of_order=0, replies_doubled=0)


def ticket(place: int, channel: str = "web") -> Ticket:
    text = Citizen(0, SEED, channel).text(place)
    return Ticket.model_validate(
        {
            "id": uuid4(),
            "code": CODES[place],
            "channel": channel,
            "intake": INTAKES[channel],
            "account": ACCOUNT,
            "language": Language.VI,
            "received_at": NOON,
            "accepted_at": NOON,
            "classification": Classification(ranked=(RankedField(label=Label.OTHER, confidence=1.0),)),
            "inbound_ids": (uuid4(),),
            "province": "binh_phuoc",
            "regulation": "478",
            "personal": TicketPersonal.model_validate({"contact": {}, "content": text}),
        }
    )


def transfer(of: Ticket) -> Transfer:
    return Transfer(
        id=uuid4(),
        ticket=of,
        ticket_version=1,
        agency="dien_luc",
        role=TransferRole.FOCAL_OFFICER,
        reason=RoutingReason(rule="power"),
        transferred_at=NOON,
        due_at=NOON + timedelta(days=1),
    )


def reply(to: Ticket) -> Reply:
    return Reply(
        id=uuid4(),
        history=f"conversation/{ACCOUNT}",
        channel=to.channel,
        intake=to.intake,
        account=ACCOUNT,
        code=to.code,
        in_reply_to=to.inbound_ids[0],
        kind=ReplyKind.ACCEPTANCE,
        language=Language.VI,
        at=NOON,
        personal=ReplyPersonal(text=f"Đã tiếp nhận {to.code}.\n"),
    )


def received(version: int, code: str) -> CommitLogged:
    return CommitLogged(
        id=uuid4(),
        history=f"conversation/{ACCOUNT}",
        version=version,
        cause=uuid4(),
        owner=ACCOUNT,
        at=NOON,
        events=({"event": "message_received", "inbound": {"code": code}},),
        sealed=b"",
    )


class Gateway:
    """What a gateway left behind that did everything right, for tests to spoil."""

    def __init__(self, channel: str = "web") -> None:
        """Two messages of one citizen, each with ticket, transfer and reply."""
        codes = CODES if channel == "web" else ("", "")
        self.channel = channel
        self.sent = {(0, place): Sent(0, place, codes[place], Counter(acked=1), channel) for place in (0, 1)}
        self.tickets = [ticket(0, channel), ticket(1, channel)]
        self.kept = list(self.tickets)
        self.held: list[Ticket] = []
        self.transfers = [transfer(one) for one in self.tickets]
        self.replies = [reply(one) for one in self.tickets]
        self.filed = [str(one.id) for one in self.replies] if channel == "web" else []
        user = Citizen(0, SEED, channel).user_id
        self.delivered: list[Delivery] | None = [
            Delivery(channel, user, f"Đã tiếp nhận {code}.") for code in CODES if channel != "web"
        ]
        self.log = [received(number, code) for number, code in enumerate(CODES, 1)]

    async def counted(self, root: Path) -> Balance:
        """Publish everything and have it counted."""
        folder = DataFolder(root)
        folder.create()
        bus = open_bus(f"sqlite:///{folder.bus}", "normalizer", clock=lambda: NOON)
        await publish(bus, "tickets", self.tickets)
        await publish(bus, "agency.dien_luc", self.transfers)
        await publish(bus, f"replies.{self.channel}", self.replies)
        await publish(bus, "conversation.log", self.log)
        await bus.close()
        documents = SqliteDocuments(folder.documents)
        for key in self.filed:
            await documents.put(Document("reply", key, 1, {}))
        await documents.close()
        await keep(folder, self.kept, self.held)
        found = await balance(Places(folder), self.sent, SEED, self.delivered)
        return together(found)


async def publish(bus: Bus, topic: str, values: Sequence[Value]) -> None:
    for value in values:
        await bus.publish(to_message(topic, "key", value, source="test", at=NOON))


async def keep(folder: DataFolder, tickets: list[Ticket], held: Collection[Ticket]) -> None:
    """A history of each, as the dispatcher opens it."""
    store = open_store(f"sqlite:///{folder.store}")
    for one in tickets:
        public = one.model_dump(mode="json", exclude={"personal"})
        events = [{"event": "opened", "ticket": public}, *([{"event": "held"}] if one in held else ())]
        await store.record(Commit(uuid4(), f"ticket/{one.id}", 1, NOON, ACCOUNT, json.dumps(events).encode()))
    await store.close()


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


async def test_what_is_right_balances(gateway: Gateway, tmp_path: Path) -> None:
    assert await gateway.counted(tmp_path) == RIGHT
    assert RIGHT.holds
    assert str(RIGHT) == "acked 2 unknown 0 tickets 2 lost 0 doubled 0 out of order 0 replies doubled 0"


async def test_an_acknowledged_message_without_ticket_is_lost(gateway: Gateway, tmp_path: Path) -> None:
    del gateway.tickets[0], gateway.transfers[0], gateway.replies[0], gateway.filed[0]
    assert await gateway.counted(tmp_path) == replace(RIGHT, tickets=1, lost=1)


async def test_a_message_that_was_never_acknowledged_may_be_lost(gateway: Gateway, tmp_path: Path) -> None:
    del gateway.tickets[0], gateway.transfers[0], gateway.replies[0], gateway.filed[0]
    gateway.sent[0, 0] = Sent(0, 0, "", Counter(unknown=1))
    assert await gateway.counted(tmp_path) == replace(RIGHT, acked=1, unknown=1, tickets=1)


async def test_a_ticket_under_another_code_is_lost(gateway: Gateway, tmp_path: Path) -> None:
    gateway.sent[0, 0].code = "4444-4444-4444"
    assert (await gateway.counted(tmp_path)).lost == 1


async def test_a_ticket_in_no_queue_is_lost(gateway: Gateway, tmp_path: Path) -> None:
    del gateway.transfers[1]
    assert await gateway.counted(tmp_path) == replace(RIGHT, lost=1)


async def test_a_ticket_that_waits_for_an_operator_is_not_lost(gateway: Gateway, tmp_path: Path) -> None:
    gateway.held = [gateway.tickets[1]]
    del gateway.transfers[1]
    assert await gateway.counted(tmp_path) == RIGHT


async def test_a_ticket_without_a_history_is_lost(gateway: Gateway, tmp_path: Path) -> None:
    del gateway.kept[1]
    assert await gateway.counted(tmp_path) == replace(RIGHT, lost=1)


async def test_two_histories_of_one_message_are_doubled(gateway: Gateway, tmp_path: Path) -> None:
    gateway.kept.append(gateway.tickets[0].model_copy(update={"id": uuid4()}))
    assert await gateway.counted(tmp_path) == replace(RIGHT, doubled=1)


async def test_a_reply_that_was_not_filed_is_lost(gateway: Gateway, tmp_path: Path) -> None:
    del gateway.filed[1]
    assert await gateway.counted(tmp_path) == replace(RIGHT, lost=1)


async def test_a_second_ticket_for_a_message_is_doubled(gateway: Gateway, tmp_path: Path) -> None:
    gateway.tickets.append(ticket(0))
    gateway.kept.append(gateway.tickets[-1])
    gateway.transfers.append(transfer(gateway.tickets[-1]))
    assert await gateway.counted(tmp_path) == replace(RIGHT, tickets=3, doubled=1)


async def test_a_ticket_twice_in_a_queue_is_doubled(gateway: Gateway, tmp_path: Path) -> None:
    gateway.transfers.append(transfer(gateway.tickets[0]))
    assert await gateway.counted(tmp_path) == replace(RIGHT, doubled=1)


async def test_messages_recorded_the_other_way_round_are_out_of_order(gateway: Gateway, tmp_path: Path) -> None:
    gateway.log = [received(1, CODES[1]), received(2, CODES[0])]
    assert await gateway.counted(tmp_path) == replace(RIGHT, out_of_order=1)


async def test_a_reply_of_the_same_kind_to_the_same_message_is_doubled(gateway: Gateway, tmp_path: Path) -> None:
    gateway.replies.append(reply(gateway.tickets[0]))
    gateway.filed.append(str(gateway.replies[-1].id))
    assert await gateway.counted(tmp_path) == replace(RIGHT, replies_doubled=1)


@pytest.mark.parametrize("channel", ["zalo", "facebook", "email"])
async def test_what_is_right_on_a_channel_that_carries_replies_balances(channel: str, tmp_path: Path) -> None:
    assert await Gateway(channel).counted(tmp_path) == RIGHT


async def test_a_reply_that_never_reached_its_citizen_is_lost(tmp_path: Path) -> None:
    gateway = Gateway("zalo")
    assert gateway.delivered is not None
    del gateway.delivered[1]
    assert await gateway.counted(tmp_path) == replace(RIGHT, lost=1)


async def test_a_reply_that_reached_somebody_else_is_lost(tmp_path: Path) -> None:
    gateway = Gateway("facebook")
    assert gateway.delivered is not None
    gateway.delivered[0] = replace(gateway.delivered[0], user="7421000007000099")
    assert await gateway.counted(tmp_path) == replace(RIGHT, lost=1)


async def test_a_reply_that_reached_its_citizen_twice_is_doubled(tmp_path: Path) -> None:
    gateway = Gateway("email")
    assert gateway.delivered is not None
    gateway.delivered.append(gateway.delivered[0])
    assert await gateway.counted(tmp_path) == replace(RIGHT, replies_doubled=1)


async def test_replies_that_came_the_other_way_round_are_out_of_order(tmp_path: Path) -> None:
    gateway = Gateway("zalo")
    assert gateway.delivered is not None
    gateway.delivered.reverse()
    assert await gateway.counted(tmp_path) == replace(RIGHT, out_of_order=1)


async def test_channels_are_counted_apart(tmp_path: Path) -> None:
    gateway = Gateway("zalo")
    gateway.sent[1, 0] = Sent(1, 0, "2222-3333-4444", Counter(acked=1), "web")
    assert await gateway.counted(tmp_path) == replace(RIGHT, acked=3, lost=1)


async def test_where_nobody_waited_for_replies_only_messages_are_lost(tmp_path: Path) -> None:
    gateway = Gateway("zalo")
    gateway.delivered = None
    del gateway.tickets[0], gateway.transfers[0], gateway.replies[0]
    assert await gateway.counted(tmp_path) == replace(RIGHT, tickets=1, lost=1)
