"""A message that is read again corrects its history; what was told and opened is neither repeated nor doubled."""

from datetime import timedelta
from uuid import uuid4

import pytest

from gateway.domain.hygiene import MAX_TEXT
from gateway.domain.identity import reread_id
from gateway.domain.province import Province
from schemas.commands import CorrectReading, ReviewCommand
from schemas.conversation import AddedToTicket, CommandRefused, Corrected, Decided, ReplyRendered, TicketOpened
from schemas.files import Attachment, AttachmentState
from schemas.inbound import Contact, Inbound
from schemas.outcome import PendingSupplement, Redirected
from schemas.vocabulary import Intake, Label, OutcomeKind, RejectReason, ReplyKind
from services.normalizer.correct import on_correction
from services.normalizer.settle import Rules
from services.normalizer.submission import Phase
from tests.read_once import load_lexicon
from tests.unit.conftest import FOLDER
from tests.unit.dialogue import Dialogue

CONTACT = Contact(name="Nguyễn Văn An", phone="+84912345678", address="ấp 3, xã Tân Hưng, huyện Hớn Quản")
NO_PHONE = CONTACT.model_copy(update={"phone": None})
LAMPS = "Đèn đường ở đường Nguyễn Huệ, phường Tân Phú, thành phố Đồng Xoài hỏng một tuần nay chưa ai sửa."
WASTE = "Rác thải sinh hoạt ở chợ Lộc Ninh ba ngày nay không có xe thu gom, bốc mùi rất hôi."
FIRE = "Cháy nhà ở xã Lộc Thái, có người kẹt bên trong, cứu với!"
HURT = "Có người bị tai nạn bất tỉnh ngoài đường, gọi cấp cứu giúp tôi"
UNCLEAR = "đi xa mười năm trở về, tôi muốn bắt đầu lại từ đầu mà chưa biết gõ cửa nào"
LAPSE = timedelta(hours=73)


@pytest.fixture(scope="session")
def rules(province: Province) -> Rules:
    return Rules(province, load_lexicon(FOLDER / "lexicon"))


@pytest.fixture
def form(rules: Rules) -> Dialogue:
    return Dialogue(rules, intake=Intake.FORM)


def first(dialogue: Dialogue) -> Inbound:
    return dialogue.state.submissions[0].readable[0]


def again(
    dialogue: Dialogue, message: Inbound, *, run: str = "run_1", text: str | None = None, contact: Contact | None = None
) -> list[object]:
    """The message is read again, with other words or another contact; returns what was recorded."""
    said = message.personal
    update = {"text": text or said.text, "contact": contact or said.contact}
    command = CorrectReading(
        id=reread_id(message.id, run),
        account=message.account,
        run=run,
        operator="op_lan",
        at=dialogue.now,
        inbound=message.model_copy(update={"personal": said.model_copy(update=update)}),
    )
    return list(dialogue._apply(on_correction(dialogue.state, command, dialogue.rules, dialogue.now)))


def kinds(events: list[object]) -> list[str]:
    return [type(event).__name__ for event in events]


def test_a_contact_that_was_overlooked_makes_the_ticket_that_was_due(form: Dialogue) -> None:
    form.say(LAMPS, contact=NO_PHONE)
    (asked,) = form.outcomes
    assert isinstance(asked, PendingSupplement)
    events = again(form, first(form), contact=CONTACT)
    assert kinds(events) == ["Corrected", "Decided", "TicketOpened", "ReplyRendered"]
    corrected, decided = events[0], events[1]
    assert isinstance(corrected, Corrected)
    assert (corrected.run, corrected.by) == ("run_1", "op_lan")
    assert isinstance(decided, Decided)
    assert (decided.revision, decided.by) == (2, "rules")
    assert form.of(TicketOpened)[0].ticket.personal.contact.phone == CONTACT.phone
    assert form.timers == {}, "nobody waits for an answer any more"
    assert first(form).personal.contact == CONTACT


def test_a_rejection_for_what_was_overlooked_is_mended(form: Dialogue) -> None:
    form.say(LAMPS, contact=NO_PHONE)
    form.wait(LAPSE)
    lapsed = form.outcomes[-1]
    assert lapsed.kind is OutcomeKind.REJECTED
    again(form, first(form), contact=CONTACT)
    assert form.outcomes[-1].kind is OutcomeKind.ACCEPTED
    assert form.of(ReplyRendered)[-1].reply.kind is ReplyKind.ACCEPTANCE


def test_the_one_request_is_not_made_twice_and_its_time_goes_on(form: Dialogue) -> None:
    form.say(LAMPS, contact=Contact(name="Nguyễn Văn An"))
    before = dict(form.timers)
    form.wait(timedelta(hours=5))
    events = again(form, first(form), contact=NO_PHONE)
    assert kinds(events) == ["Corrected", "Decided"]
    assert form.outcomes[-1] != form.outcomes[0]
    assert form.timers == before
    form.wait(LAPSE)
    assert form.outcomes[-1].kind is OutcomeKind.REJECTED


def test_a_wrong_emergency_number_is_put_right_at_once(form: Dialogue) -> None:
    form.say(FIRE)
    events = again(form, first(form), text=HURT)
    assert kinds(events) == ["Corrected", "Decided", "ReplyRendered"]
    assert form.outcomes[-1] == Redirected(label=Label.EMERGENCY_MEDICAL)
    assert "115" in form.replies[-1][:60]


def test_the_same_outcome_is_not_told_twice(form: Dialogue) -> None:
    form.say(FIRE)
    assert kinds(again(form, first(form), text=FIRE + " Nhanh lên!")) == ["Corrected", "Decided"]
    assert len(form.replies) == 1


