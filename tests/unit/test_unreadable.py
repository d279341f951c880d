"""What cannot be read, or what the rules fail on, keeps its place until a person or a mended reader has seen to it."""

from datetime import timedelta
from itertools import permutations

import pytest

from gateway.domain.province import Province
from gateway.errors import Invalid
from schemas.conversation import AddedToTicket, Decided, MessageReceived, StubReceived
from schemas.inbound import Contact, Inbound
from schemas.outcome import NeedsReview
from schemas.vocabulary import Intake, Label, Language, OutcomeKind, ReviewReason
from services.normalizer import judge
from services.normalizer.conversation import Conversation
from services.normalizer.settle import Rules
from tests.read_once import load_lexicon
from tests.unit.conftest import FOLDER
from tests.unit.dialogue import Dialogue
from tests.unit.test_decide import COMPLETE, CONTACT, LAMPS, LAPSE, QUIET, kinds, verdict_of

IN_REVIEW = NeedsReview(reasons=(ReviewReason.UNREADABLE,))


@pytest.fixture(scope="session")
def rules(province: Province) -> Rules:
    return Rules(province, load_lexicon(FOLDER / "lexicon"))


@pytest.fixture
def form(rules: Rules) -> Dialogue:
    return Dialogue(rules, intake=Intake.FORM)


@pytest.fixture
def chat(rules: Rules) -> Dialogue:
    return Dialogue(rules)


def failing(dialogue: Dialogue, text: str, *, answers: str | None = None) -> Inbound:
    """A readable message for which the test says that the rules fail on it."""
    dialogue.said += 1
    return dialogue.message(text, contact=CONTACT, answers=answers)


def mended(dialogue: Dialogue, place: int, contact: Contact = CONTACT, answers: str | None = None) -> Inbound:
    """The message that was said at this place, as the mended reader has it."""
    said, dialogue.said = dialogue.said, place
    found = dialogue.message(LAMPS, contact=contact, answers=answers)
    dialogue.said = said
    return found


def test_a_stub_is_a_submission_that_operators_look_at_now(form: Dialogue) -> None:
    stub = form.stub()
    received, decided, _ = form.put_aside(stub)
    assert received == StubReceived(submission=stub.code, opens=True, stub=stub)
    assert isinstance(decided, Decided)
    assert (decided.outcome, decided.alert, decided.articles) == (IN_REVIEW, True, ("8.1",))
    assert decided.inbound_ids == (stub.id,)
    assert (decided.classification, decided.language) == (None, None)
    assert stub.code in form.replies[0]
    assert form.timers == {}


@pytest.mark.parametrize(
    ("intake", "told"),
    [(Intake.FORM, 1), (Intake.APP, 1), (Intake.CHAT, 0), (Intake.EMAIL, 0), (Intake.COMMENT, 0), (Intake.CALL, 0)],
)
def test_only_who_waits_under_a_code_is_told(rules: Rules, intake: Intake, told: int) -> None:
    dialogue = Dialogue(rules, intake=intake)
    dialogue.put_aside(dialogue.stub())
    assert kinds(dialogue) == [OutcomeKind.NEEDS_REVIEW]
    dialogue.review(verdict_of(dialogue, dialogue.state.submissions[0].code, "reject"))
    assert len(dialogue.replies) == told * 2


@pytest.mark.parametrize(("language", "word"), [(Language.VI, "không đọc được"), (Language.EN, "could not be read")])
def test_an_operator_accepts_it_and_the_ticket_says_what_it_is(rules: Rules, language: Language, word: str) -> None:
    form = Dialogue(rules, intake=Intake.FORM)
    stub = form.stub()
    form.put_aside(stub)
    known = form.state.submissions[0]
    decided = known.decided
    assert decided is not None
    told = known.model_copy(update={"decided": decided.model_copy(update={"language": language})})
    form.state = form.state.model_copy(update={"submissions": (told,)})
    form.review(verdict_of(form, stub.code, "accept", label=Label.PUBLIC_SERVICE, subfield="waste"))
    (opened,) = form.tickets
    ticket = opened.ticket
    assert word in ticket.personal.content
    assert ticket.originals == (stub.original,)
    assert [item.file for item in ticket.attachments] == [stub.original]
    assert (ticket.inbound_ids, ticket.accepted_by) == ((stub.id,), "op1")


def test_a_message_that_can_be_read_after_all_is_decided_in_its_place(form: Dialogue) -> None:
    stub = form.stub()
    form.put_aside(stub)
    received, *_ = form.take(mended(form, 1))
    assert isinstance(received, MessageReceived)
    assert (received.submission, received.opens) == (stub.code, False)
    assert kinds(form) == [OutcomeKind.NEEDS_REVIEW, OutcomeKind.ACCEPTED]
    assert [decided.revision for decided in form.of(Decided)] == [1, 2]
    (opened,) = form.tickets
    assert opened.ticket.inbound_ids == (stub.id,)
    assert opened.ticket.personal.content == LAMPS


@pytest.mark.parametrize("verdict", ["accept", "reject"])
def test_once_an_operator_has_decided_a_mended_message_is_only_recorded(form: Dialogue, verdict: str) -> None:
    stub = form.stub()
    form.put_aside(stub)
    form.review(verdict_of(form, stub.code, verdict))
    before = len(form.events)
    (recorded,) = form.take(mended(form, 1))
    assert isinstance(recorded, MessageReceived)
    assert len(form.events) == before + 1
    assert form.state.submissions[0].readable == (recorded.inbound,)
    assert len(form.tickets) == (verdict == "accept")


