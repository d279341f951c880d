"""Publishes on their way to the bus: each is waited for until it is answered, or until all are given up together."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any


class Flights:
    """What is under way, for one event loop.

    One alarm watches over all of them, the oldest first: an alarm of its own would cost each publish more than the
    rest of waiting for it does.
    """

    def __init__(self, seconds: float, late: Callable[[], None]) -> None:
        """Call `late` when one is not answered after so many seconds."""
        self._seconds = seconds
        self._late = late
        self._waiting: dict[asyncio.Future[None], float] = {}
        self._alarm: asyncio.TimerHandle | None = None
        self._left_behind: set[asyncio.Task[None]] = set()

    async def answered(self, publishing: Coroutine[Any, Any, None]) -> bool:
        """Whether it was done before it was given up; raises what it raised.

        What is given up is not called back: it may have arrived, and goes on by itself.
        """
        loop = asyncio.get_running_loop()
        task = loop.create_task(publishing)
        settled: asyncio.Future[None] = loop.create_future()
        task.add_done_callback(lambda _: _settle(settled))
        self._waiting[settled] = due = loop.time() + self._seconds
        if self._alarm is None:
            self._alarm = loop.call_at(due, self._look)
        try:
            await settled
        finally:
            del self._waiting[settled]
            if not task.done():
                self._left_behind.add(task)
                task.add_done_callback(self._forget)
        if not task.done():
            return False
        task.result()
        return True

    def give_up(self) -> None:
        """Let nobody wait any longer."""
        for settled in self._waiting:
            _settle(settled)

    async def close(self) -> None:
        """Break off what was given up and is still under way."""
        if self._alarm is not None:
            self._alarm.cancel()
        for task in self._left_behind:
            task.cancel()
        await asyncio.gather(*self._left_behind, return_exceptions=True)

    def _look(self) -> None:
        self._alarm = None
        oldest = next(iter(self._waiting.values()), None)
        if oldest is None:
            return
        loop = asyncio.get_running_loop()
        if oldest <= loop.time():
            self._late()
        else:
            self._alarm = loop.call_at(oldest, self._look)

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._left_behind.discard(task)
        if not task.cancelled():
            task.exception()


def _settle(settled: asyncio.Future[None]) -> None:
    if not settled.done():
        settled.set_result(None)
