"""What a mail of ours says in its headers, whatever the citizen's mail said in its own."""

from email import message_from_bytes
from email.policy import default
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.email_ingest.letter import MAX_REFERENCES, Letterhead, Marks, html_of, letter, references_of, subject_of
from tests.channels.email.test_send import CODE, KNOWN, NOW

HEAD = Letterhead("hotline@1022.example", "Tổng đài 1022")
MARKS = Marks("t" * 52 + "@1022.example", "hotline+" + "t" * 52 + "@1022.example")


def headers(source: bytes) -> list[bytes]:
    """The names of all headers, unfolded."""
    head = source.partition(b"\r\n\r\n")[0]
    return [line.partition(b":")[0] for line in head.split(b"\r\n") if not line.startswith((b" ", b"\t"))]


def test_a_subject_keeps_the_citizens_words_once_and_ends_with_the_code() -> None:
    assert subject_of("Đèn hỏng", CODE, "1022") == f"Re: Đèn hỏng [{CODE}]"
    assert subject_of(f"RE: Re: Trả lời: Đèn hỏng [{CODE}]", CODE, "1022") == f"Re: Đèn hỏng [{CODE}]"
    assert subject_of("", CODE, "Tổng đài 1022") == f"Re: Tổng đài 1022 [{CODE}]"
    assert subject_of("Re:", None, "Tổng đài 1022") == "Re: Tổng đài 1022"


def test_references_end_with_the_answered_mail_and_leave_out_what_is_no_id() -> None:
    named = ["b@x", "no id", "sha256-" + "0" * 64, "a@x", "x" * 300 + "@x"]
    assert references_of("c@x", named) == ("a@x", "b@x", "c@x")
    assert references_of("", ["a@x", "a@x"]) == ("a@x",)
    many = references_of("new@x", [f"{number}@x" for number in range(50)])
    assert (len(many), many[-1]) == (MAX_REFERENCES, "new@x")


def test_html_shows_the_text_and_runs_nothing() -> None:
    shown = html_of('<script>alert("x")</script>\nhai\n\nba & bốn')
    assert "<p>&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;<br>\nhai</p>\n<p>ba &amp; bốn</p>" in shown


@given(
    st.fixed_dictionaries(
        {
            "name": st.text(max_size=80),
            "subject": st.text(max_size=300),
            "message_id": st.text(max_size=80),
            "references": st.lists(st.text(max_size=40), max_size=5),
        }
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=200),
)
def test_nothing_that_a_citizen_wrote_makes_a_header_of_its_own(known: dict[str, Any], text: str) -> None:
    known = {name: _writable(value) for name, value in known.items()}
    source = letter(HEAD, MARKS, known={**known, "address": "an@citizen.example"}, code=CODE, text=text, at=NOW)
    plain = letter(HEAD, MARKS, known={**KNOWN, "references": []}, code=CODE, text="x", at=NOW)
    assert set(headers(source)) - {b"In-Reply-To", b"References"} == set(headers(plain)) - {
        b"In-Reply-To",
        b"References",
    }
    assert source.isascii()
    assert max(map(len, source.split(b"\r\n"))) <= 998
    mail = message_from_bytes(source, policy=default)
    assert [one.addr_spec for one in mail["To"].addresses] == ["an@citizen.example"]
    assert mail["Message-ID"] == f"<{MARKS.message_id}>"


def _writable(value: Any) -> Any:  # noqa: ANN401 - JSON
    """As the notes hold it: JSON in UTF-8 has no lone surrogates."""
    if isinstance(value, list):
        return [_writable(one) for one in value]
    return value.encode("utf-8", "replace").decode()
