"""The strict reader takes what JSON is and refuses, with a reason and without a value, what attacks or lies."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.strict_json import MAX_DEPTH, MAX_MEMBERS, MAX_TEXT, read_json
from gateway.errors import Invalid
from tests.cpu_time import cpu_seconds

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner)
    ),
    max_leaves=20,
)


@given(PLAIN)
def test_every_ordinary_document_is_read_as_it_is(document: object) -> None:
    assert read_json(json.dumps(document).encode()) == document
    assert read_json(json.dumps(document, ensure_ascii=False).encode()) == document


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    with suppress(Invalid):
        read_json(body)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not_json"),
        (b"{", "not_json"),
        (b"[1,]", "not_json"),
        (b"NaN", "not_json"),
        (b"[-Infinity]", "not_json"),
        (b"\xff\xfe", "not_utf8"),
        (b'"\xed\xa0\x80"', "not_utf8"),
        (rb'"\ud800"', "lone_surrogate"),
        (rb'{"\udfff": 1}', "lone_surrogate"),
        (b"1e999", "number_too_large"),
        (b"-1e999", "number_too_large"),
        (b"9223372036854775808", "number_too_large"),
        (b"-9223372036854775809", "number_too_large"),
        (b"1" * 5000, "number_too_large"),
        (b'{"a": 1, "a": 2}', "duplicate_member"),
        (b'{"a": 1, "\\u0061": 2}', "duplicate_member"),
        (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), "too_deep"),
        (b'{"a":' * (MAX_DEPTH + 1) + b"1" + b"}" * (MAX_DEPTH + 1), "too_deep"),
        (b"[" * 100_000, "too_deep"),
        (b'"' + b"a" * (MAX_TEXT + 1) + b'"', "text_too_long"),
        (json.dumps({str(n): n for n in range(MAX_MEMBERS + 1)}).encode(), "too_many_members"),
    ],
)
def test_what_is_wrong_has_a_reason_of_its_own(body: bytes, reason: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_json(body)
    assert caught.value.reason == reason


def test_the_bound_on_bytes_holds_before_anything_is_parsed() -> None:
    with pytest.raises(Invalid, match="too_large"):
        read_json(b"[" * 11, max_bytes=10)


@pytest.mark.parametrize(
    "body",
    [
        b"[" * MAX_DEPTH + b"]" * MAX_DEPTH,
        b"[" + b'"[[[[{{{{",' * 50 + b"1]",
        b"[" + b'"\\"[[[[{{{{",' * 50 + b"1]",
        b"[" + b"[]," * 500 + b"1]",
        b'"' + b"a" * MAX_TEXT + b'"',
        b"[9223372036854775807, -9223372036854775808, 1e308]",
        b'"\\ud83d\\ude00"',
    ],
)
def test_what_only_looks_bad_is_taken(body: bytes) -> None:
    assert read_json(body) == json.loads(body)


def test_errors_never_quote_the_input() -> None:
    with pytest.raises(Invalid) as caught:
        read_json(b'{"phone": "0901234567"')
    assert "0901234567" not in str(caught.value)


def test_the_worst_body_of_full_size_is_judged_quickly() -> None:
    bodies = [b'"' + b'\\"[' * 333_000, b'["' * 400_000, b"[]," * 333_000, b'"' * 999_999]

    def refuse_all() -> None:
        for body in bodies:
            with pytest.raises(Invalid):
                read_json(body)

    assert cpu_seconds(refuse_all, bound=2.0) < 2.0
