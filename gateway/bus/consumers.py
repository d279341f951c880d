"""The consumers of one bus: each runs until whoever asked for it gives up, or until the bus is closed."""

import asyncio
from collections.abc import Coroutine
from typing import Any


class Consumers:
    """What `consume` of an adapter runs."""

    def __init__(self) -> None:
        """None yet."""
        self._running: set[asyncio.Task[None]] = set()
        self._closed = False

    async def run(self, consuming: Coroutine[Any, Any, None]) -> None:
        """Run one; returns when `end` ended it, and raises `CancelledError` only when its caller is cancelled."""
        task = asyncio.create_task(consuming)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        try:
            await task
        except asyncio.CancelledError:
            me = asyncio.current_task()
            if not self._closed or (me is not None and me.cancelling()):
                raise

    async def end(self) -> None:
        """End all of them and wait for that."""
        self._closed = True
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
