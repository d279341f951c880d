"""Chats as citizens write them: fragments, photos, contact by a tap, thanks, stickers, two languages."""

import re
from datetime import timedelta

import pytest

from gateway.bus.limits import MAX_MESSAGE_BYTES
from schemas.conversation import MessageIgnored, ReplyRendered
from schemas.files import AttachmentPersonal
from schemas.inbound import Contact, Position
from schemas.outcome import IgnoredOutcome, PendingSupplement
from schemas.ticket_history import Added, Opened
from schemas.vocabulary import ContactItem, IgnoreReason, Intake, Language, OutcomeKind, RejectReason
from services.dispatcher.ticket_state import empty, fold
from services.normalizer.settle import Rules
from services.normalizer.submission import Phase
from tests.unit.dialogue import Dialogue

LAMPS = "Đèn đường ở đường Nguyễn Huệ, phường Tân Phú, thành phố Đồng Xoài hỏng một tuần nay chưa ai sửa."
WHO = "Tôi tên Nguyễn Văn An, số điện thoại 0912345678, địa chỉ ấp 3 xã Tân Hưng huyện Hớn Quản."
CONTACT = Contact(name="Nguyễn Văn An", phone="+84912345678", address="ấp 3, xã Tân Hưng, huyện Hớn Quản")
HERE = Position(latitude=11.535, longitude=106.883)
QUIET = timedelta(seconds=46)
LAPSE = timedelta(hours=73)
SENTENCE = re.compile(r"[.!…](?=\s|$)")


@pytest.fixture
def zalo(rules: Rules) -> Dialogue:
    return Dialogue(rules, channel="zalo")


@pytest.fixture
def facebook(rules: Rules) -> Dialogue:
    return Dialogue(rules, channel="facebook")


def asked(dialogue: Dialogue) -> Dialogue:
    dialogue.say(LAMPS)
    dialogue.wait(QUIET)
    assert dialogue.kinds == [OutcomeKind.PENDING_SUPPLEMENT]
    return dialogue


def test_contact_in_three_fragments_is_one_answer(zalo: Dialogue) -> None:
    asked(zalo)
    for fragment in ("mình tên Nguyễn Văn An", "0912345678", "ấp 3 xã Tân Hưng huyện Hớn Quản nhé"):
        zalo.say(fragment)
        zalo.wait(timedelta(seconds=20))
    zalo.wait(QUIET)
    assert zalo.kinds == [OutcomeKind.PENDING_SUPPLEMENT, OutcomeKind.ACCEPTED]
    assert len(zalo.tickets[0].ticket.inbound_ids) == 4


@pytest.mark.parametrize("flooded", ["waiting", "ticket"])
def test_a_flood_of_photos_makes_no_ticket_that_is_too_large_to_be_sent(zalo: Dialogue, flooded: str) -> None:
    asked(zalo)
    if flooded == "ticket":
        zalo.say(WHO)
        zalo.wait(QUIET)
    for number in range(300):
        zalo.said += 1
        photo = zalo.message("", photos=1)
        link = AttachmentPersonal(source_url=f"https://zdn.vn/{number}/".ljust(4000, "x"))
        files = tuple(one.model_copy(update={"personal": link}) for one in photo.attachments)
        zalo.take(photo.model_copy(update={"attachments": files}))
    zalo.say(WHO)
    zalo.wait(QUIET)
    (opened,) = zalo.tickets
    assert len(opened.ticket.model_dump_json().encode()) < MAX_MESSAGE_BYTES / 2
    state = fold(empty(), Opened(ticket=opened.ticket))
    for addition in zalo.additions:
        state = fold(state, Added(addition=addition.addition))
    assert state.ticket is not None
    assert len(state.ticket.model_dump_json().encode()) < MAX_MESSAGE_BYTES / 2
    assert len(state.ticket.attachments) > 80


def test_who_types_slowly_is_still_understood_after_the_rejection(zalo: Dialogue) -> None:
    asked(zalo)
    zalo.say("mình tên Nguyễn Văn An, 0912345678")
    zalo.wait(QUIET)
    assert zalo.outcomes[-1].reason is RejectReason.MISSING_CONTACT  # type: ignore[union-attr]
    zalo.say("ấp 3 xã Tân Hưng huyện Hớn Quản")
    zalo.wait(QUIET)
    assert zalo.kinds[-1] is OutcomeKind.ACCEPTED
    assert len(zalo.state.submissions) == len(zalo.tickets) == 1


