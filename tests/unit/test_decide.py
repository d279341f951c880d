"""Conversations from the first word to the ticket: gathering, the one request, lapses, repeats and reviews."""

from datetime import timedelta
from uuid import uuid4

import pytest

from gateway.domain.province import Province
from schemas.commands import NotePersonal, ReviewCommand
from schemas.conversation import CommandRefused, Gathered, TimerClosed
from schemas.inbound import Contact
from schemas.vocabulary import ContactItem, Intake, Label, OutcomeKind, RejectReason
from services.normalizer.decide import on_inbound
from services.normalizer.rules.repetition import is_repetition
from services.normalizer.settle import Rules
from services.normalizer.submission import Phase
from tests.read_once import load_lexicon
from tests.unit.conftest import FOLDER
from tests.unit.dialogue import START, Dialogue

CONTACT = Contact(name="Nguyễn Văn An", phone="+84912345678", address="ấp 3, xã Tân Hưng, huyện Hớn Quản")
LAMPS = "Đèn đường ở đường Nguyễn Huệ, phường Tân Phú, thành phố Đồng Xoài hỏng một tuần nay chưa ai sửa."
WASTE = "Rác thải sinh hoạt ở chợ Lộc Ninh ba ngày nay không có xe thu gom, bốc mùi rất hôi."
COMPLETE = f"{LAMPS} Tôi tên Nguyễn Văn An, số điện thoại 0912345678, địa chỉ ấp 3 xã Tân Hưng huyện Hớn Quản."
QUIET = timedelta(seconds=46)
LAPSE = timedelta(hours=73)


@pytest.fixture(scope="session")
def rules(province: Province) -> Rules:
    return Rules(province, load_lexicon(FOLDER / "lexicon"))


@pytest.fixture
def chat(rules: Rules) -> Dialogue:
    return Dialogue(rules)


@pytest.fixture
def form(rules: Rules) -> Dialogue:
    return Dialogue(rules, intake=Intake.FORM)


def kinds(dialogue: Dialogue) -> list[OutcomeKind]:
    return [outcome.kind for outcome in dialogue.outcomes]


def test_a_complete_form_is_a_ticket_at_once(form: Dialogue) -> None:
    form.say(LAMPS, contact=CONTACT)
    assert kinds(form) == [OutcomeKind.ACCEPTED]
    (opened,) = form.tickets
    assert opened.ticket.personal.contact.phone == "+84912345678"
    assert opened.ticket.classification.best.label is Label.INFRASTRUCTURE_INCIDENT
    assert opened.ticket.code in form.replies[0]


def test_a_complete_chat_message_skips_gathering(chat: Dialogue) -> None:
    chat.say(COMPLETE)
    assert kinds(chat) == [OutcomeKind.ACCEPTED]
    assert chat.timers == {}


def test_fragments_are_gathered_until_the_chat_is_quiet(chat: Dialogue) -> None:
    chat.say("Alo 1022")
    chat.wait(timedelta(seconds=20))
    chat.say(LAMPS)
    assert kinds(chat) == []
    chat.wait(timedelta(seconds=20))
    chat.say("Tôi tên Nguyễn Văn An, 0912345678, địa chỉ ấp 3 xã Tân Hưng huyện Hớn Quản")
    assert kinds(chat) == [OutcomeKind.ACCEPTED]
    assert len(chat.tickets[0].ticket.inbound_ids) == 3


def test_what_is_missing_is_asked_once_and_named_exactly(chat: Dialogue) -> None:
    chat.say(LAMPS)
    assert len(chat.of(Gathered)) == 1
    chat.wait(QUIET)
    assert kinds(chat) == [OutcomeKind.PENDING_SUPPLEMENT]
    assert chat.outcomes[0].missing == (ContactItem.NAME, ContactItem.PHONE, ContactItem.ADDRESS)  # type: ignore[union-attr]
    assert len(chat.replies) == 1


def test_the_answer_completes_the_submission(chat: Dialogue) -> None:
    chat.say(LAMPS)
    chat.wait(QUIET)
    chat.say("Nguyễn Văn An, 0912345678, tôi ở ấp 3 xã Tân Hưng huyện Hớn Quản")
    chat.wait(QUIET)
    assert kinds(chat) == [OutcomeKind.PENDING_SUPPLEMENT, OutcomeKind.ACCEPTED]
    assert chat.timers == {}


def test_a_short_remark_is_no_answer(chat: Dialogue) -> None:
    chat.say(LAMPS)
    chat.wait(QUIET)
    chat.say("ok chờ chút")
    chat.wait(QUIET)
    assert kinds(chat) == [OutcomeKind.PENDING_SUPPLEMENT]
    assert chat.state.submissions[0].phase is Phase.PENDING


