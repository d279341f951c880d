"""Derived identities: the same at every stage, unreadable without the key, and codes that survive being read out."""

import re
import string
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from gateway.domain.identity import (
    ALPHABET,
    Identity,
    check_sign,
    command_id,
    message_id,
    plain_signs,
    read_code,
    ticket_id,
    timer_id,
)
from schemas.base import Account, ReceiptCode

KEY = bytes(range(32))
IDENTITY = Identity(KEY)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
IDS = st.uuids()
CODES = IDS.map(IDENTITY.receipt_code)


def test_what_was_derived_once_is_derived_for_ever() -> None:
    inbound = IDENTITY.inbound_id("web", "a" * 32, "key:1")
    assert str(inbound) == "fbcd1365-8422-8b61-954f-94ef7997371d"
    assert IDENTITY.account("web", "app:bpt-7f3a") == "937e0190d7ee054eb76653b5152b355a"
    assert IDENTITY.receipt_code(inbound) == "ETUR-2GVY-EV24"
    assert IDENTITY.lookup_secret("ETUR-2GVY-EV24") == "PEUD-MR8H-DVDN"
    assert IDENTITY.term("phone", "+84912345678") == "phone:561668babdcbc84dd8ee1b403096a189"
    assert IDENTITY.fingerprint() == "917f0654acfec554"


@given(TEXT, TEXT, TEXT, TEXT)
def test_accounts_differ_unless_channel_and_user_agree(channel: str, user: str, other: str, another: str) -> None:
    same = (channel, user) == (other, another)
    assert (IDENTITY.account(channel, user) == IDENTITY.account(other, another)) == same


def test_parts_do_not_run_into_each_other() -> None:
    assert IDENTITY.account("web", "ab") != IDENTITY.account("weba", "b")
    assert IDENTITY.inbound_id("web", "a", "b", "") != IDENTITY.inbound_id("web", "a", "", "b")


@given(TEXT, TEXT)
def test_an_account_is_what_the_contract_says_and_hides_the_user(channel: str, user: str) -> None:
    account = TypeAdapter(Account).validate_python(IDENTITY.account(channel, user))
    assert account != Identity(bytes(32)).account(channel, user)


@given(TEXT, TEXT, TEXT, TEXT)
def test_an_inbound_id_is_the_same_whenever_it_is_derived(channel: str, account: str, outer: str, digest: str) -> None:
    found = IDENTITY.inbound_id(channel, account, outer, digest)
    assert found == IDENTITY.inbound_id(channel, account, outer, digest)
    assert found.variant == "specified in RFC 4122"
    assert found.version == 8


@given(IDS)
def test_a_code_is_what_the_contract_says_and_can_be_read_back(inbound: UUID) -> None:
    code = TypeAdapter(ReceiptCode).validate_python(IDENTITY.receipt_code(inbound))
    assert read_code(code) == code


@given(
    CODES,
    st.sampled_from(
        [
            str.lower,
            lambda c: c.replace("-", " "),
            lambda c: c.replace("-", ""),
            lambda c: f" {c}\t\n",
            lambda c: c.replace("-", "\u2013"),
        ]
    ),
)
def test_a_code_is_read_however_it_is_typed(code: str, typed: object) -> None:
    assert callable(typed)
    assert read_code(typed(code)) == code


@given(CODES, st.integers(0, 11), st.sampled_from(ALPHABET))
def test_one_wrong_sign_is_noticed(code: str, place: int, sign: str) -> None:
    signs = plain_signs(code)
    wrong = signs[:place] + sign + signs[place + 1 :]
    assert (read_code(wrong) is None) == (wrong != signs)


def test_most_swaps_of_neighbours_are_noticed() -> None:
    noticed = total = 0
    for _ in range(200):
        signs = plain_signs(IDENTITY.receipt_code(uuid4()))
        for place in range(10):
            swapped = signs[:place] + signs[place + 1] + signs[place] + signs[place + 2 :]
            if swapped != signs:
                total += 1
                noticed += read_code(swapped) is None
    assert noticed / total > 0.9


@given(st.text(max_size=40))
def test_reading_any_text_gives_a_code_or_none(text: str) -> None:
    found = read_code(text)
    assert found is None or re.fullmatch(r"[2-9A-HJ-NP-Z]{4}(-[2-9A-HJ-NP-Z]{4}){2}", found)


def test_no_sign_is_mistaken_for_another() -> None:
    assert len(ALPHABET) == len(set(ALPHABET)) == 32
    assert not set(ALPHABET) & set("01OI" + string.ascii_lowercase)
    assert {check_sign("2" * 10 + sign) for sign in ALPHABET} == set(ALPHABET)


@given(CODES)
def test_a_secret_opens_its_own_code_only(code: str) -> None:
    secret = IDENTITY.lookup_secret(code)
    assert IDENTITY.secret_matches(code, secret)
    assert IDENTITY.secret_matches(code, f" {secret.lower().replace('-', '')} ")
    assert not IDENTITY.secret_matches(IDENTITY.receipt_code(uuid4()), secret)
    assert not IDENTITY.secret_matches(code, secret[:-1])
    assert not Identity(bytes(32)).secret_matches(code, secret)


@given(CODES, st.text(max_size=40))
def test_any_text_may_be_tried_as_a_secret(code: str, text: str) -> None:
    assert not IDENTITY.secret_matches(code, text)


def test_a_code_says_nothing_of_its_secret() -> None:
    code = IDENTITY.receipt_code(UUID(int=1))
    assert not set(code.split("-")) & set(IDENTITY.lookup_secret(code).split("-"))


def test_the_fingerprint_tells_keys_apart_without_showing_them() -> None:
    assert IDENTITY.fingerprint() == Identity(KEY).fingerprint() != Identity(bytes(32)).fingerprint()
    assert IDENTITY.fingerprint() not in KEY.hex()
    assert KEY.hex() not in repr(IDENTITY)


def test_a_term_hides_its_value() -> None:
    term = IDENTITY.term("phone", "+84901234567")
    assert re.fullmatch(r"phone:[0-9a-f]{32}", term)
    assert term != IDENTITY.term("email", "+84901234567")


def test_ids_of_messages_timers_commands_and_tickets_differ_by_every_part() -> None:
    cause = uuid4()
    found = [
        message_id(cause, "inbound", 0),
        message_id(cause, "inbound", 1),
        message_id(cause, "tickets", 0),
        message_id(uuid4(), "inbound", 0),
        timer_id("ticket/a", "head", "2026-01-01T00:00:00+00:00"),
        timer_id("ticket/a", "head", "2026-01-01T00:00:01+00:00"),
        timer_id("ticket/b", "head", "2026-01-01T00:00:00+00:00"),
        command_id("CODE", 1, "accept", "op_lan"),
        command_id("CODE", 2, "accept", "op_lan"),
        command_id("CODE", 1, "reject", "op_lan"),
        command_id("CODE", 1, "accept", "op_mai"),
        ticket_id("a", "CODE"),
        ticket_id("b", "CODE"),
    ]
    assert len(set(found)) == len(found)
    assert message_id(cause, "inbound", 0) == found[0]


@pytest.mark.parametrize("text", ["", "7KQX", "0" * 12, "I" * 12, "Ö" * 12, "７ＫＱＸ４Ｍ９Ｔ２ＢＨＷ"])
def test_what_cannot_be_a_code_is_none(text: str) -> None:
    assert read_code(text) is None
