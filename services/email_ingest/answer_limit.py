"""Keeps two machines from answering each other for ever: one address gets so many automatic answers a day.

RFC 3834, 2; a robot that hides being one looks like a citizen who writes again and again. Receipts, requests and
notices count; a result does not, because an official wrote it. Beyond the limit a reply fails with `answer_limit`:
the history shows it, and operators see the citizen's messages as ever.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from gateway.outbox.carrier import Parcel
from gateway.store.port import Store
from schemas.vocabulary import ReplyKind

WINDOW = timedelta(hours=24)
UNCOUNTED = frozenset({ReplyKind.RESULT})


class AnswerLimit:
    """So many places for each account, each taken for a day; durable, so that a restart frees none."""

    def __init__(self, store: Store, *, per_day: int, clock: Callable[[], datetime]) -> None:
        """Take where places are kept, how many there are, and a clock of aware UTC."""
        self._store = store
        self._per_day = per_day
        self._clock = clock

    async def admits(self, parcel: Parcel) -> bool:
        """Whether this may go out; a repeated attempt keeps its place. Raises `Unavailable`."""
        if parcel.kind in UNCOUNTED:
            return True
        mine = parcel.token.encode()
        until = self._clock() + WINDOW
        for place in range(self._per_day):
            if await self._store.claim(f"email/answers/{parcel.account}/{place}", mine, until=until) == mine:
                return True
        return False