def test_half_an_answer_is_decided_not_asked_again(chat: Dialogue) -> None:
    chat.say(LAMPS)
    chat.wait(QUIET)
    chat.say("sđt tôi 0912345678")
    chat.wait(QUIET)
    assert kinds(chat) == [OutcomeKind.PENDING_SUPPLEMENT, OutcomeKind.REJECTED]
    assert chat.outcomes[1].reason is RejectReason.MISSING_CONTACT  # type: ignore[union-attr]


def test_no_answer_in_time_is_rejected_with_its_ground(chat: Dialogue) -> None:
    chat.say(LAMPS)
    chat.wait(QUIET)
    chat.wait(LAPSE)
    assert kinds(chat) == [OutcomeKind.PENDING_SUPPLEMENT, OutcomeKind.REJECTED]
    assert "khoản 3 Điều 6" in chat.replies[-1]


def test_a_late_answer_on_the_lookup_page_still_completes_it(form: Dialogue) -> None:
    form.say(LAMPS)
    code = form.state.submissions[0].code
    form.wait(LAPSE)
    assert kinds(form)[-1] is OutcomeKind.REJECTED
    form.say("", contact=CONTACT, answers=code)
    assert kinds(form)[-1] is OutcomeKind.ACCEPTED
    assert form.tickets[0].ticket.code == code


def test_a_greeting_that_stays_alone_is_closed_without_a_further_reply(chat: Dialogue) -> None:
    chat.say("alo")
    chat.wait(QUIET)
    asked = len(chat.replies)
    chat.wait(LAPSE)
    assert kinds(chat)[-1] is OutcomeKind.IGNORED
    assert len(chat.replies) == asked


def test_an_emergency_goes_out_at_once_whatever_is_missing(chat: Dialogue) -> None:
    chat.say("Cháy nhà ở xã Lộc Thái, có người kẹt bên trong, cứu với!")
    assert kinds(chat) == [OutcomeKind.REDIRECTED]
    assert chat.replies[0].lstrip().startswith(("114", "Gọi", "GỌI", "Hãy gọi"))
    assert "114" in chat.replies[0][:60]


def test_an_emergency_during_a_request_is_a_submission_of_its_own(chat: Dialogue) -> None:
    chat.say(LAMPS)
    chat.wait(QUIET)
    chat.say("Có người bị tai nạn bất tỉnh ngoài đường, gọi cấp cứu giúp tôi")
    assert kinds(chat)[-1] is OutcomeKind.REDIRECTED
    assert chat.state.submissions[0].phase is Phase.PENDING


def test_thanks_after_acceptance_opens_nothing(chat: Dialogue) -> None:
    chat.say(COMPLETE)
    chat.say("cảm ơn nhiều nhé")
    assert kinds(chat) == [OutcomeKind.ACCEPTED, OutcomeKind.IGNORED]
    assert len(chat.tickets) == 1
    assert len(chat.replies) == 1


def test_the_same_matter_again_is_merged_and_answered(rules: Rules) -> None:
    app = Dialogue(rules, intake=Intake.APP)
    app.say(LAMPS, contact=CONTACT)
    app.wait(timedelta(hours=2))
    app.say(LAMPS, contact=CONTACT)
    assert kinds(app) == [OutcomeKind.ACCEPTED, OutcomeKind.MERGED]
    assert len(app.tickets) == 1
    assert app.additions[0].addition.alias == app.state.submissions[1].code
    assert app.tickets[0].ticket.code in app.replies[-1]


def test_a_matter_of_another_field_is_another_one_however_alike_the_rest_is_worded(rules: Rules) -> None:
    around = (
        "Sự việc từ đầu tháng ở số {house} hẻm 20 đường Hai Bà Trưng, phường Bình Phước, kính đề nghị kiểm tra giúp. "
        "Tôi là Lê Hữu Lộc, số điện thoại 0932000132, địa chỉ số 20 đường Hai Bà Trưng, phường Bình Phước."
    )
    food = f"Quán ăn bán thức ăn ôi thiu, dầu ăn dùng lại nhiều lần, mất vệ sinh. {around.format(house=118)}"
    bus = f"Xe buýt bỏ chuyến liên tục không thông báo cho hành khách. {around.format(house=752)}"
    assert is_repetition(food, bus, rules.lexicon), "by their words alone they are one matter"
    app = Dialogue(rules, intake=Intake.APP)
    app.say(food)
    app.say(bus)
    assert kinds(app) == [OutcomeKind.ACCEPTED, OutcomeKind.ACCEPTED]
    app.say(bus.replace("liên tục", "hoài"))
    assert kinds(app)[-1] is OutcomeKind.MERGED


def test_another_matter_is_a_second_submission_with_the_known_contact_offered_back(rules: Rules) -> None:
    app = Dialogue(rules, intake=Intake.APP)
    app.say(LAMPS, contact=CONTACT)
    app.say(WASTE)
    assert kinds(app) == [OutcomeKind.ACCEPTED, OutcomeKind.ACCEPTED]
    assert app.tickets[1].ticket.personal.contact.phone == "+84912345678"
    assert "Nguyễn Văn An" in app.replies[1]


