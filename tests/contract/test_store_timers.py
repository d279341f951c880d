"""What every store promises of timers: those open are known, the earliest first, until a commit closes them."""

from dataclasses import replace
from datetime import datetime, timedelta

from gateway.store.port import Store, Timer
from tests.contract.store_play import HISTORY, NOON, commit


async def test_due_knows_open_timers_only_earliest_first(store: Store) -> None:
    def at(minutes: int) -> datetime:
        return NOON + timedelta(minutes=minutes)

    def timer(kind: str, minutes: int, history: str = HISTORY) -> Timer:
        return Timer(history, kind, at(minutes))

    await store.record(commit(1, timers_set=(timer("quiet", 5), timer("lapse", 3))))
    other = replace(commit(1), history="ticket/1", timers_set=(timer("focal", 4, "ticket/1"),))
    await store.record(other)
    assert await store.due(at(2)) == []
    assert await store.due(at(3)) == [timer("lapse", 3)], "due at the very instant"
    assert await store.due(at(9)) == [timer("lapse", 3), timer("focal", 4, "ticket/1"), timer("quiet", 5)]
    assert await store.due(at(9), limit=1) == [timer("lapse", 3)]
    await store.record(commit(2, timers_set=(timer("lapse", 7),)))
    assert await store.due(at(4)) == [timer("focal", 4, "ticket/1")], "setting it again replaces it"
    await store.record(commit(3, timers_cancelled=("quiet",)))
    assert [found.kind for found in await store.due(at(9))] == ["focal", "lapse"]


async def test_a_fired_timer_stays_due_until_a_commit_closes_it(store: Store) -> None:
    fired = Timer(HISTORY, "quiet", NOON)
    await store.record(commit(1, timers_set=(fired,)))
    assert await store.due(NOON) == await store.due(NOON) == [fired]
    await store.record(commit(2, timers_cancelled=("quiet",)))
    assert await store.due(NOON + timedelta(days=999)) == []


async def test_a_commit_cancels_before_it_sets(store: Store) -> None:
    again = Timer(HISTORY, "quiet", NOON + timedelta(seconds=45))
    await store.record(commit(1, timers_set=(Timer(HISTORY, "quiet", NOON),)))
    await store.record(commit(2, timers_cancelled=("quiet",), timers_set=(again,)))
    assert await store.due(NOON + timedelta(hours=1)) == [again]


async def test_a_repeated_cause_does_not_set_its_timers_again(store: Store) -> None:
    first = commit(1, timers_set=(Timer(HISTORY, "quiet", NOON),))
    await store.record(first)
    await store.record(commit(2, timers_cancelled=("quiet",)))
    await store.record(first)
    assert await store.due(NOON) == []
