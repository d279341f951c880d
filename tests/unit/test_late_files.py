"""A file that comes, or is lost, after its message was decided reaches the ticket, and the ticket says which it is."""

from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.province import Province
from schemas.commands import AddToTicket
from schemas.conversation import AddedToTicket, AttachmentChanged, ConversationEvent, MessageReceived
from schemas.files import (
    MOST_NUMBER,
    Attachment,
    AttachmentLost,
    AttachmentPersonal,
    AttachmentState,
    AttachmentStored,
    FileRef,
)
from schemas.inbound import Inbound
from schemas.outcome import Merged
from schemas.ticket_history import Added
from services.dispatcher.life_cycle import on_addition, on_ticket
from services.dispatcher.ticket_files import merged, numbered
from services.dispatcher.ticket_state import TicketState
from services.dispatcher.ticket_state import empty as no_ticket
from services.dispatcher.ticket_state import fold as fold_ticket
from services.normalizer.conversation import KEPT_ARRIVED, fold
from services.normalizer.lexicon import load_lexicon
from services.normalizer.review import on_attachment
from services.normalizer.settle import Rules
from tests.unit.conftest import FOLDER
from tests.unit.dialogue import ACCOUNT, START, Dialogue
from tests.unit.test_ticket_life_cycle import a_ticket, moment

COMPLETE = (
    "Đèn đường ở đường Nguyễn Huệ, phường Tân Phú, thành phố Đồng Xoài hỏng một tuần nay chưa ai sửa. "
    "Tôi tên Nguyễn Văn An, số điện thoại 0912345678, địa chỉ ấp 3 xã Tân Hưng huyện Hớn Quản."
)
FILE = FileRef(address="a" * 64, owner=ACCOUNT, size=9, media_type="image/jpeg")


@pytest.fixture
def chat(province: Province) -> Dialogue:
    return Dialogue(Rules(province, load_lexicon(FOLDER / "lexicon")))


def pending(number: int, url: str = "") -> Attachment:
    link = url or f"https://a.zdn.vn/{number}"
    personal = AttachmentPersonal(name=f"{number}.jpg", source_url=link)
    return Attachment(number=number, kind="image", state=AttachmentState.PENDING, personal=personal)


def with_photos(chat: Dialogue, text: str, *photos: Attachment) -> Inbound:
    chat.said += 1
    return chat.message(text).model_copy(update={"attachments": photos})


def stored(message: Inbound, number: int) -> AttachmentStored:
    return AttachmentStored(
        id=uuid4(), inbound_id=message.id, account=ACCOUNT, number=number, file=FILE, at=message.received_at
    )


def lost(message: Inbound, number: int) -> AttachmentLost:
    return AttachmentLost(
        id=uuid4(), inbound_id=message.id, account=ACCOUNT, number=number, reason="gone", at=message.received_at
    )


def settle(chat: Dialogue, change: AttachmentStored | AttachmentLost) -> list[ConversationEvent]:
    return chat._apply(on_attachment(chat.state, change, chat.now))


def test_a_photo_that_comes_after_the_ticket_is_added_to_it(chat: Dialogue) -> None:
    message = with_photos(chat, COMPLETE, pending(0), pending(1))
    chat.take(message)
    (opened,) = chat.tickets
    assert [item.state for item in opened.ticket.attachments] == [AttachmentState.PENDING] * 2
    changed, added = settle(chat, stored(message, 1))
    assert isinstance(changed, AttachmentChanged)
    assert isinstance(added, AddedToTicket)
    assert added.addition.ticket_id == opened.ticket.id
    (attachment,) = added.addition.attachments
    assert (attachment.number, attachment.state, attachment.file) == (1, AttachmentState.STORED, FILE)
    assert attachment.personal == message.attachments[1].personal


def test_a_photo_that_is_lost_after_the_ticket_is_said_to_be(chat: Dialogue) -> None:
    message = with_photos(chat, COMPLETE, pending(0))
    chat.take(message)
    changed, added = settle(chat, lost(message, 0))
    assert isinstance(changed, AttachmentChanged)
    assert changed.reason == "gone"
    assert isinstance(added, AddedToTicket)
    assert added.addition.attachments[0].state is AttachmentState.LOST


def test_a_photo_that_comes_before_the_decision_is_in_the_ticket(chat: Dialogue) -> None:
    message = with_photos(chat, "", pending(0))
    chat.take(message)
    assert len(settle(chat, stored(message, 0))) == 1
    chat.say(COMPLETE)
    (opened,) = chat.tickets
    assert opened.ticket.attachments[0].file == FILE