def test_a_stub_that_comes_after_its_message_changes_nothing(form: Dialogue) -> None:
    form.say(LAMPS, contact=CONTACT)
    form.said = 0
    before = form.state
    (recorded,) = form.put_aside(form.stub())
    assert isinstance(recorded, StubReceived)
    assert form.state == before


def test_an_addition_is_not_decided_on_as_long_as_the_first_message_is_unread(form: Dialogue) -> None:
    stub = form.stub()
    form.put_aside(stub)
    form.say(LAMPS, contact=CONTACT, answers=stub.code)
    assert form.outcomes == [IN_REVIEW, IN_REVIEW]
    assert form.of(Decided)[-1].alert
    form.say("Cháy nhà ở xã Lộc Thái, có người kẹt bên trong, cứu với!", contact=CONTACT, answers=stub.code)
    assert kinds(form)[-1] is OutcomeKind.REDIRECTED


def test_an_unreadable_addition_puts_the_whole_before_a_person_and_ends_the_wait(form: Dialogue) -> None:
    form.say(LAMPS)
    code = form.state.submissions[0].code
    assert form.timers
    form.put_aside(form.stub(answers=code))
    assert form.outcomes[-1] == IN_REVIEW
    assert form.of(Decided)[-1].classification == form.of(Decided)[0].classification
    assert form.timers == {}
    assert form.wait(LAPSE) == []
    form.review(verdict_of(form, code, "accept"))
    content = form.tickets[0].ticket.personal.content
    assert LAMPS in content
    assert "không đọc được" in content


def test_an_unreadable_addition_to_a_ticket_is_added_and_once_read_added_again(form: Dialogue) -> None:
    form.say(LAMPS, contact=CONTACT)
    code = form.tickets[0].ticket.code
    stub = form.stub(answers=code)
    *_, added = form.put_aside(stub)
    assert isinstance(added, AddedToTicket)
    assert "không đọc được" in added.addition.personal.text
    assert added.addition.attachments[-1].file == stub.original
    form.take(mended(form, 2, answers=code))
    assert [one.addition.personal.text for one in form.additions][1:] == [LAMPS]
    assert len({one.addition.id for one in form.additions}) == 2
    assert kinds(form) == [OutcomeKind.ACCEPTED]


def test_what_the_rules_fail_on_is_recorded_with_its_words_and_never_judged_for_the_operator(
    form: Dialogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judge, "scope_of", _fails)
    inbound = failing(form, LAMPS)
    with pytest.raises(ZeroDivisionError):
        form.take(inbound)
    form.put_aside(inbound)
    assert form.outcomes == [IN_REVIEW]
    assert len(form.replies) == 1
    form.review(verdict_of(form, inbound.code, "accept", label=Label.INFRASTRUCTURE_INCIDENT, subfield="lighting"))
    (opened,) = form.tickets
    assert (opened.ticket.personal.content, opened.ticket.personal.contact.name) == (LAMPS, CONTACT.name)


def test_what_the_rules_failed_on_is_decided_anew_once_they_are_mended(form: Dialogue) -> None:
    inbound = failing(form, LAMPS)
    form.put_aside(inbound)
    form.take(inbound)
    assert kinds(form) == [OutcomeKind.NEEDS_REVIEW, OutcomeKind.ACCEPTED]
    assert form.tickets[0].ticket.personal.content == LAMPS
    assert form.take(inbound)[1:] == []


def test_what_was_decided_is_never_put_aside(form: Dialogue) -> None:
    form.say(LAMPS, contact=CONTACT)
    with pytest.raises(Invalid, match="already_recorded"):
        form.put_aside(form.state.submissions[0].readable[0])


def test_in_a_chat_further_words_do_not_meet_the_fault_again(chat: Dialogue) -> None:
    chat.say("Alo 1022")
    chat.put_aside(failing(chat, "đèn hỏng"))
    assert kinds(chat) == [OutcomeKind.NEEDS_REVIEW]
    assert len(chat.state.submissions) == 1
    assert chat.timers == {}
    assert chat.replies == []
    chat.put_aside(failing(chat, "ở đường Hùng Vương"))
    assert len(chat.state.submissions) == 1
    chat.say(COMPLETE)
    assert kinds(chat)[-1] is OutcomeKind.ACCEPTED
    assert len(chat.state.submissions) == 2
    chat.wait(QUIET + timedelta(days=4))
    assert len(chat.tickets) == 1


@pytest.mark.parametrize("order", list(permutations(("stub", "message", "verdict"))))
def test_in_whatever_order_they_come_there_is_one_ticket(form: Dialogue, order: tuple[str, ...]) -> None:
    stub = form.stub()
    for step in order:
        if step == "stub":
            form.put_aside(stub)
        elif step == "message":
            form.take(mended(form, 1))
        elif form.state.submissions:
            form.review(verdict_of(form, stub.code, "accept"))
    assert len(form.tickets) == 1
    assert kinds(form)[-1] is OutcomeKind.ACCEPTED
    (submission,) = form.state.submissions
    assert [message.personal.text for message in submission.readable] == [LAMPS]


def test_a_stub_is_found_again_in_a_snapshot(form: Dialogue) -> None:
    stub = form.stub()
    form.put_aside(stub)
    form.say(LAMPS, answers=stub.code)
    assert Conversation.model_validate_json(form.state.model_dump_json()) == form.state


def _fails(*_given: object) -> None:
    raise ZeroDivisionError
