"""A trace is derived from ids alone: one per message that entered, the same at every repeat, never a stranger's."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.tracing import FORMAT, entering, following, trace_id
from schemas.envelope import Message

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
NIL = str(UUID(int=0))
IDS = st.one_of(st.uuids().map(str), st.text(st.characters(exclude_categories=["Cs"]), max_size=40), st.just(NIL))
STAGES = st.sampled_from(["web_ingest.read", "normalizer", "dispatcher"])
FOREIGN = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def message(name: str, *, topic: str = "inbound", traceparent: str = "") -> Message:
    return Message(topic, "account", name, "vn.1022.inbound.v1", "test", NOON, b"{}", traceparent=traceparent)


def parent_id(found: Message) -> str:
    return found.traceparent.split("-")[2]


@given(IDS, IDS, STAGES)
def test_headers_are_what_the_standard_says_whatever_the_ids_are(root: str, name: str, stage: str) -> None:
    entered = entering(message(root))
    for found in (entered, following(entered, stage, message(name))):
        assert FORMAT.fullmatch(found.traceparent)
        assert found.headers()["traceparent"] == found.traceparent


@given(IDS, st.lists(st.tuples(IDS, STAGES), max_size=5))
def test_everything_that_follows_has_the_trace_of_what_entered(root: str, steps: list[tuple[str, str]]) -> None:
    entered = latest = entering(message(root))
    for name, stage in steps:
        latest = following(latest, stage, message(name))
        assert trace_id(latest) == trace_id(entered)


@given(IDS, IDS, STAGES)
def test_a_repeat_repeats_the_header(root: str, name: str, stage: str) -> None:
    assert entering(message(root)) == entering(message(root))
    cause = entering(message(root))
    assert following(cause, stage, message(name)) == following(cause, stage, message(name))


@given(st.uuids(), st.uuids())
def test_traces_differ_as_what_entered_differs(one: UUID, other: UUID) -> None:
    assert (trace_id(entering(message(str(one)))) == trace_id(entering(message(str(other))))) == (one == other)


@given(st.uuids().filter(lambda found: found.int), STAGES)
def test_operators_find_the_trace_by_the_id_of_the_message_that_entered(root: UUID, stage: str) -> None:
    assert trace_id(following(entering(message(str(root))), stage, message("A-17"))) == root.hex


def test_each_stage_and_each_cause_is_a_parent_of_its_own() -> None:
    first, second = entering(message("1")), message("2", traceparent=entering(message("1")).traceparent)
    parents = [
        parent_id(found)
        for found in (
            first,
            following(first, "normalizer", message("3")),
            following(first, "web_ingest.media", message("3")),
            following(second, "normalizer", message("3")),
        )
    ]
    assert len(set(parents)) == len(parents)


@pytest.mark.parametrize(
    "given_header",
    [
        "",
        "nothing of the kind",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        FOREIGN + "-more",
        FOREIGN + "\n",
    ],
)
def test_a_record_without_a_usable_header_is_the_root_itself(given_header: str) -> None:
    assert trace_id(message("A-17", traceparent=given_header)) == trace_id(entering(message("A-17")))


def test_what_an_outsider_put_on_a_topic_begins_a_trace_of_its_own() -> None:
    answer = message("A-17", topic="agency.dien_luc.commands", traceparent=FOREIGN)
    assert trace_id(answer) == trace_id(entering(answer))
    assert trace_id(message("A-17", topic="ticket.commands", traceparent=FOREIGN)) == FOREIGN.split("-")[1]
