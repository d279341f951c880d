"""An answer to one of our mails is known by a token that only we can make, from the address it went to only."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.identity import ALPHABET, Identity
from gateway.errors import Invalid
from schemas.files import FileRef
from schemas.inbound import Inbound
from services.email_ingest.filed import filed_raw, read_filed
from services.email_ingest.inbound import Own, reading_of
from services.email_ingest.parse import read_mail
from services.email_ingest.raw import account_of, raw_of
from services.email_ingest.threads import answered, returned
from services.email_ingest.tokens import claims, message_id, proven, reply_to, reply_token
from tests.channels.email.mails import RECEIVED, mail

IDENTITY = Identity(b"i" * 32)
MAILBOX = "1022@hotline.example"
RECEIVED_AT = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
CODE = IDENTITY.receipt_code(UUID(int=1))
REPLY = UUID("0e8b7f3c-7a5f-5b7e-9d1c-2f8a64c0d1aa")
ACCOUNT = IDENTITY.account("email", f"{MAILBOX}:an@citizen.example")
TOKEN = reply_token(IDENTITY, ACCOUNT, CODE, REPLY)


def inbound(source: bytes, mailbox: str = MAILBOX) -> Inbound:
    account = account_of(IDENTITY, mailbox, source)
    file = FileRef(address="a" * 64, owner=account, size=len(source), media_type="message/rfc822")
    raw = raw_of(IDENTITY, mailbox=mailbox, source=source, file=file, received_at=RECEIVED_AT)
    found = reading_of(raw, read_mail(source).mail, (), IDENTITY, Own())
    assert isinstance(found, Inbound)
    return found


@pytest.mark.parametrize(
    "header",
    [
        f"In-Reply-To: <{message_id(TOKEN, 'hotline.example')}>",
        f"References: <other@x.example> <{message_id(TOKEN, 'hotline.example')}> <last@x.example>",
        f"In-Reply-To: Your message <{message_id(TOKEN.upper(), 'hotline.example')}>",
        f"To: Tong dai <{reply_to(MAILBOX, TOKEN)}>",
        f"Delivered-To: {reply_to(MAILBOX, TOKEN)}",
        f"Cc: an@x.example, <{reply_to(MAILBOX, TOKEN)}>",
    ],
)
def test_an_answer_names_its_submission(header: str) -> None:
    assert inbound(mail("Ấp 4.", header)).answers == CODE


def test_from_another_address_the_same_token_opens_nothing() -> None:
    header = f"In-Reply-To: <{message_id(TOKEN, 'hotline.example')}>"
    assert inbound(mail("Ấp 4.", header, sender="binh@citizen.example")).answers is None
    assert inbound(mail("Ấp 4.", header), mailbox="khac@hotline.example").answers is None


def test_a_receipt_code_alone_opens_nothing() -> None:
    assert inbound(mail(f"Mã {CODE}", f"Subject: Re: {CODE}", f"References: <{CODE}@hotline.example>")).answers is None


@given(st.integers(0, len(TOKEN) - 1), st.sampled_from(ALPHABET.lower()))
def test_a_token_with_any_other_sign_proves_nothing(place: int, sign: str) -> None:
    altered = TOKEN[:place] + sign + TOKEN[place + 1 :]
    found = [claim for claim in claims([message_id(altered, "x.example")]) if proven(IDENTITY, ACCOUNT, claim)]
    assert bool(found) == (altered == TOKEN)


@given(st.uuids(), st.uuids())
def test_a_token_names_code_and_reply(inbound_id: UUID, reply_id: UUID) -> None:
    code = IDENTITY.receipt_code(inbound_id)
    token = reply_token(IDENTITY, ACCOUNT, code, reply_id)
    (claim,) = claims([message_id(token, "x.example")])
    assert (claim.code, claim.reply_id) == (code, reply_id)
    assert proven(IDENTITY, ACCOUNT, claim)
    assert not proven(Identity(b"j" * 32), ACCOUNT, claim)


@given(st.lists(st.text(max_size=80), max_size=5))
def test_no_text_breaks_the_search_for_tokens(texts: list[str]) -> None:
    claims(texts)


def test_a_plus_address_fits_or_is_left_out() -> None:
    tagged = reply_to(MAILBOX, TOKEN)
    assert tagged is not None
    assert len(tagged.partition("@")[0]) <= 64
    assert reply_to("tongdai1022binhphuoc@hotline.example", TOKEN) is None


def test_a_bounce_tells_which_reply_came_back() -> None:
    ours = f"Message-ID: <{message_id(TOKEN, 'hotline.example')}>"
    report = f"--b\nContent-Type: message/rfc822\n\n{ours}\nSubject: x\n\nx\n--b--\n"
    source = mail(report, "Content-Type: multipart/report; report-type=delivery-status; boundary=b")
    (claim,) = returned(read_mail(source).mail)
    assert (claim.code, claim.reply_id) == (CODE, REPLY)


def test_equal_message_ids_with_other_words_are_two_messages() -> None:
    assert inbound(mail("Mất nước.")).id != inbound(mail("Mất điện.")).id
    assert inbound(mail("Mất nước.", subject="a")).id != inbound(mail("Mất nước.", subject="b")).id


def test_the_same_mail_on_another_way_is_one_message() -> None:
    once, again = mail("Mất nước."), mail("Mất nước.", RECEIVED)
    assert inbound(once).id == inbound(again).id
    assert inbound(once).code == inbound(again).code


def test_a_mail_without_an_id_is_known_by_what_it_says() -> None:
    first, second = mail("Mất nước.", "Message-ID:"), mail("Mất điện.", "Message-ID:")
    assert inbound(first).id == inbound(first).id
    assert inbound(first).id != inbound(second).id


def test_an_account_is_an_address_and_a_mailbox() -> None:
    assert account_of(IDENTITY, MAILBOX, mail(sender="An <AN@Citizen.example>")) == ACCOUNT
    assert account_of(IDENTITY, MAILBOX.upper(), mail()) == ACCOUNT
    assert account_of(IDENTITY, "khac@hotline.example", mail()) != ACCOUNT


def test_strangers_without_an_address_share_no_account() -> None:
    first, second = (account_of(IDENTITY, MAILBOX, mail(body, sender="An")) for body in ("a", "b"))
    assert first != second


def test_an_absurd_date_is_not_believed() -> None:
    for date in (
        "Mon, 01 Jan 1900 00:00:00 +1400",
        "Fri, 31 Dec 9999 23:59:59 -1200",
        "Thu, 01 Jan 1970 00:00:00 +0000",
    ):
        assert inbound(mail("x", f"Date: {date}")).sent_at == RECEIVED_AT


def test_answers_look_at_the_direct_one_first() -> None:
    other_code = IDENTITY.receipt_code(UUID(int=2))
    other = reply_token(IDENTITY, ACCOUNT, other_code, UUID(int=3))
    source = mail("x", f"In-Reply-To: <{other}@hotline.example>", f"References: <{TOKEN}@hotline.example>")
    assert answered(read_mail(source).mail, ACCOUNT, IDENTITY) == other_code


def test_a_filed_mail_is_read_again_as_the_same_message() -> None:
    source = mail("Mất nước.", f"In-Reply-To: <{message_id(TOKEN, 'hotline.example')}>")
    recorded = inbound(source)
    (again,) = read_filed(filed_raw(recorded, source), IDENTITY)
    assert again == recorded


def test_a_record_on_the_topic_only_refers_to_its_source() -> None:
    source = mail("Mất nước.")
    file = FileRef(address="a" * 64, owner=ACCOUNT, size=len(source), media_type="message/rfc822")
    raw = raw_of(IDENTITY, mailbox=MAILBOX, source=source, file=file, received_at=RECEIVED_AT)
    with pytest.raises(Invalid, match="source_elsewhere"):
        read_filed(raw, IDENTITY)
