"""Whatever citizens, staff and operators do in whatever order, every message comes to exactly one outcome."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid5

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.domain.identity import NAMESPACE
from schemas.commands import ReviewCommand
from schemas.conversation import (
    AddedToTicket,
    DataWithdrawn,
    MessageIgnored,
    MessageReceived,
    MessageWithdrawn,
    StaffWrote,
    TicketOpened,
)
from schemas.inbound import Contact
from schemas.vocabulary import Intake, ReplyKind
from services.normalizer.settle import Rules
from services.normalizer.submission import Phase, original_of
from tests.unit.dialogue import ACCOUNT, Dialogue

TEXTS = (
    "alo",
    "cảm ơn nhé",
    "ok chờ chút",
    "0912345678",
    "Đèn đường ở đường Nguyễn Huệ, phường Tân Phú, thành phố Đồng Xoài hỏng một tuần nay chưa ai sửa.",
    "Rác thải sinh hoạt ở chợ Lộc Ninh ba ngày nay không có xe thu gom, bốc mùi rất hôi.",
    "Tôi tên Nguyễn Văn An, số điện thoại 0912345678, địa chỉ ấp 3 xã Tân Hưng huyện Hớn Quản.",
    "Cháy nhà ở xã Lộc Thái, có người kẹt bên trong, cứu với!",
    "Dây điện cao thế đứt rơi xuống đường chỗ chợ Lộc Ninh, nguy hiểm đến tính mạng người đi đường",
    "Rác ở chợ Lộc Ninh không ai thu gom. Tôi tên Lê Văn Bình, 0987654321, địa chỉ ấp 2 xã Lộc Thái huyện Lộc Ninh",
    "",
)
WAITS = (timedelta(seconds=5), timedelta(seconds=50), timedelta(hours=13), timedelta(hours=80))
CONTACT = Contact(name="Nguyễn Văn An", phone="+84912345678", address="ấp 3, xã Tân Hưng, huyện Hớn Quản")

Step = Callable[[Dialogue], object]

PLACES = st.integers(0, 6)


def staff_wrote(chat: Dialogue) -> object:
    """Staff write by hand."""
    return chat.staff("Dạ anh cho em xin số nhà ạ")


def sticker_sent(chat: Dialogue) -> object:
    """The citizen sends a sticker."""
    return chat.sticker()


def data_withdrawn(chat: Dialogue) -> object:
    """The citizen wants their data erased."""
    return chat.withdraw()


def deleted(place: int) -> Step:
    """An earlier message is deleted: the one in this place among those that came."""

    def act(chat: Dialogue) -> object:
        messages = chat.of(MessageReceived)
        return chat.delete(messages[place % len(messages)].inbound.id) if messages else None

    return act


def edited(place: int, text: str) -> Step:
    """An earlier message is edited, also one that is an edit or deleted."""

    def act(chat: Dialogue) -> object:
        messages = chat.of(MessageReceived)
        if not messages:
            return None
        return chat.say(text, edits=original_of(messages[place % len(messages)].inbound))

    return act


def overtaken(place: int) -> Step:
    """A message that is yet to come is deleted or edited before it comes."""

    def act(chat: Dialogue) -> object:
        chat.said += 1
        following = chat.message("").id
        chat.said -= 1
        # What is taken for it here comes as the message after the deletion, or never.
        ahead = following if place % 2 else uuid5(NAMESPACE, f"never {place}")
        return chat.delete(ahead) if place % 3 else chat.say(TEXTS[4], edits=ahead)

    return act


def reviewed(verdict: str) -> Step:
    """An operator decides the first submission that waits for one."""

    def act(chat: Dialogue) -> object:
        waiting = [one for one in chat.state.submissions if one.phase is Phase.IN_REVIEW]
        if not waiting:
            return None
        command = ReviewCommand.model_validate(
            {
                "id": uuid5(NAMESPACE, f"{waiting[0].code}/{waiting[0].revision}"),
                "code": waiting[0].code,
                "account": ACCOUNT,
                "verdict": verdict,
                "version_seen": waiting[0].revision,
                "operator": "op_lan",
                "at": chat.now,
            }
        )
        return chat.review(command)

    return act


def mailed(text: str) -> Step:
    """The same account writes a mail."""

    def act(chat: Dialogue) -> object:
        chat.intake = Intake.EMAIL
        recorded = chat.say(text, contact=Contact(name="Nguyễn Văn An"))
        chat.intake = Intake.CHAT
        return recorded

    return act


def spoken(text: str, photos: int = 0, contact: Contact | None = None) -> Step:
    """The citizen writes."""
    return lambda chat: chat.say(text, photos=photos, contact=contact)


def waited(time: timedelta) -> Step:
    """Nobody does anything for a while."""
    return lambda chat: chat.wait(time)


STEPS: st.SearchStrategy[Step] = st.one_of(
    st.builds(spoken, st.sampled_from(TEXTS)),
    st.builds(spoken, st.just(""), photos=st.integers(1, 2)),
    st.builds(spoken, st.just(""), contact=st.just(CONTACT)),
    st.builds(mailed, st.sampled_from(TEXTS)),
    st.builds(edited, PLACES, st.sampled_from(TEXTS)),
    st.builds(deleted, PLACES),
    st.builds(overtaken, PLACES),
    st.builds(reviewed, st.sampled_from(["accept", "reject"])),
    st.sampled_from([staff_wrote, sticker_sent, data_withdrawn]),
    st.builds(waited, st.sampled_from(WAITS)),
)


def test_every_message_has_one_outcome_and_no_submission_two_tickets(rules: Rules) -> None:
    @settings(max_examples=200, deadline=None)
    @given(steps=st.lists(STEPS, min_size=1, max_size=14))
    def holds(steps: list[Step]) -> None:
        chat = Dialogue(rules, channel="zalo")
        for step in steps:
            step(chat)
        chat.wait(timedelta(hours=200))
        _each_message_has_one_outcome(chat)
        _nothing_is_opened_or_asked_twice(chat)
        _nothing_deleted_is_shown(chat)

    holds()


def _each_message_has_one_outcome(chat: Dialogue) -> None:
    received = Counter(event.inbound.id for event in chat.of(MessageReceived))
    placed = Counter(message.id for one in chat.state.submissions for message in one.messages)
    assert received == placed
    assert set(received.values()) <= {1}
    for submission in chat.state.submissions:
        assert submission.outcome is not None
        assert submission.phase not in (Phase.GATHERING, Phase.PENDING)
    assert chat.timers == {}
    beside = [event.message.id for event in chat.of(StaffWrote)]
    beside += [event.ignored.id for event in chat.of(MessageIgnored)]
    beside += [event.withdrawn.id for event in chat.of(DataWithdrawn)]
    # A message that was edited after its ticket can stand in two submissions; each is told of its deletion once.
    deletions = [(event.withdrawn.id, event.submission) for event in chat.of(MessageWithdrawn)]
    assert len(deletions) == len(set(deletions))
    assert len(beside) == len(set(beside))
    assert received.keys().isdisjoint(beside)


def _nothing_is_opened_or_asked_twice(chat: Dialogue) -> None:
    opened = Counter(event.submission for event in chat.tickets)
    assert set(opened.values()) <= {1}
    asked = Counter(reply.code for reply in chat.told if reply.kind is ReplyKind.SUPPLEMENT_REQUEST)
    assert set(asked.values()) <= {1}, "one automatic request (Điều 15.4, 18.2)"


def _nothing_deleted_is_shown(chat: Dialogue) -> None:
    """After a message was deleted its words reach no ticket any more, unless the citizen wrote them elsewhere too."""
    said = {event.inbound.id: event.inbound for event in chat.of(MessageReceived)}
    gone: set[UUID] = set()
    for event in chat.events:
        if isinstance(event, MessageWithdrawn) and event.withdrawn.message is not None:
            meant = said.get(event.withdrawn.message)
            gone.add(event.withdrawn.message if meant is None else original_of(meant))
        elsewhere = {one.personal.text for one in said.values() if original_of(one) not in gone}
        hidden = {one.personal.text for one in said.values() if original_of(one) in gone} - elsewhere - {""}
        if isinstance(event, TicketOpened):
            assert hidden.isdisjoint(event.ticket.personal.content.split("\n"))
        if isinstance(event, AddedToTicket):
            assert event.addition.personal.text not in hidden
            assert hidden.isdisjoint((event.addition.personal.content or "").split("\n"))