def test_a_photo_that_comes_before_its_message_waits_for_it(chat: Dialogue) -> None:
    message = with_photos(chat, COMPLETE, pending(0), pending(1))
    settle(chat, stored(message, 1))
    settle(chat, lost(message, 0))
    chat.take(message)
    (opened,) = chat.tickets
    assert [item.state for item in opened.ticket.attachments] == [AttachmentState.LOST, AttachmentState.STORED]
    (received,) = chat.of(MessageReceived)
    assert received.inbound.attachments == opened.ticket.attachments
    assert chat.state.arrived == ()


def test_what_waits_for_no_message_is_bounded(chat: Dialogue) -> None:
    never = with_photos(chat, COMPLETE)
    for number in range(KEPT_ARRIVED + 5):
        chat.state = fold(chat.state, on_attachment(chat.state, lost(never, number), START).events[0])
    assert len(chat.state.arrived) == KEPT_ARRIVED


def test_a_photo_of_a_repetition_reaches_the_ticket_it_was_merged_into(chat: Dialogue) -> None:
    chat.say(COMPLETE)
    again = with_photos(chat, COMPLETE, pending(0))
    chat.take(again)
    assert isinstance(chat.outcomes[-1], Merged)
    *_, added = settle(chat, stored(again, 0))
    assert isinstance(added, AddedToTicket)
    assert added.addition.ticket_id == chat.tickets[0].ticket.id


def addition(ticket: UUID, attachments: Sequence[Attachment]) -> AddToTicket:
    return AddToTicket(id=uuid4(), ticket_id=ticket, inbound_id=uuid4(), at=START, attachments=tuple(attachments))


def test_the_agency_gets_the_file_under_the_number_it_waits_for(province: Province) -> None:
    waiting = [pending(0, "https://a.zdn.vn/x"), pending(1, "https://a.zdn.vn/y")]
    ticket = a_ticket(attachments=waiting, accepted_by="op_lan", agency_given="dn_cong_an")
    state = no_ticket()
    for event in on_ticket(state, ticket, moment(province)).events:
        state = fold_ticket(state, event)
    came = pending(0, "https://a.zdn.vn/y").model_copy(
        update={"state": AttachmentState.STORED, "file": FILE, "personal": waiting[1].personal}
    )
    (added,) = on_addition(state, addition(ticket.id, [came]), moment(province)).events
    assert isinstance(added, Added)
    assert [item.number for item in added.addition.attachments] == [1]
    state = fold_ticket(state, added)
    assert state.ticket is not None
    assert [item.state for item in state.ticket.attachments] == [AttachmentState.PENDING, AttachmentState.STORED]


def test_files_of_additions_have_numbers_of_their_own() -> None:
    ticket = a_ticket(attachments=[pending(0, "https://a.zdn.vn/x")])
    (first,) = numbered(ticket, [pending(0, "https://a.zdn.vn/z")])
    assert first.number == 1
    both = merged(ticket.attachments, [first])
    came = first.model_copy(update={"number": 0, "state": AttachmentState.LOST})
    (found,) = numbered(ticket.model_copy(update={"attachments": both}), [came])
    assert found.number == 1
    after = merged(both, [found])
    assert [(item.number, item.state) for item in after] == [(0, AttachmentState.PENDING), (1, AttachmentState.LOST)]


def test_earlier_additions_with_equal_numbers_are_kept() -> None:
    """Histories written before numbers were the ticket's own have stored files under one number."""
    photo = pending(0).model_copy(update={"state": AttachmentState.STORED, "file": FILE})
    assert merged([photo], [photo]) == (photo, photo)


attachments = st.lists(
    st.builds(
        lambda number, state: pending(number).model_copy(update={"state": state}),
        st.integers(0, 5),
        st.sampled_from(AttachmentState),
    ),
    max_size=6,
)


@given(present=attachments, added=attachments)
def test_no_settled_file_is_ever_replaced(present: list[Attachment], added: list[Attachment]) -> None:
    ticket = a_ticket(attachments=[item.model_copy(update={"number": at}) for at, item in enumerate(present)])
    after = merged(ticket.attachments, numbered(ticket, added))
    assert [item for item in ticket.attachments if item.state is not AttachmentState.PENDING] == [
        item for item in after[: len(present)] if ticket.attachments[item.number].state is not AttachmentState.PENDING
    ]
    assert sorted(item.number for item in after) == list(range(len(after)))


def test_numbers_stay_within_the_contract() -> None:
    ticket = a_ticket(attachments=[pending(MOST_NUMBER)])
    assert [item.number for item in numbered(ticket, [pending(0, "https://a.zdn.vn/z")])] == [MOST_NUMBER]
    state = TicketState(ticket=ticket)
    added = Added(addition=addition(ticket.id, numbered(ticket, [pending(0, "https://a.zdn.vn/z")] * 3)))
    found = fold_ticket(state, added).ticket
    assert found is not None
    assert len(type(found).model_validate_json(found.model_dump_json()).attachments) == 4