def test_a_ticket_is_told_what_the_message_says_and_nobody_else_is(form: Dialogue) -> None:
    photo = Attachment(number=0, kind="image", state=AttachmentState.STORED)
    said = form.message(LAMPS, contact=CONTACT)
    form.take(said.model_copy(update={"attachments": (photo,)}))
    mended = CONTACT.model_copy(update={"phone": "+84987654321"})
    events = again(form, first(form), contact=mended)
    assert kinds(events) == ["Corrected", "AddedToTicket"]
    (added,) = form.of(AddedToTicket)
    assert added.addition.corrects
    assert added.addition.ticket_id == form.tickets[0].ticket.id
    assert added.addition.attachments == (), "the ticket has them already"
    assert added.addition.personal.text.splitlines()[0] == LAMPS
    assert "+84987654321" in added.addition.personal.text
    assert (len(form.tickets), len(form.replies)) == (1, 1)
    assert first(form).attachments == (photo,)


def test_a_correction_fits_into_an_addition_however_long_it_is(form: Dialogue) -> None:
    form.say(LAMPS, contact=CONTACT)
    again(form, first(form), text="đèn " * (MAX_TEXT // 4), contact=NO_PHONE)
    (added,) = form.of(AddedToTicket)
    assert len(added.addition.personal.text) <= MAX_TEXT
    assert added.addition.personal.text.endswith("huyện Hớn Quản")


def test_a_merged_message_goes_to_the_ticket_it_was_merged_into(rules: Rules) -> None:
    app = Dialogue(rules, intake=Intake.APP)
    app.say(LAMPS, contact=CONTACT)
    app.say(LAMPS, contact=CONTACT)
    merged = app.state.submissions[1]
    assert merged.outcome is not None
    assert merged.outcome.kind is OutcomeKind.MERGED
    assert kinds(again(app, merged.readable[0], text=WASTE)) == ["Corrected", "AddedToTicket"]
    assert app.additions[-1].addition.ticket_id == app.tickets[0].ticket.id
    assert len(app.tickets) == 1


def test_what_an_operator_decided_stays_decided(form: Dialogue) -> None:
    form.say(UNCLEAR, contact=CONTACT)
    submission = form.state.submissions[0]
    form.review(
        ReviewCommand(
            id=uuid4(),
            code=submission.code,
            account=submission.first.account,
            verdict="reject",
            version_seen=submission.revision,
            operator="op_lan",
            at=form.now,
        )
    )
    assert kinds(again(form, first(form), text=LAMPS)) == ["Corrected"]
    assert form.outcomes[-1].kind is OutcomeKind.REJECTED


def test_what_is_still_gathered_is_left_to_the_quiet_period(rules: Rules) -> None:
    chat = Dialogue(rules)
    chat.say("Alo")
    assert kinds(again(chat, first(chat), text=LAMPS, contact=CONTACT)) == ["Corrected"]
    chat.wait(timedelta(seconds=46))
    assert [outcome.kind for outcome in chat.outcomes] == [OutcomeKind.ACCEPTED]


def test_a_lapse_without_a_matter_is_judged_as_a_lapse(rules: Rules) -> None:
    chat = Dialogue(rules)
    chat.say("alo")
    chat.wait(timedelta(seconds=46))
    chat.wait(LAPSE)
    assert kinds(again(chat, first(chat), text="alo ạ")) == ["Corrected", "Decided"]
    ignored = chat.outcomes[-1]
    assert ignored.kind is OutcomeKind.IGNORED
    again(chat, first(chat), text=LAMPS, run="run_2")
    rejected = chat.outcomes[-1]
    assert rejected.kind is OutcomeKind.REJECTED
    assert rejected.reason is RejectReason.MISSING_CONTACT


@pytest.mark.parametrize("unknown", [True, False], ids=["another's message", "the same words"])
def test_a_correction_that_corrects_nothing_is_refused(form: Dialogue, *, unknown: bool) -> None:
    form.say(LAMPS, contact=NO_PHONE)
    message = first(form).model_copy(update={"id": uuid4()}) if unknown else first(form)
    before = form.state
    (event,) = again(form, message)
    assert isinstance(event, CommandRefused)
    assert event.reason == ("unknown_message" if unknown else "nothing_to_correct")
    assert form.state == before


def test_what_could_not_be_judged_still_waits_for_a_person(form: Dialogue) -> None:
    form.put_aside(form.message(LAMPS, contact=NO_PHONE))
    assert kinds(again(form, first(form), contact=CONTACT)) == ["Corrected"]
    assert form.state.submissions[0].phase is Phase.IN_REVIEW


def test_a_stub_is_not_corrected_but_read_in_its_place(form: Dialogue) -> None:
    stub = form.stub()
    form.put_aside(stub)
    message = form.message(LAMPS, contact=CONTACT).model_copy(update={"id": stub.id})
    (event,) = again(form, message)
    assert isinstance(event, CommandRefused)
    assert event.reason == "unknown_message"


def test_where_a_message_belongs_is_not_read_again(form: Dialogue) -> None:
    form.say(LAMPS, contact=NO_PHONE)
    elsewhere = first(form).model_copy(update={"answers": "2222-2222-2222", "code": "3333-3333-3333"})
    again(form, elsewhere, contact=CONTACT)
    assert first(form).answers is None
    assert first(form).code == form.state.submissions[0].code
    assert form.state.submissions[0].phase is Phase.TICKET