def test_the_same_rejection_is_not_told_twice(zalo: Dialogue) -> None:
    asked(zalo)
    zalo.say("mình tên Nguyễn Văn An")
    zalo.wait(QUIET)
    told = len(zalo.replies)
    zalo.say("0912345678")
    zalo.wait(QUIET)
    assert zalo.kinds[-2:] == [OutcomeKind.REJECTED, OutcomeKind.REJECTED]
    assert len(zalo.replies) == told


def test_another_matter_after_a_rejection_is_another_submission(zalo: Dialogue) -> None:
    asked(zalo)
    zalo.wait(LAPSE)
    assert zalo.kinds[-1] is OutcomeKind.REJECTED
    zalo.say("Rác thải sinh hoạt ở chợ Lộc Ninh ba ngày nay không có xe thu gom. " + WHO)
    assert len(zalo.state.submissions) == 2
    assert zalo.state.submissions[0].phase is Phase.CLOSED


def test_contact_by_a_tap_completes_what_waits(zalo: Dialogue) -> None:
    asked(zalo)
    zalo.say("", contact=CONTACT, verified=(ContactItem.PHONE,))
    assert zalo.kinds[-1] is OutcomeKind.ACCEPTED
    assert zalo.tickets[0].ticket.personal.contact == CONTACT


def test_contact_by_a_tap_opens_nothing_and_is_offered_back(zalo: Dialogue) -> None:
    zalo.say("", contact=CONTACT, verified=(ContactItem.PHONE,))
    assert zalo.outcomes == [IgnoredOutcome(reason=IgnoreReason.NOTHING_OPEN)]
    assert zalo.replies == []
    zalo.say(LAMPS)
    assert zalo.kinds[-1] is OutcomeKind.ACCEPTED
    assert "0912345678" in zalo.replies[0].replace(" ", "").replace("+84", "0")
    assert "Thông tin cá nhân" in zalo.replies[0], "the first answer says what becomes of personal data"


def test_several_photos_and_a_caption_are_one_submission(zalo: Dialogue) -> None:
    for _ in range(3):
        zalo.say("", photos=1)
        zalo.wait(timedelta(seconds=5))
    zalo.say(LAMPS)
    zalo.say(WHO)
    assert zalo.kinds == [OutcomeKind.ACCEPTED]
    (ticket,) = [opened.ticket for opened in zalo.tickets]
    assert [item.number for item in ticket.attachments] == [0, 1, 2]
    assert len(ticket.inbound_ids) == 5


@pytest.mark.parametrize("more", [{"photos": 1}, {"position": HERE}])
def test_a_lone_photo_or_point_after_acceptance_goes_to_the_ticket(zalo: Dialogue, more: dict[str, object]) -> None:
    zalo.say(f"{LAMPS} {WHO}")
    zalo.wait(timedelta(hours=5))
    zalo.say("", **more)
    assert zalo.kinds == [OutcomeKind.ACCEPTED]
    (added,) = zalo.additions
    assert added.addition.attachments or "11.535000" in added.addition.personal.text


@pytest.mark.parametrize("words", ["có kết quả chưa ad", "à quên, số nhà 12", "dạ số đúng là 0987654321 ạ"])
def test_words_without_a_matter_after_acceptance_go_to_the_ticket(zalo: Dialogue, words: str) -> None:
    zalo.say(f"{LAMPS} {WHO}")
    zalo.wait(timedelta(hours=5))
    zalo.say(words)
    zalo.wait(QUIET)
    assert zalo.kinds == [OutcomeKind.ACCEPTED]
    (added,) = zalo.additions
    assert words in added.addition.personal.text


@pytest.mark.parametrize("words", ["cứu với", "nhanh lên", "sắp không kịp rồi", "chìm luôn rồi"])
def test_a_cry_for_help_after_an_emergency_is_no_other_matter(zalo: Dialogue, words: str) -> None:
    zalo.say("có đứa nhỏ té xuống hồ nước đang chìm")
    zalo.say(words)
    zalo.wait(QUIET)
    assert set(zalo.kinds) == {OutcomeKind.REDIRECTED}
    assert len(zalo.state.submissions) == len(zalo.replies) == 1


def test_a_greeting_after_acceptance_may_begin_another_matter(zalo: Dialogue) -> None:
    zalo.say(f"{LAMPS} {WHO}")
    zalo.wait(timedelta(hours=5))
    zalo.say("alo")
    zalo.wait(QUIET)
    assert zalo.kinds[-1] is OutcomeKind.PENDING_SUPPLEMENT


