"""Mail that no person wrote is recognised by what servers send; what a person wrote is never taken for it."""

import pytest

from services.email_ingest.mail import Auto
from services.email_ingest.parse import read_mail
from tests.channels.email.mails import mail


def auto(*headers: str, sender: str = "an@citizen.example", subject: str = "Đèn hỏng", body: str = "x") -> Auto:
    return read_mail(mail(body, *headers, sender=sender, subject=subject)).mail.auto


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        (["Auto-Submitted: auto-replied"], Auto.AUTO_REPLY),
        (["Auto-Submitted: auto-generated; x=y"], Auto.AUTO_REPLY),
        (["AUTO-SUBMITTED: AUTO-REPLIED (vacation)"], Auto.AUTO_REPLY),
        (["X-Autoreply: yes"], Auto.AUTO_REPLY),
        (["X-Autorespond: Re: x"], Auto.AUTO_REPLY),
        (["X-Auto-Response-Suppress: DR, OOF, AutoReply"], Auto.AUTO_REPLY),
        (["Precedence: auto_reply"], Auto.AUTO_REPLY),
        (["Precedence: bulk"], Auto.AUTO_REPLY),
        (["Return-Path: <>"], Auto.AUTO_REPLY),
        (["List-Id: <a.example>"], Auto.LIST),
        (["List-Unsubscribe: <https://a.example>"], Auto.LIST),
        (["Precedence: list"], Auto.LIST),
        (["X-Failed-Recipients: an@citizen.example"], Auto.BOUNCE),
        (["Content-Type: multipart/report; report-type=delivery-status; boundary=b"], Auto.BOUNCE),
        (["Content-Type: multipart/report; report-type=tlsrpt; boundary=b"], Auto.REPORT),
        (["Content-Type: multipart/report; boundary=b"], Auto.REPORT),
        (["Auto-Submitted: no"], Auto.NONE),
        (["Auto-Submitted: no (written by hand)"], Auto.NONE),
        (["X-Auto-Response-Suppress: OOF"], Auto.NONE),
        (["X-Autoreply: no"], Auto.NONE),
        (["Precedence: first-class"], Auto.NONE),
        (["X-Auto-Response-Suppress: RN, NRN"], Auto.NONE),
        (["Return-Path: <an@citizen.example>"], Auto.NONE),
        ([], Auto.NONE),
    ],
)
def test_headers_tell(headers: list[str], kind: Auto) -> None:
    assert auto(*headers) is kind


@pytest.mark.parametrize(
    "subject",
    [
        "Automatic reply: Đèn hỏng",
        "Out of office: x",
        "Out of Office",
        "Trả lời tự động: Đèn hỏng",
        "[Trả lời tự động] Đèn hỏng",
        "Thư trả lời tự động - Đèn hỏng",
    ],
)
def test_the_forms_of_programs_tell_where_nothing_else_does(subject: str) -> None:
    assert auto(subject=subject) is Auto.AUTO_REPLY


@pytest.mark.parametrize(
    "subject",
    [
        "Trả lời tự động của tổng đài không đúng",
        "Vắng mặt cán bộ tại trụ sở",
        "Không gửi được hồ sơ qua cổng dịch vụ công",
        "Undelivered mail returned to sender",
        "Thông báo trạng thái gửi hồ sơ",
        "Office hours",
        "Vacation pay",
    ],
)
def test_a_persons_subject_is_no_program(subject: str) -> None:
    assert auto("Return-Path: <an@citizen.example>", subject=subject) is Auto.NONE


@pytest.mark.parametrize("sender", ["MAILER-DAEMON@x.example", "postmaster@x.example", "bounces+1@x.example"])
def test_a_server_that_says_so_sends_a_bounce(sender: str) -> None:
    assert auto(sender=sender, subject="Undelivered Mail Returned to Sender") is Auto.BOUNCE


def test_a_bounce_that_a_person_passes_on_is_a_persons_mail() -> None:
    body = "--b\n\nThư tôi gửi xã bị trả về.\n--b\nContent-Type: message/delivery-status\n\nStatus: 5.1.1\n--b--\n"
    assert auto("Content-Type: multipart/mixed; boundary=b", body=body) is Auto.NONE
