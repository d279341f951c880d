"""Every kind of mail is captured, and each is read exactly as is written beside it; none passes in silence."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.mail_lines import shown
from gateway.domain.identity import Identity
from schemas.files import FileRef
from schemas.inbound import Ignored, Inbound
from services.email_ingest.inbound import REASONS, Own, reading_of
from services.email_ingest.mail import Auto
from services.email_ingest.parse import head_of, read_mail
from services.email_ingest.raw import account_of, raw_of

CAPTURED = Path(__file__).parents[2] / "captured" / "email"
FILES = sorted(CAPTURED.glob("*.eml"))
IDENTITY = Identity(b"i" * 32)
MAILBOX = "1022@hotline.example"
RECEIVED_AT = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)

PROMISED = {
    "gmail_vi_reply",
    "outlook_vi_reply",
    "iphone_vi_reply",
    "zalo_mail_forward",
    "windows_1258_as_1252",
    "viscii",
    "tcvn3_as_latin1",
    "tcvn3_user_defined",
    "nfd",
    "viqr_undeclared",
    "bounce_postfix",
    "bounce_exchange",
    "bounce_gmail",
    "vacation_rfc3834",
    "list_mailman",
    "calendar",
    "empty_body",
    "html_only",
    "nested_forwards",
    "attachment_names",
}


def reading(source: bytes, own: Own = Own()) -> Inbound | Ignored:  # noqa: B008 - immutable
    account = account_of(IDENTITY, MAILBOX, source)
    file = FileRef(address="a" * 64, owner=account, size=len(source), media_type="message/rfc822")
    raw = raw_of(IDENTITY, mailbox=MAILBOX, source=source, file=file, received_at=RECEIVED_AT)
    return reading_of(raw, read_mail(source).mail, (), IDENTITY, own)


def test_every_promised_kind_is_captured() -> None:
    assert {file.stem for file in FILES} >= PROMISED
    assert {file.stem for file in CAPTURED.glob("*.json")} == {file.stem for file in FILES}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_captured_mail_is_read_as_is_written_beside_it(file: Path) -> None:
    expected = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))
    assert shown(read_mail(file.read_bytes()).mail) == expected


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_line_ends_change_nothing(file: Path) -> None:
    lf = file.read_bytes().replace(b"\r\n", b"\n")
    crlf = lf.replace(b"\n", b"\r\n")
    first, second = read_mail(lf), read_mail(crlf)
    assert (first.mail.text, first.mail.quoted) == (second.mail.text, second.mail.quoted)
    assert [one.name for one in first.mail.files] == [one.name for one in second.mail.files]
    assert head_of(lf) == head_of(crlf)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_mail_passes_in_silence(file: Path) -> None:
    found = reading(file.read_bytes())
    if isinstance(found, Ignored):
        assert found.reason in REASONS
    else:
        said = found.personal
        assert said.text or said.quoted or read_mail(file.read_bytes()).mail.files
        assert found.sent_at <= found.received_at
    assert found.model_dump_json().encode()


def test_every_reason_to_ignore_a_mail_is_captured() -> None:
    autos = {read_mail(file.read_bytes()).mail.auto for file in FILES}
    assert autos == set(Auto)
    own = Own(addresses=frozenset({"an.nguyen@citizen.example"}))
    found = {one.reason for file in FILES for one in [reading(file.read_bytes(), own)] if isinstance(one, Ignored)}
    found |= {one.reason for file in FILES for one in [reading(file.read_bytes())] if isinstance(one, Ignored)}
    assert found == set(REASONS)


def test_a_list_of_our_own_carries_citizens_mails() -> None:
    source = (CAPTURED / "list_mailman.eml").read_bytes()
    assert isinstance(reading(source), Ignored)
    own = Own(lists=frozenset({"to-dan-pho.lists.citizen.example"}))
    assert isinstance(reading(source, own), Inbound)


def test_a_subject_counts_where_it_says_something() -> None:
    def text(name: str) -> str:
        found = reading((CAPTURED / f"{name}.eml").read_bytes())
        assert isinstance(found, Inbound)
        return found.personal.text

    assert text("empty_body") == "Đường liên xã bị sạt lở tại cầu số 3"
    assert text("gmail_vi_photo").startswith("Đèn đường hỏng\n\nKính gửi")
    assert text("empty_subject").startswith("Kính gửi")
    assert text("gmail_vi_reply") == "Địa chỉ là số 12, ấp 4, xã Tân Lập ạ."
    assert text("zalo_mail_forward").startswith("Rác thải đổ ra suối\n\nXe tải")


def test_who_signs_with_a_phone_number_gave_it() -> None:
    found = reading((CAPTURED / "signature_phone.eml").read_bytes())
    assert isinstance(found, Inbound)
    assert found.personal.contact.phone == "0987.654.321"
    assert found.personal.contact.email == "an.nguyen@citizen.example"
    assert found.personal.verified == ()
