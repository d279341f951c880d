"""The life of a ticket: every input in every state leads to the recorded step that the regulation asks for."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from gateway.domain.draft import Draft
from gateway.domain.province import Province
from schemas.commands import AdditionWords, AddToTicket, AnswerTicket, NotePersonal, RouteTicket
from schemas.conversation import CommandRefused, TimerClosed
from schemas.files import Attachment, AttachmentState, FileRef
from schemas.inbound import Contact
from schemas.judgement import Classification, RankedField
from schemas.ticket import Ticket, TicketPersonal
from schemas.ticket_history import (
    Added,
    Answered,
    DueReached,
    Held,
    Opened,
    ReplyRenderedForTicket,
    TicketHistoryEvent,
    Transferred,
    history_of,
)
from schemas.timer import TimerDue
from schemas.vocabulary import Intake, Label, Language, ReplyKind
from services.dispatcher.life_cycle import (
    FOCAL_OFFICER_TIMER,
    Moment,
    on_addition,
    on_answer,
    on_route,
    on_ticket,
    on_timer,
)
from services.dispatcher.ticket_state import State, TicketState, empty, fold

# A Tuesday morning in office hours, Asia/Ho_Chi_Minh.
NOW = datetime(2021, 6, 15, 2, 0, tzinfo=UTC)
ACCOUNT = "0123456789abcdef0123456789abcdef"


def a_ticket(label: Label = Label.INFRASTRUCTURE_INCIDENT, subfield: str = "electricity", **more: object) -> Ticket:
    confidence = float(more.pop("confidence", 0.95))  # type: ignore[arg-type]
    return Ticket.model_validate(
        {
            "id": uuid4(),
            "code": "2222-2222-2222",
            "channel": "web",
            "intake": Intake.FORM,
            "account": ACCOUNT,
            "language": Language.VI,
            "received_at": NOW,
            "accepted_at": NOW,
            "classification": Classification(
                ranked=(RankedField(label=label, subfield=subfield, confidence=confidence),)
            ),
            "inbound_ids": (uuid4(),),
            "province": "binh_phuoc",
            "regulation": "478/QĐ-UBND",
            "personal": TicketPersonal(contact=Contact(name="Người Gửi"), content="Mất điện cả xóm từ tối qua."),
            **more,
        }
    )


def moment(province: Province, now: datetime = NOW) -> Moment:
    return Moment(province, uuid4(), now)


def folded(state: TicketState, draft: Draft[TicketHistoryEvent]) -> TicketState:
    for event in draft.events:
        state = fold(state, event)
    return state


@pytest.fixture
def transferred(province: Province) -> TicketState:
    return folded(empty(), on_ticket(empty(), a_ticket(), moment(province)))


def route_to(state: TicketState, agency: str, seen: int | None = None) -> RouteTicket:
    assert state.ticket is not None
    return RouteTicket(
        id=uuid4(),
        ticket_id=state.ticket.id,
        version_seen=state.revision if seen is None else seen,
        operator="op1",
        at=NOW,
        agency=agency,
    )


def answer(state: TicketState, *, agency: str | None = None, text: str = "Đã khắc phục.") -> AnswerTicket:
    assert state.ticket is not None
    return AnswerTicket(
        id=uuid4(),
        ticket_id=state.ticket.id,
        version_seen=state.revision,
        by=agency or "op1",
        agency=agency,
        at=NOW,
        personal=NotePersonal(text=text),
    )


def only(draft: Draft[TicketHistoryEvent], kind: type) -> TicketHistoryEvent:
    found = [event for event in draft.events if isinstance(event, kind)]
    assert len(found) == 1
    return found[0]


def test_a_confident_ticket_goes_to_its_agency_and_the_clock_runs(province: Province) -> None:
    draft = on_ticket(empty(), a_ticket(), moment(province))
    event = only(draft, Transferred)
    assert isinstance(event, Transferred)
    assert province.agency(event.agency, province.day(NOW)) is not None
    assert event.due_at == province.calendar.add(NOW, province.times.focal_officer_hours)
    assert draft.timers_set == ((FOCAL_OFFICER_TIMER, event.due_at),)
    assert folded(empty(), draft).state is State.WITH_FOCAL_OFFICER
    reply = only(draft, ReplyRenderedForTicket)
    assert isinstance(reply, ReplyRenderedForTicket)
    assert reply.reply.kind is ReplyKind.TRANSFERRED
    assert province.moment(event.due_at) in reply.reply.personal.text


def test_a_ticket_without_confidence_is_held_and_no_clock_runs(province: Province) -> None:
    draft = on_ticket(empty(), a_ticket(confidence=0.05), moment(province))
    assert [type(event) for event in draft.events] == [Opened, Held]
    assert draft.timers_set == ()


def test_the_agency_an_operator_chose_on_review_is_taken(province: Province) -> None:
    other = next(agency for agency in province.agencies(province.day(NOW)) if "health" in agency.code or agency.roles)
    ticket = a_ticket(confidence=0.05, agency_given=other.code, accepted_by="op1")
    event = only(on_ticket(empty(), ticket, moment(province)), Transferred)
    assert isinstance(event, Transferred)
    assert event.agency == other.code
    assert event.by == "op1"


def test_the_same_ticket_again_changes_nothing(province: Province, transferred: TicketState) -> None:
    assert transferred.ticket is not None
    assert on_ticket(transferred, transferred.ticket, moment(province)).events == ()


def test_routing_elsewhere_withdraws_and_restarts_the_clock(province: Province, transferred: TicketState) -> None:
    other = next(agency for agency in province.agencies(province.day(NOW)) if agency.code != transferred.agency)
    later = NOW + timedelta(hours=1)
    event = only(on_route(transferred, route_to(transferred, other.code), moment(province, later)), Transferred)
    assert isinstance(event, Transferred)
    assert event.withdrawn_from == transferred.agency
    assert event.due_at == province.calendar.add(later, province.times.focal_officer_hours)


@pytest.mark.parametrize(
    ("agency", "seen", "reason"),
    [(None, 0, "outdated_version"), ("no_such_agency", None, "unknown_agency"), ("same", None, "already_there")],
)
def test_an_unfitting_route_is_refused_and_changes_nothing(
    province: Province, transferred: TicketState, agency: str | None, seen: int | None, reason: str
) -> None:
    target = transferred.agency if agency == "same" else agency or "anything"
    assert target is not None
    draft = on_route(transferred, route_to(transferred, target, seen), moment(province))
    event = only(draft, CommandRefused)
    assert isinstance(event, CommandRefused)
    assert event.reason == reason
    assert folded(transferred, draft) == transferred


def test_the_agency_in_charge_answers_and_the_citizen_gets_the_result(
    province: Province, transferred: TicketState
) -> None:
    draft = on_answer(transferred, answer(transferred, agency=transferred.agency), moment(province))
    assert isinstance(only(draft, Answered), Answered)
    reply = only(draft, ReplyRenderedForTicket)
    assert isinstance(reply, ReplyRenderedForTicket)
    assert "Đã khắc phục." in reply.reply.personal.text
    assert set(draft.timers_cancelled) >= {FOCAL_OFFICER_TIMER}
    assert folded(transferred, draft).state is State.ANSWERED


def test_another_agency_cannot_answer(province: Province, transferred: TicketState) -> None:
    event = only(on_answer(transferred, answer(transferred, agency="elsewhere"), moment(province)), CommandRefused)
    assert isinstance(event, CommandRefused)
    assert event.reason == "not_in_charge"


def test_an_answer_is_given_once(province: Province, transferred: TicketState) -> None:
    answered = folded(transferred, on_answer(transferred, answer(transferred), moment(province)))
    second = on_answer(answered, answer(answered), moment(province))
    event = only(second, CommandRefused)
    assert isinstance(event, CommandRefused)
    assert event.reason == "already_answered"


def test_an_empty_answer_is_refused(province: Province, transferred: TicketState) -> None:
    event = only(on_answer(transferred, answer(transferred, text=" \n"), moment(province)), CommandRefused)
    assert isinstance(event, CommandRefused)
    assert event.reason == "empty_answer"


def test_what_the_citizen_deleted_is_left_out_of_the_ticket(province: Province) -> None:
    photo, other = (
        Attachment(
            number=number,
            kind="image",
            state=AttachmentState.STORED,
            file=FileRef(address=f"{number:064x}", owner=ACCOUNT, size=9, media_type="image/jpeg"),
        )
        for number in (0, 1)
    )
    original = FileRef(address="ab" * 32, owner=ACCOUNT, size=9, media_type="application/json")
    ticket = a_ticket(attachments=(photo, other), originals=(original,))
    state = folded(empty(), on_ticket(empty(), ticket, moment(province)))
    deletion = AddToTicket(
        id=uuid4(),
        ticket_id=ticket.id,
        inbound_id=ticket.inbound_ids[0],
        at=NOW,
        withdrawn=True,
        attachments=(
            # Whatever number it has in its own message.
            photo.model_copy(update={"number": 7}),
            Attachment(number=0, kind="other", state=AttachmentState.STORED, file=original),
        ),
        personal=AdditionWords(content="Cái gì còn lại"),
    )
    after = folded(state, on_addition(state, deletion, moment(province))).ticket
    assert after is not None
    assert (after.attachments, after.originals) == ((other,), ())
    assert (after.personal.content, after.personal.evidence) == ("Cái gì còn lại", ())
    assert after.personal.contact == ticket.personal.contact


@pytest.mark.parametrize("intake", [Intake.CHAT, Intake.COMMENT, Intake.EMAIL])
def test_where_it_went_and_the_result_are_told_on_the_channel_that_was_used(province: Province, intake: Intake) -> None:
    ticket = a_ticket(intake=intake, channel="facebook")
    state = folded(empty(), on_ticket(empty(), ticket, moment(province)))
    draft = on_answer(state, answer(state), moment(province))
    transferred = next(
        event.reply
        for event in on_ticket(empty(), ticket, moment(province)).events
        if isinstance(event, ReplyRenderedForTicket)
    )
    result = next(event.reply for event in draft.events if isinstance(event, ReplyRenderedForTicket))
    for reply in (transferred, result):
        assert (reply.channel, reply.intake, reply.account, reply.code) == (
            "facebook",
            intake,
            ticket.account,
            ticket.code,
        )
    letter = intake is Intake.EMAIL
    assert ("Trân trọng cảm ơn Ông/Bà." in result.personal.text) is letter
    assert ("Khi cần hỏi thêm" in transferred.personal.text) is letter


def test_an_addition_is_appended_and_its_code_becomes_an_alias(province: Province, transferred: TicketState) -> None:
    assert transferred.ticket is not None
    added = AddToTicket(id=uuid4(), ticket_id=transferred.ticket.id, inbound_id=uuid4(), at=NOW, alias="3333-3333-3333")
    draft = on_addition(transferred, added, moment(province))
    assert isinstance(only(draft, Added), Added)
    after = folded(transferred, draft)
    assert after.ticket is not None
    assert after.ticket.aliases == ("3333-3333-3333",)
    assert after.due_at == transferred.due_at
    assert draft.terms == ("code:3333-3333-3333",)


def due(state: TicketState, at: datetime) -> TimerDue:
    assert state.ticket is not None
    return TimerDue(
        id=UUID(int=1), history=history_of(state.ticket.id), kind=FOCAL_OFFICER_TIMER, due_at=at, fired_at=at
    )


def test_a_clock_that_runs_out_is_recorded(transferred: TicketState) -> None:
    assert transferred.due_at is not None
    draft = on_timer(transferred, due(transferred, transferred.due_at))
    assert isinstance(only(draft, DueReached), DueReached)
    assert draft.timers_cancelled == (FOCAL_OFFICER_TIMER,)
    assert folded(transferred, draft).late


def test_a_timer_of_an_earlier_transfer_is_closed_without_touching_the_later_one(transferred: TicketState) -> None:
    assert transferred.due_at is not None
    draft = on_timer(transferred, due(transferred, transferred.due_at - timedelta(hours=1)))
    assert isinstance(only(draft, TimerClosed), TimerClosed)
    assert draft.timers_cancelled == ()
