"""No payload of Facebook's is passed over in silence: every event of every captured one becomes what is expected."""

import json
from typing import Any

import pytest

from services.facebook_ingest.items import items_of
from services.facebook_ingest.reasons import Skipped
from tests.channels.facebook.reading import CAPTURED, captured, effects, named, raw_of

EXPECTED: dict[str, list[str]] = json.loads((CAPTURED / "expected.json").read_text(encoding="utf-8"))
NAMES = sorted(path.stem for path in CAPTURED.glob("*.json") if path.stem != "expected")

PAIRS = {
    "comment": {"add", "edit", "edited", "remove", "hide", "unhide"},
    "post": {"add", "edit", "edited", "remove", "hide", "unhide"},
    "status": {"add", "edited", "hide", "unhide"},
    "photo": {"add", "edited", "remove", "hide", "unhide"},
    "video": {"add", "edited", "remove", "hide", "unhide", "block", "unblock", "mute"},
    "share": {"add", "edited", "remove", "hide", "unhide"},
    "reaction": {"add", "edit", "remove"},
    "like": {"add", "remove"},
    "album": {"add", "edited"},
    "event": {"add"},
}
"""What Facebook is known to send of a page's feed."""


def test_every_captured_payload_says_what_is_expected_of_it() -> None:
    assert sorted(EXPECTED) == NAMES
    assert len(NAMES) > 90


@pytest.mark.parametrize("name", NAMES)
def test_every_event_becomes_something(name: str) -> None:
    payload = captured(name)
    found = [named(effect) for effect in effects(payload)]
    assert found == EXPECTED[name]
    events = items_of(raw_of(payload))
    assert events
    assert len(found) == len(events) - (name == "same_message_twice")


def test_every_pair_of_item_and_verb_is_captured() -> None:
    seen: dict[str, set[str]] = {}
    for name in NAMES:
        payload: Any = captured(name)
        for entry in payload["entry"]:
            for change in entry.get("changes", []):
                value = change["value"]
                seen.setdefault(value.get("item", ""), set()).add(value.get("verb", ""))
    assert {item: verbs - seen.get(item, set()) for item, verbs in PAIRS.items() if verbs - seen.get(item, set())} == {}


def test_every_reason_is_one_of_the_closed_set_and_is_captured() -> None:
    reasons = {one.partition(":")[2] for listed in EXPECTED.values() for one in listed if ":" in one}
    assert reasons | {"erased"} == {reason.value for reason in Skipped}