def test_what_is_added_later_goes_to_the_ticket(form: Dialogue) -> None:
    form.say(LAMPS, contact=CONTACT)
    form.say("Hôm nay đèn thứ hai cũng hỏng.", answers=form.tickets[0].ticket.code)
    assert len(form.tickets) == 1
    assert form.additions[0].addition.personal.text == "Hôm nay đèn thứ hai cũng hỏng."


def test_deciding_again_gives_the_same(rules: Rules) -> None:
    first, second = Dialogue(rules, intake=Intake.FORM), Dialogue(rules, intake=Intake.FORM)
    first.say(LAMPS, contact=CONTACT)
    second.say(LAMPS, contact=CONTACT)
    assert first.events == second.events
    assert first.ids() == second.ids()


def test_a_timer_that_was_moved_is_only_closed(chat: Dialogue) -> None:
    chat.say("Alo")
    (kind, early), *_ = chat.timers.items()
    chat.wait(timedelta(seconds=30))
    chat.say(LAMPS)
    recorded = chat.fire(kind, early)
    assert recorded == [TimerClosed(kind=kind)]
    assert chat.timers[kind] > early


UNCLEAR = "đi xa mười năm trở về, tôi muốn bắt đầu lại từ đầu mà chưa biết gõ cửa nào"


def in_review(dialogue: Dialogue) -> str:
    inbound = dialogue.message(UNCLEAR, contact=CONTACT)
    dialogue._apply(on_inbound(dialogue.state, inbound, dialogue.rules, dialogue.now))
    return dialogue.state.submissions[0].code


def verdict_of(dialogue: Dialogue, code: str, verdict: str, **more: object) -> ReviewCommand:
    seen = dialogue.state.submissions[0].revision
    return ReviewCommand.model_validate(
        {
            "id": uuid4(),
            "code": code,
            "account": dialogue.state.submissions[0].first.account,
            "verdict": verdict,
            "version_seen": seen,
            "operator": "op1",
            "at": START,
            **more,
        }
    )


def test_an_operator_accepts_with_a_field_of_their_choice(form: Dialogue) -> None:
    code = in_review(form)
    form.review(verdict_of(form, code, "accept", label=Label.PUBLIC_SERVICE, subfield="environment"))
    (opened,) = form.tickets
    assert opened.ticket.accepted_by == "op1"
    assert opened.ticket.classification.best.subfield == "environment"


def test_an_operator_rejects_with_words_of_their_own(form: Dialogue) -> None:
    code = in_review(form)
    note = NotePersonal(text="Nội dung thuộc thẩm quyền của tòa án.")
    form.review(verdict_of(form, code, "reject", articles=("4.5",), personal=note))
    assert kinds(form)[-1] is OutcomeKind.REJECTED
    assert note.text in form.replies[-1]


def test_a_redirected_matter_can_be_made_a_ticket(form: Dialogue) -> None:
    form.say("Cháy nhà ở xã Lộc Thái, có người kẹt bên trong, cứu với!", contact=CONTACT)
    code = form.state.submissions[0].code
    form.review(verdict_of(form, code, "accept", label=Label.PUBLIC_SERVICE, subfield="disaster"))
    assert len(form.tickets) == 1


@pytest.mark.parametrize(
    ("verdict", "more", "reason"),
    [
        ("accept", {"version_seen": 0}, "outdated_version"),
        ("redirect", {"label": Label.PUBLIC_SERVICE}, "no_redirect_label"),
        ("accept", {"label": Label.EMERGENCY_MEDICAL}, "label_is_redirected"),
        ("accept", {"code": "2222-2222-2222"}, "unknown_code"),
        ("reject", {"articles": ("99.9",)}, "unknown_article"),
    ],
)
def test_an_unfitting_verdict_is_refused(form: Dialogue, verdict: str, more: dict[str, object], reason: str) -> None:
    code = in_review(form)
    before = form.state
    (event,) = form.review(verdict_of(form, str(more.pop("code", code)), verdict, **more))
    assert isinstance(event, CommandRefused)
    assert event.reason == reason
    assert form.state == before


def test_a_ticket_is_not_reviewed_again(form: Dialogue) -> None:
    form.say(LAMPS, contact=CONTACT)
    (event,) = form.review(verdict_of(form, form.tickets[0].ticket.code, "reject"))
    assert isinstance(event, CommandRefused)
    assert event.reason == "already_a_ticket"


def test_a_flood_of_words_is_bounded_and_still_judged(chat: Dialogue) -> None:
    for _ in range(3):
        chat.say("Rác thải chưa được thu gom. " * 700)
    chat.wait(QUIET)
    assert len(chat.state.submissions[0].text) == 20_000
    assert kinds(chat) == [OutcomeKind.PENDING_SUPPLEMENT]
