"""The commit thread does what it is asked in order, away from the event loop, and tells how each call ended."""

import asyncio
import threading
from collections.abc import Iterator
from functools import partial

import pytest

from gateway.sqlite.commit_thread import CommitThread

SECONDS = 30.0


@pytest.fixture
def thread() -> Iterator[CommitThread]:
    made = CommitThread("commit test.db")
    yield made
    made.end()


async def test_calls_are_carried_out_in_order_in_one_other_thread(thread: CommitThread) -> None:
    seen: list[tuple[int, str]] = []

    def call(number: int) -> None:
        seen.append((number, threading.current_thread().name))

    await asyncio.gather(*(thread.run(partial(call, number)) for number in range(50)))
    assert seen == [(number, "commit test.db") for number in range(50)]


async def test_the_event_loop_goes_on_while_a_call_waits(thread: CommitThread) -> None:
    gate = threading.Event()
    waiting = thread.run(lambda: gate.wait(SECONDS))
    await asyncio.sleep(0)
    assert not waiting.done()
    gate.set()
    async with asyncio.timeout(SECONDS):
        await waiting


async def test_what_a_call_raises_reaches_who_asked_and_nobody_else(thread: CommitThread) -> None:
    def fail() -> None:
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        await thread.run(fail)
    await thread.run(lambda: None)


async def test_whoever_stops_waiting_stops_nothing(thread: CommitThread) -> None:
    gate, done = threading.Event(), threading.Event()

    def call() -> None:
        gate.wait(SECONDS)
        done.set()

    thread.run(call).cancel()
    gate.set()
    await thread.run(lambda: None)
    assert done.is_set()


async def test_the_end_waits_for_what_was_asked() -> None:
    thread = CommitThread("commit test.db")
    done: list[int] = []
    futures = [thread.run(lambda: done.append(1)) for _ in range(20)]
    thread.end()
    assert len(done) == 20
    await asyncio.gather(*futures)


def test_an_answer_to_a_loop_that_was_closed_ends_nothing() -> None:
    thread = CommitThread("commit test.db")
    gate = threading.Event()

    async def ask_and_leave() -> None:
        thread.run(lambda: gate.wait(SECONDS))

    asyncio.run(ask_and_leave())
    gate.set()

    async def ask() -> None:
        await thread.run(lambda: None)

    asyncio.run(ask())
    thread.end()
