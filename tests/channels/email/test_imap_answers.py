"""What a server's lines say, in whatever form a server may put them; lines as aioimaplib hands them over."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.email_ingest.responses import Line, Listed, Selected, bodies, listed, searched, selected

uids = st.integers(1, 2**32 - 1)


def test_a_folder_says_what_its_uids_are_worth() -> None:
    lines = [
        b"FLAGS (\\Answered \\Seen)",
        b"3 EXISTS",
        b"0 RECENT",
        b"OK [UIDVALIDITY 1795470459] UIDs valid",
        b"OK [UIDNEXT 4] Predicted next UID",
        b"[READ-ONLY] Examine completed",
    ]
    assert selected(lines) == Selected(uidvalidity=1795470459, uidnext=4, exists=3)


def test_a_folder_without_uids_says_none() -> None:
    assert selected([b"OK [UIDNOTSTICKY] no UIDs", b"3 EXISTS"]) == Selected(None, None, 3)


def test_a_search_leaves_out_the_last_message_that_a_server_always_names() -> None:
    assert searched([b"7", b"Search completed (0.001 secs)."], first=8) == []
    assert searched([b"9 8", b"12", b"Search completed."], first=8) == [8, 9, 12]
    assert searched([b"", b"12 messages searched"], first=1) == []


@given(st.sets(uids, max_size=50), uids)
def test_a_search_finds_every_uid_from_the_first_on(there: set[int], first: int) -> None:
    line = b" ".join(str(uid).encode() for uid in there)
    assert searched([line, b"done"], first=first) == sorted(uid for uid in there if uid >= first)


def test_sizes_come_in_any_order_among_other_news() -> None:
    lines = [
        b'1 FETCH (UID 5 RFC822.SIZE 100 INTERNALDATE "25-Nov-2026 08:00:00 +0700")',
        b"2 FETCH (RFC822.SIZE 200 UID 6)",
        b"3 FETCH (FLAGS (\\Seen) UID 7)",
        b"4 EXPUNGE",
        b'5 FETCH (UID 9 RFC822.SIZE 1 INTERNALDATE "never")',
        b"Fetch completed.",
    ]
    at = datetime(2026, 11, 25, 8, tzinfo=timezone(timedelta(hours=7)))
    assert listed(lines) == {5: Listed(100, at), 6: Listed(200, None), 9: Listed(1, None)}
    assert at.astimezone(UTC).hour == 1


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ([b"1 FETCH (UID 5 BODY[]<0> {3}", bytearray(b"abc"), b")"], {5: b"abc"}),
        ([b"1 FETCH (BODY[]<0> {3}", bytearray(b"abc"), b" UID 5)"], {5: b"abc"}),
        ([b"1 FETCH (UID 5 BODY[] {0}", bytearray(b""), b")"], {5: b""}),
        ([b'1 FETCH (UID 5 BODY[]<9> "")'], {5: b""}),
        ([b'1 FETCH (UID 5 BODY[]<0> "a \\"b\\" \\\\c")'], {5: b'a "b" \\c'}),
        ([b"1 FETCH (UID 5 BODY[]<0> NIL)"], {}),
        ([b"1 FETCH (BODY[]<0> {3}", bytearray(b"abc"), b")"], {}),
        ([b"1 FETCH (UID 5 BODY[]<0> {3}"], {}),
        ([b"1 FETCH (UID 5 BODY[]<0> {3}", b"abc"], {}),
        ([b"1 FETCH (FLAGS (\\Seen) UID 5)"], {}),
    ],
)
def test_contents_come_in_every_form_that_the_protocol_has(lines: list[Line], found: dict[int, bytes]) -> None:
    assert bodies([*lines, b"Fetch completed."]) == found


@given(st.dictionaries(uids, st.binary(max_size=60), max_size=8), st.booleans())
def test_contents_are_never_taken_for_lines(contents: dict[int, bytes], uid_first: bool) -> None:  # noqa: FBT001 - drawn
    lines: list[Line] = []
    for number, (uid, content) in enumerate(contents.items(), start=1):
        before, after = (f"UID {uid} ", "") if uid_first else ("", f" UID {uid}")
        lines += [f"{number} FETCH ({before}BODY[]<0> {{{len(content)}}}".encode(), bytearray(content)]
        lines += [f"{after})".encode(), f"{number} FETCH (FLAGS (\\Seen))".encode()]
    assert bodies([*lines, b"done"]) == contents


@given(st.lists(st.binary(max_size=80) | st.binary(max_size=20).map(bytearray), max_size=12))
def test_nothing_that_a_server_says_breaks_the_reading(lines: list[Line]) -> None:
    selected(lines)
    searched(lines, first=1)
    listed(lines)
    bodies(lines)
