"""Mails made to exhaust a reader are read within their bounds, as far as they go, and say that they were cut."""

import base64
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.email_ingest.limits import MAX_PARTS, MAX_SOURCE
from services.email_ingest.mail import packed, unpacked
from services.email_ingest.parse import head_of, read_mail
from tests.channels.email.mails import mail
from tests.cpu_time import cpu_seconds

HEAD = b"From: an@citizen.example\r\nSubject: x\r\n"
SECONDS = 5.0
"""What the child is given; a machine that runs other things measures processor time all the same."""


def nested(kind: str) -> bytes:
    if kind == "message":
        return HEAD + b"Content-Type: message/rfc822\n\n" * 5000 + b"Xin"
    levels = (b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (level, level) for level in range(3000))
    return HEAD + b"".join(levels) + b"\nXin"


BOMBS: dict[str, Callable[[], bytes]] = {
    "nested messages": lambda: nested("message"),
    "nested multiparts": lambda: nested("multipart"),
    "one boundary for all levels": lambda: (
        HEAD
        + b"Content-Type: multipart/mixed; boundary=b\n\n"
        + b"--b\nContent-Type: multipart/mixed; boundary=b\n\n" * 9000
    ),
    "encoded words": lambda: mail("x", "Subject:" + "\n =?utf-8?q?a?=" * 20_000),
    "nested comments": lambda: mail("x", "From: " + "(" * 100_000 + "an@citizen.example"),
    "addresses": lambda: mail("x", "To: " + "an@citizen.example, " * 100_000),
    "one long header": lambda: mail("x", "X-A: " + "a" * 10_000_000),
    "many headers": lambda: mail("x", *["X-A: b"] * 200_000),
    "parameters": lambda: mail("x", "Content-Type: text/plain" + ";a=b" * 500_000),
    "semicolons": lambda: mail("x", "Content-Type: multipart/mixed" + ";" * 500_000),
    "parts": lambda: mail(b"--b\n\nx\n" * 200_000, "Content-Type: multipart/mixed; boundary=b"),
    "empty lines": lambda: mail(b"\n" * 25_000_000),
    "short lines": lambda: mail(b"abcdefgh\n" * 2_700_000),
    "one long line": lambda: mail(b"a" * 25_000_000),
    "60 MB": lambda: mail(
        b"--b\n\nXin\n--b\nContent-Type: image/jpeg\nContent-Transfer-Encoding: base64\n\n"
        + base64.encodebytes(bytes(45_000_000)),
        "Content-Type: multipart/mixed; boundary=b",
    ),
    "HTML depth": lambda: mail("<div>" * 100_000, "Content-Type: text/html"),
    "HTML quotations": lambda: mail("<blockquote>x" * 50_000, "Content-Type: text/html"),
    "HTML tags that never end": lambda: mail("<a " * 100_000, "Content-Type: text/html"),
    "HTML attributes": lambda: mail('<a b="' * 60_000, "Content-Type: text/html"),
    "combining marks": lambda: mail("e" + "\u0301" * 200_000),
    "quotation marks": lambda: mail(">" * 400_000),
    "flowed lines": lambda: mail("a \n" * 130_000, "Content-Type: text/plain; format=flowed"),
    "VIQR": lambda: mail("a^'" * 100_000),
    "references": lambda: mail("x", "References:" + " <a@b>" * 100_000),
    "boundaries": lambda: mail(b"boundary=" * 2_000_000),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_read_within_its_bounds(name: str) -> None:
    source = BOMBS[name]()
    assert cpu_seconds(lambda: read_mail(source), bound=SECONDS) < SECONDS
    assert cpu_seconds(lambda: head_of(source), bound=SECONDS) < SECONDS
    read = read_mail(source)
    assert head_of(source).message_id == read.mail.message_id
    assert len(read.mail.text) <= 20_000
    assert len(read.mail.quoted) <= 20_000
    assert len(read.contents) <= MAX_PARTS + 1
    assert sum(map(len, read.contents)) <= MAX_SOURCE
    assert unpacked(packed(read)) == read


def test_what_was_cut_is_said_and_the_text_is_kept() -> None:
    large = read_mail(BOMBS["60 MB"]())
    assert large.mail.text == "Xin"
    assert "too_large" in large.mail.defects
    assert "parts_cut" in read_mail(BOMBS["parts"]()).mail.defects
    assert "depth_cut" in read_mail(nested("multipart")).mail.defects
    assert "headers_cut" in read_mail(BOMBS["many headers"]()).mail.defects
    assert "html_cut" in read_mail(BOMBS["HTML depth"]()).mail.defects


PIECES = st.sampled_from(
    [
        b"From: an@citizen.example",
        b"\r\n",
        b"\n",
        b"\n\n",
        b"Content-Type: multipart/mixed; boundary=b",
        b"Content-Type: multipart/digest; boundary=b",
        b"Content-Type: multipart/alternative; boundary=",
        b"Content-Type: message/rfc822",
        b"Content-Type: message/delivery-status",
        b"Content-Type: text/html; charset=utf-16",
        b"Content-Type: text/plain; charset=\xff; format=flowed; delsp=yes",
        b"Content-Transfer-Encoding: base64",
        b"Content-Transfer-Encoding: \xe1\xba\xa5",
        b"Content-Transfer-Encoding: x-uuencode",
        b"Content-Transfer-Encoding: quoted-printable",
        b"Content-Disposition: attachment; filename*0*=utf-8''%C4; filename*1*=%90",
        b"--b",
        b"--b--",
        b"Subject: =?utf-8?B?////?=",
        b"Message-ID: <\xff>",
        b"Date: \x00",
        b"<p>",
        b"begin 644 a",
        b"=C3",
        b">",
        b" ",
    ]
)


@given(st.lists(PIECES | st.binary(max_size=20), max_size=40).map(b"".join))
def test_no_source_raises_and_every_result_travels(source: bytes) -> None:
    read = read_mail(source)
    assert unpacked(packed(read)) == read
    head = head_of(source)
    assert head.sender == (read.mail.sender.address.lower() if "no_sender" not in read.mail.defects else "")
    assert head.message_id == read.mail.message_id


@given(st.binary(max_size=2000))
def test_no_bytes_raise(source: bytes) -> None:
    read_mail(source)
