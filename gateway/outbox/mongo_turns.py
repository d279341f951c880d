"""Takes the outbox's looks and changes of one process apart: a look must not fall into the middle of a change."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turns:
    """Changes go side by side, since each is of one reply; a look at what is due goes alone, in the order of asking."""

    def __init__(self) -> None:
        """Nobody is at work."""
        self._entrance = asyncio.Lock()
        self._changing = 0
        self._quiet = asyncio.Event()
        self._quiet.set()

    @asynccontextmanager
    async def changing(self) -> AsyncIterator[None]:
        """Beside other changes, not beside a look."""
        async with self._entrance:
            self._changing += 1
            self._quiet.clear()
        try:
            yield
        finally:
            self._changing -= 1
            if not self._changing:
                self._quiet.set()

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """After the changes under way; later ones wait."""
        async with self._entrance:
            await self._quiet.wait()
            yield
