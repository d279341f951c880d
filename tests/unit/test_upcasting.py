"""Old events are read step by step as today's, by name and schema number; what is stored stays as it is."""

import copy
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.upcasting import Event, Key, Upcaster, upcast

SPOKEN = "conversation/" + "0" * 32
LIVED = "ticket/0b9f6c1e-51a2-8c34-9d10-000000000001"


def renamed(event: Event) -> Event:
    """Schema 1 called it a note."""
    return {**event, "event": "said"}


def counted(event: Event) -> Event:
    """Schema 2 had one place, schema 3 has a list."""
    rest = {name: value for name, value in event.items() if name != "place"}
    return {**rest, "places": [event["place"]]}


MADE_UP: Mapping[Key, Upcaster] = {
    ("conversation/", "note", 1): renamed,
    ("conversation/", "said", 2): counted,
}


def test_an_old_event_goes_through_every_schema_since() -> None:
    old = {"event": "note", "place": "chợ", "personal": {"text": "x"}}
    [new] = upcast(SPOKEN, [old], MADE_UP)
    assert new == {"event": "said", "event_schema": 3, "places": ["chợ"], "personal": {"text": "x"}}


def test_an_event_begins_at_the_schema_it_was_written_with() -> None:
    [new] = upcast(SPOKEN, [{"event": "said", "event_schema": 2, "place": "chợ"}], MADE_UP)
    assert new["places"] == ["chợ"]


@pytest.mark.parametrize(
    ("history", "event"),
    [
        (SPOKEN, {"event": "said", "event_schema": 3, "places": []}),
        (SPOKEN, {"event": "decided", "place": "chợ"}),
        (LIVED, {"event": "note", "place": "chợ"}),
        ("elsewhere/1", {"event": "note", "place": "chợ"}),
    ],
    ids=["today's", "another event", "another history's", "an unknown history's"],
)
def test_what_needs_no_reading_stays_as_it_is(history: str, event: dict[str, Any]) -> None:
    assert upcast(history, [event], MADE_UP) == [event]


EVENTS = st.fixed_dictionaries(
    {"event": st.sampled_from(["note", "said", "other"]), "place": st.text(max_size=5)},
    optional={"event_schema": st.integers(1, 4), "personal": st.dictionaries(st.text(max_size=3), st.text(max_size=3))},
)


@given(st.lists(EVENTS, max_size=4))
def test_what_is_stored_is_never_changed(events: list[dict[str, Any]]) -> None:
    before = copy.deepcopy(events)
    assert len(upcast(SPOKEN, events, MADE_UP)) == len(events)
    assert events == before


@given(st.lists(EVENTS, max_size=4))
def test_what_was_read_as_todays_is_todays(events: list[dict[str, Any]]) -> None:
    once = upcast(SPOKEN, events, MADE_UP)
    assert upcast(SPOKEN, once, MADE_UP) == once


@given(EVENTS)
def test_projections_see_the_same_without_the_personal_part(event: dict[str, Any]) -> None:
    public = {name: value for name, value in event.items() if name != "personal"}
    [whole] = upcast(SPOKEN, [event], MADE_UP)
    assert upcast(SPOKEN, [public], MADE_UP) == [{name: value for name, value in whole.items() if name != "personal"}]
