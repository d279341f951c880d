"""The ledger's arithmetic: any order and any repetition of facts gives the same balance, and nothing hides a loss."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.conservation.balance import Balance, Handled
from gateway.domain.conservation.facts import DEAD, GATHERING, Arrived, Became, Fact, PutAside, Read
from gateway.domain.conservation.ledger import Ledger

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LONG_AFTER, NOT_YET = NOON + timedelta(days=1), NOON - timedelta(days=1)
CHANNELS = ("web", "zalo")
EVERYTHING = Handled(dict.fromkeys(CHANNELS, LONG_AFTER), LONG_AFTER, LONG_AFTER)
NOTHING = Handled(dict.fromkeys(CHANNELS, NOT_YET), NOT_YET, NOT_YET)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def arrived(trace: str, seconds: float = 0, channel: str = "web") -> Arrived:
    return Arrived(channel, trace, at(seconds), at(seconds))


def read(item: str, trace: str, seconds: float = 0, *, channel: str = "web", outcome: str | None = None) -> Read:
    return Read(channel, trace, item, at(seconds), at(seconds + 1), outcome)


def became(item: str, version: int, outcome: str, *, weight: int = 3, until: float | None = None) -> Became:
    return Became(item, (version, weight), outcome, at(version), None if until is None else at(until))


def balance_of(facts: Sequence[Fact], handled: Handled = EVERYTHING, channel: str = "web") -> Balance:
    ledger = Ledger()
    for fact in facts:
        ledger.add(fact)
    return ledger.balances(handled)[channel]


traces = st.sampled_from(("t0", "t1", "t2"))
items = st.sampled_from(("i0", "i1", "i2", "i3"))
of_channel = {"t0": "web", "t1": "web", "t2": "zalo"}
facts = st.one_of(
    st.builds(lambda trace, later: Arrived(of_channel[trace], trace, NOON, at(later)), traces, st.integers(0, 3)),
    st.builds(
        lambda item, later, outcome: Read("web", f"t{int(item[1]) % 2}", item, NOON, at(later), outcome),
        items,
        st.integers(0, 3),
        st.sampled_from((None, "ignored")),
    ),
    st.builds(
        lambda item, version, weight, outcome: Became(item, (version, weight), outcome, at(version), LONG_AFTER),
        items,
        st.integers(1, 3),
        st.integers(0, 3),
        st.sampled_from((GATHERING, "accepted", "rejected")),
    ),
    st.builds(lambda trace: PutAside(NOON, trace=trace), traces),
    st.builds(lambda item: PutAside(NOON, item=item), items),
)


@given(told=st.lists(facts, max_size=25), data=st.data(), done=st.booleans())
def test_any_order_and_repetition_of_facts_gives_the_same_balance(
    told: list[Fact], data: st.DataObject, *, done: bool
) -> None:
    again = data.draw(st.lists(st.sampled_from(told), max_size=15)) if told else []
    shuffled = data.draw(st.permutations([*told, *again]))
    one, other = Ledger(), Ledger()
    for fact in told:
        one.add(fact)
    for fact in shuffled:
        other.add(fact)
    handled = EVERYTHING if done else NOTHING
    assert one.balances(handled) == other.balances(handled)


@given(told=st.lists(facts, max_size=25), done=st.booleans())
def test_what_was_received_is_what_became_of_it_and_what_is_under_way(told: list[Fact], *, done: bool) -> None:
    ledger = Ledger()
    for fact in told:
        ledger.add(fact)
    known = {fact.item for fact in told if isinstance(fact, Read)}
    opened = {fact.trace for fact in told if isinstance(fact, Read)}
    whole = {fact.trace for fact in told if isinstance(fact, Arrived)} - opened
    balances = ledger.balances(EVERYTHING if done else NOTHING).values()
    assert sum(one.received for one in balances) == len(known) + len(whole)
    for one in balances:
        assert one.received == sum(one.outcomes.values()) + one.in_flight + len(one.unaccounted)
        assert not one.unaccounted or done


def test_a_raw_message_counts_as_one_until_what_is_in_it_is_known() -> None:
    assert balance_of([arrived("t")], NOTHING).in_flight == 1
    found = balance_of([arrived("t"), read("a", "t"), read("b", "t"), became("a", 1, "accepted")], NOTHING)
    assert (found.raw, found.received, found.in_flight, dict(found.outcomes)) == (1, 2, 1, {"accepted": 1})


def test_the_last_decision_holds_and_within_a_commit_the_weightiest() -> None:
    base: list[Fact] = [
        arrived("t"),
        read("a", "t"),
        became("a", 1, "joined", weight=0),
        became("a", 1, "pending_supplement"),
    ]
    assert dict(balance_of(base).outcomes) == {"pending_supplement": 1}
    assert dict(balance_of([became("a", 2, "accepted"), *base]).outcomes) == {"accepted": 1}


def test_what_every_stage_passed_by_is_unaccounted_with_its_last_place() -> None:
    lost: list[Fact] = [arrived("t0"), arrived("t1", 1), read("a", "t1", 1), arrived("t2", 2), read("b", "t2", 2)]
    lost.append(became("b", 1, GATHERING, until=50))
    found = balance_of(lost)
    assert [(one.name, one.seen) for one in found.unaccounted] == [
        ("t0", "raw.web"),
        ("a", "inbound"),
        ("b", GATHERING),
    ]
    assert found.in_flight == 0
    waiting = Handled({"web": at(-1)}, at(1), at(49))
    still = balance_of(lost, waiting)
    assert (still.in_flight, still.unaccounted, still.oldest_in_flight) == (3, (), NOON)


def test_a_dead_letter_is_an_outcome_until_there_is_another() -> None:
    facts: list[Fact] = [arrived("t"), PutAside(NOON, trace="t")]
    assert dict(balance_of(facts).outcomes) == {DEAD: 1}
    facts += [read("a", "t"), PutAside(NOON, item="a")]
    assert dict(balance_of(facts).outcomes) == {DEAD: 1}
    assert dict(balance_of([*facts, became("a", 1, "needs_review")]).outcomes) == {"needs_review": 1}


def test_what_was_received_before_the_period_counts_nowhere_however_late_it_is_told() -> None:
    ledger = Ledger(since=at(10))
    for fact in (arrived("old", 9), read("a", "old", 9), became("a", 11, "accepted"), arrived("new", 10)):
        ledger.add(fact)
    assert ledger.balances(NOTHING)["web"].received == 1


def test_what_was_under_way_when_its_period_was_forgotten_still_gets_its_outcome() -> None:
    ledger = Ledger()
    ledger.add(arrived("t"))
    ledger.forget(at(100))
    ledger.add(read("a", "t"))
    ledger.add(became("a", 101, "accepted"))
    found = ledger.balances(EVERYTHING)["web"]
    assert (found.received, dict(found.outcomes), found.unaccounted) == (1, {"accepted": 1}, ())
    ledger.forget(at(101))
    assert ledger.balances(EVERYTHING) == {}


def test_of_too_many_those_with_an_outcome_that_came_first_are_forgotten_and_what_is_open_never() -> None:
    ledger = Ledger(most=40)
    ledger.add(arrived("lost"))
    for number in range(1000):
        ledger.add(arrived(f"t{number}", number))
        ledger.add(read(f"i{number}", f"t{number}", number, outcome="ignored"))
        ledger.add(became(f"i{number}", number, "ignored"))
    found = ledger.balances(EVERYTHING)["web"]
    assert [one.name for one in found.unaccounted] == ["lost"]
    assert 0 < found.received <= 40
    assert found.received == sum(found.outcomes.values()) + 1
    before = found.received
    ledger.add(read("i0", "t0", 0, outcome="ignored"))
    assert ledger.balances(EVERYTHING)["web"].received == before, "a repeat of what was forgotten is not counted anew"
    ledger.forget(at(2000))
    assert ledger.balances(EVERYTHING)["web"].received == 1
