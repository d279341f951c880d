"""Small pure parts of the web channel: phone numbers, tokens, brakes, client addresses, file types, page texts."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from gateway.errors import Invalid
from schemas.vocabulary import ContactItem, Language, OutcomeKind, ReplyKind
from services.web_ingest.faults import FieldFault
from services.web_ingest.fields import e164, read_addition
from services.web_ingest.keys import holder_of
from services.web_ingest.texts import load_texts
from services.web_ingest.throttle import MAX_CLIENTS, Throttle, client_of
from services.web_ingest.tokens import opened, signed

NOW = datetime(2026, 11, 26, 1, 30, tzinfo=UTC)
KEY = b"k" * 32


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("0912345678", "+84912345678"),
        ("0912 345 678", "+84912345678"),
        ("(+84) 912.345.678", "+84912345678"),
        ("84912345678", "+84912345678"),
        ("0599999999", "+84599999999"),
        ("0271 3883 883", "+842713883883"),
        ("+44 20 7946 0958", "+442079460958"),
        ("113", None),
        ("091234567", None),
        ("09123456789", None),
        ("không có", None),
        ("", None),
    ],
)
def test_phone_numbers_as_citizens_type_them(typed: str, number: str | None) -> None:
    assert e164(typed) == number


@given(value=st.dictionaries(st.text(max_size=8), st.text(max_size=20), max_size=3))
def test_a_token_opens_only_with_its_key_for_its_purpose_and_in_its_time(value: dict[str, str]) -> None:
    token = signed(KEY, "receipt", value, expires=NOW + timedelta(minutes=1))
    assert opened(KEY, "receipt", token, now=NOW) == value
    assert opened(KEY, "lookup", token, now=NOW) is None
    assert opened(b"x" * 32, "receipt", token, now=NOW) is None
    assert opened(KEY, "receipt", token, now=NOW + timedelta(minutes=1)) is None


@given(token=st.text(max_size=80))
def test_no_text_opens_as_a_token(token: str) -> None:
    assert opened(KEY, "receipt", token, now=NOW) is None


@given(at=st.integers(min_value=0, max_value=200), sign=st.sampled_from("ABCabc012-_."))
def test_an_altered_token_does_not_open(at: int, sign: str) -> None:
    token = signed(KEY, "receipt", {"code": "7KQX-4M9T-2BHW"}, expires=NOW + timedelta(minutes=1))
    at %= len(token)
    altered = token[:at] + sign + token[at + 1 :]
    assert altered == token or opened(KEY, "receipt", altered, now=NOW) is None


def test_the_brake_lets_go_with_time_and_knows_clients_apart() -> None:
    now = [NOW]
    brake = Throttle(2, 6.0, lambda: now[0])
    brake.count("a")
    brake.count("a")
    assert brake.wait("a") == pytest.approx(10.0)
    assert brake.wait("b") == 0.0
    now[0] += timedelta(seconds=10)
    assert brake.wait("a") == 0.0


def test_the_brake_remembers_a_bounded_number_of_clients() -> None:
    brake = Throttle(1, 1.0, lambda: NOW)
    for number in range(MAX_CLIENTS + 5):
        brake.count(str(number))
    assert brake.wait("0") == 0.0
    assert brake.wait(str(MAX_CLIENTS)) > 0


def request(peer: str, forwarded: str = "") -> Request:
    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
    return Request({"type": "http", "client": (peer, 1), "headers": headers})


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.3", "10.0.0.1"),
        ("10.0.0.1", "nonsense", "unknown"),
        ("2001:db8:1:2:3::4", "", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "198.51.100.1", "203.0.113.7"),
        ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("::ffff:10.0.0.1", "198.51.100.1, ::ffff:10.0.0.2", "198.51.100.1"),
    ],
)
def test_only_configured_proxies_are_believed(peer: str, forwarded: str, client: str) -> None:
    assert client_of(request(peer, forwarded), (ip_network("10.0.0.0/8"),)) == client


def test_no_key_fits_an_empty_list_and_no_empty_key_fits_anything() -> None:
    assert holder_of("x", {}) is None
    assert holder_of("", {"a": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}) is None


def test_every_word_a_page_may_need_is_there_in_both_languages() -> None:
    texts = load_texts()
    wanted = {f"state_{kind}" for kind in OutcomeKind} | {f"reply_{kind}" for kind in ReplyKind}
    wanted |= {f"missing_{item}" for item in ContactItem} | {"state_checking", "state_transferred", "state_answered"}
    assert wanted <= texts.words[Language.VI].keys()
    assert texts.words[Language.VI].keys() == texts.words[Language.EN].keys()


@pytest.mark.parametrize(
    ("vi", "en"), [("a: x\nb: y", "a: x"), ("a: 'x {n}'", "a: x"), ("a: ''", "a: x"), ("- x", "a: x")]
)
def test_texts_that_differ_are_refused(tmp_path: Path, vi: str, en: str) -> None:
    (tmp_path / "vi.yaml").write_text(vi)
    (tmp_path / "en.yaml").write_text(en)
    with pytest.raises(Invalid):
        load_texts(tmp_path)


def test_an_empty_addition_names_every_field_that_was_asked_for() -> None:
    assert read_addition({}, uploads=0, asked=("name", "phone")).faults == (
        FieldFault("name", "missing"),
        FieldFault("phone", "missing"),
    )
    assert read_addition({}, uploads=1, asked=("name",)).faults == ()
    assert read_addition({"content": "Ở đầu hẻm."}, uploads=0, asked=("name",)).faults == ()
