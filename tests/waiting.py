"""Waits for what another task, thread or process brings about and tells nobody of."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable

PATIENCE = 60.0
LOOK_SECONDS = 0.05


async def until(holds: Callable[[], object | Awaitable[object]], *, seconds: float = PATIENCE) -> None:
    """Return once something holds, which may have to be asked asynchronously; `TimeoutError` when it never does."""
    async with asyncio.timeout(seconds):
        while not await _answer(holds):  # noqa: ASYNC110 - whoever makes it so sets no event of ours
            await asyncio.sleep(LOOK_SECONDS)


async def _answer(holds: Callable[[], object | Awaitable[object]]) -> object:
    found = holds()
    return await found if inspect.isawaitable(found) else found
