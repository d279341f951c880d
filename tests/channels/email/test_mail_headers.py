"""Headers are read as programs write them, not only as the RFCs ask; nothing raises and nothing grows."""

import unicodedata
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.email_ingest.addresses import MAX_ADDRESSES, read_addresses
from services.email_ingest.dates import read_date
from services.email_ingest.encoded_words import header_text
from services.email_ingest.parameters import read_parameters

HANOI = timezone(timedelta(hours=7))
hostile = st.text(st.characters() | st.sampled_from(list('=?<>@"(),;:\\\r\n\t \udcc3\udcff')), max_size=200)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("=?utf-8?Q?M=E1=BA=A5t_n=C6=B0=E1=BB=9Bc?=", "Mất nước"),
        ("=?UTF-8?B?TeG6pQ==?= =?UTF-8?B?dCBuxrDhu5tj?=", "Mất nước"),
        ("=?UTF-8?B?TeG6?=\r\n =?UTF-8?B?pXQgbsaw4bubYw?=", "Mất nước"),
        ("Re: =?utf-8*vi?Q?M=E1=BA=A5t?= x", "Re: Mất x"),
        ("=?utf-8?Q?M=E1=BA=A5t n=C6=B0=E1=BB=9Bc?=", "Mất nước"),
        ("=?utf-8?Q?M=E1=BA=A5t", "Mất"),
        ('"=?utf-8?Q?M=E1=BA=A5t?="', '"Mất"'),
        ("=?no-such?Q?a=20b?=", "a b"),
        ("M\udce1\udcba\udca5t", "Mất"),
        ("a =?utf-8?Q?b?= c", "a b c"),
        ("=?utf-8?X?b?=", "=?utf-8?X?b?="),
        ("=?windows-1258?Q?M=E2=ECt?=", "Mất"),
    ],
)
def test_encoded_words(written: str, read: str) -> None:
    assert unicodedata.normalize("NFC", header_text(written)) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("an@x.vn", [("", "an@x.vn")]),
        ("Nguyễn An <an@x.vn>, b@x.vn", [("Nguyễn An", "an@x.vn"), ("", "b@x.vn")]),
        ('"An, Nguyễn" <an@x.vn>', [("An, Nguyễn", "an@x.vn")]),
        ("an@x.vn (Nguyễn (An))", [("Nguyễn (An)", "an@x.vn")]),
        ("Tổ: a@x.vn, b@x.vn;, c@x.vn", [("", "a@x.vn"), ("", "b@x.vn"), ("", "c@x.vn")]),
        ("undisclosed-recipients:;", []),
        ("<@relay.vn:an@x.vn>", [("", "an@x.vn")]),
        ("An <mailto:an@x.vn>", [("An", "an@x.vn")]),
        ("An an@x.vn", [("An", "an@x.vn")]),
        ('"An <an@x.vn>', [("An", "an@x.vn")]),
        ("An <an@x.vn", [("An", "an@x.vn")]),
        ("=?utf-8?Q?An=2C_B?= <an@x.vn>", [("An, B", "an@x.vn")]),
        ("An", [("An", "")]),
        ("", []),
    ],
)
def test_addresses(written: str, read: list[tuple[str, str]]) -> None:
    assert [
        (one.name, one.address) for one in read_addresses(written.encode().decode("ascii", "surrogateescape"))
    ] == read


@pytest.mark.parametrize("address", ["", "an", "an@", "@x.vn", "a b@x.vn", "an@x.vn>", "a\u202eb@x.vn,"])
def test_what_cannot_be_answered_is_not_usable(address: str) -> None:
    found = read_addresses(f"<{address}>")
    assert not any(one.usable and one.address == address for one in found)


def test_addresses_are_bounded() -> None:
    assert len(read_addresses("a@x.vn, " * 1000)) == MAX_ADDRESSES


@pytest.mark.parametrize(
    ("written", "value", "parameters"),
    [
        ('text/plain; charset="utf-8"; format=flowed', "text/plain", {"charset": "utf-8", "format": "flowed"}),
        ("attachment; filename*=utf-8''%C4%90%C6%A1n.pdf", "attachment", {"filename": "Đơn.pdf"}),
        ("attachment; filename*0*=utf-8''%C4%90%C6; filename*1*=%A1n.pdf", "attachment", {"filename": "Đơn.pdf"}),
        ("attachment; filename*0*=utf-8''a%2; filename*1*=0b", "attachment", {"filename": "a b"}),
        ('attachment; filename*1="b.pdf"; filename*0="a"', "attachment", {"filename": "ab.pdf"}),
        ('attachment; filename="=?utf-8?B?xJDGoW4=?=.pdf"', "attachment", {"filename": "Đơn.pdf"}),
        (r'attachment; filename="a\"b;c.pdf"', "attachment", {"filename": 'a"b;c.pdf'}),
        (r'attachment; filename="C:\Temp\an.pdf"', "attachment", {"filename": r"C:\Temp\an.pdf"}),
        ("attachment; filename=a b.pdf", "attachment", {"filename": "a b.pdf"}),
        ("name=a.pdf", "", {"name": "a.pdf"}),
        ('image/png; name="a', "image/png", {"name": "a"}),
        ("TEXT/HTML", "text/html", {}),
    ],
)
def test_parameters(written: str, value: str, parameters: dict[str, str]) -> None:
    found = read_parameters(written)
    assert (found.value, found.parameters) == (value, parameters)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Wed, 25 Nov 2026 10:05:00 +0700", datetime(2026, 11, 25, 10, 5, tzinfo=HANOI)),
        ("25 Nov 26 10:05 +0700 (Giờ Đông Dương)", datetime(2026, 11, 25, 10, 5, tzinfo=HANOI)),
        ("Wed, 25 Nov 2026 10:05:60 GMT", datetime(2026, 11, 25, 10, 5, 59, tzinfo=UTC)),
        ("2026-11-25T10:05:00+07:00", datetime(2026, 11, 25, 10, 5, tzinfo=HANOI)),
        ("Wed, 25 Nov 2026 10:05:00", datetime(2026, 11, 25, 10, 5, tzinfo=UTC)),
        ("hôm qua", None),
        ("Wed, 45 Nov 2026 10:05:00 +0700", None),
        ("Wed, 25 Nov 2026 10:05:00 +9999999", None),
        ("", None),
    ],
)
def test_dates(written: str, read: datetime | None) -> None:
    assert read_date(written) == read


@given(hostile)
def test_no_header_raises(written: str) -> None:
    assert isinstance(header_text(written), str)
    assert len(read_addresses(written)) <= MAX_ADDRESSES
    assert isinstance(read_parameters(written).value, str)
    read_date(written)