def test_a_shared_point_is_the_place_and_no_address(zalo: Dialogue) -> None:
    zalo.say("", position=HERE)
    zalo.say("Đèn đường chỗ này hỏng một tuần nay chưa ai sửa")
    zalo.wait(QUIET)
    (outcome,) = zalo.outcomes
    assert isinstance(outcome, PendingSupplement)
    assert ContactItem.ADDRESS in outcome.missing
    zalo.say(WHO)
    (opened,) = zalo.tickets
    assert "11.535000, 106.883000" in (opened.ticket.personal.place or "")


@pytest.mark.parametrize("words", ["cảm ơn nhiều nhé", "thanks", "Cảm ơn tổng đài ạ"])
@pytest.mark.parametrize("channel", ["zalo", "facebook"])
def test_thanks_after_acceptance_open_nothing(rules: Rules, channel: str, words: str) -> None:
    chat = Dialogue(rules, channel=channel)
    chat.say(f"{LAMPS} {WHO}")
    chat.say(words)
    chat.wait(LAPSE)
    assert chat.kinds == [OutcomeKind.ACCEPTED, OutcomeKind.IGNORED]
    assert len(chat.replies) == 1
    assert chat.additions == []


def test_a_sticker_is_recorded_where_the_talk_is_and_answered_by_nobody(zalo: Dialogue) -> None:
    asked(zalo)
    recorded = zalo.sticker()
    assert [type(event) for event in recorded] == [MessageIgnored]
    assert zalo.of(MessageIgnored)[0].submission == zalo.state.submissions[0].code
    assert len(zalo.replies) == 1
    assert zalo.state.submissions[0].phase is Phase.PENDING


def test_a_message_without_a_word_is_a_greeting(zalo: Dialogue) -> None:
    zalo.say("")
    zalo.wait(QUIET)
    assert zalo.kinds == [OutcomeKind.PENDING_SUPPLEMENT]
    zalo.wait(LAPSE)
    assert zalo.outcomes[-1] == IgnoredOutcome(reason=IgnoreReason.GREETING_ONLY)
    assert len(zalo.replies) == 1


def test_a_foreigner_is_answered_in_english(facebook: Dialogue) -> None:
    facebook.say("Hello, the street lights on Hung Vuong street in Dong Xoai have been broken for two weeks")
    facebook.wait(QUIET)
    assert facebook.kinds == [OutcomeKind.PENDING_SUPPLEMENT]
    assert "Could you please answer right here?" in facebook.replies[0]
    assert facebook.of(ReplyRendered)[0].reply.language is Language.EN


def test_the_request_shows_an_example_of_just_what_is_missing(zalo: Dialogue) -> None:
    zalo.say(f"{LAMPS} Tôi tên Nguyễn Văn An, địa chỉ ấp 3 xã Tân Hưng huyện Hớn Quản.")
    zalo.wait(QUIET)
    assert zalo.outcomes[0].missing == (ContactItem.PHONE,)  # type: ignore[union-attr]
    assert "Ví dụ: 09xx xxx xxx.\n" in zalo.replies[0]


@pytest.mark.parametrize(
    "words",
    [
        "alo 1022",
        LAMPS,
        f"{LAMPS} {WHO}",
        "Cháy nhà ở xã Lộc Thái, có người kẹt bên trong, cứu với!",
        "Bonjour, je voudrais savoir comment obtenir un permis de construire pour ma maison, merci beaucoup",
        "Tôi làm đơn tố cáo ông chủ tịch xã nhận hối lộ, đề nghị giải quyết đơn tố cáo theo Luật Tố cáo. " + WHO,
    ],
)
def test_a_first_answer_in_a_chat_is_short_and_says_what_becomes_of_data(zalo: Dialogue, words: str) -> None:
    zalo.say(words)
    zalo.wait(QUIET)
    (reply,) = zalo.replies
    one_language = reply.split("\n\n")[0] if "\n\n" in reply else reply
    assert len(SENTENCE.findall(one_language)) <= 4 - one_language.count("?"), one_language
    assert one_language.count("?") <= 1
    assert "Thông tin cá nhân" in reply
    assert len(one_language) < 900


def test_a_chat_and_a_form_are_told_the_same_in_other_words(rules: Rules) -> None:
    chat, form = Dialogue(rules), Dialogue(rules, intake=Intake.FORM)
    for dialogue in (chat, form):
        dialogue.say(LAMPS, contact=CONTACT)
    assert chat.kinds == form.kinds == [OutcomeKind.ACCEPTED]
    assert len(chat.replies[0]) < len(form.replies[0])
