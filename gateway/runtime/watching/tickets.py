"""Counts open tickets by agency and clock out of the projected documents, a page at a time."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from gateway.domain.working_hours import WorkingCalendar
from gateway.projections.fold import TICKET
from gateway.projections.port import Documents
from gateway.runtime.metrics import Metrics

OPEN_STATES = ("opened", "held", "with_focal_officer", "with_head")
SOON = timedelta(hours=2)
"""Working time: long enough to reach a focal officer before Article 10's clock ends."""

DUE = ("open", "due_soon", "overdue")
NOBODY = "none"
PAGE = 200
PAUSE_SECONDS = 0.2
"""Between pages: at most a thousand documents a second are read, however many tickets are open."""


class TicketWatch:
    """Open tickets per agency and due state, replaced as a whole after each pass."""

    def __init__(
        self, documents: Documents, calendar: WorkingCalendar, metrics: Metrics, clock: Callable[[], datetime]
    ) -> None:
        """Take where tickets are listed, the offices' hours, and a clock of aware UTC."""
        self._documents = documents
        self._calendar = calendar
        self._gauge = metrics.open_tickets
        self._clock = clock
        self._shown = dict.fromkeys((NOBODY, due) for due in DUE)

    async def look(self) -> None:
        """One pass over the open tickets; raises `Unavailable`, and then the figures stay as they were."""
        found: Counter[tuple[str, str]] = Counter()
        for state in OPEN_STATES:
            after = ""
            while page := await self._documents.find(TICKET, f"state:{state}", limit=PAGE, after=after):
                now = self._clock()
                found.update(self._place(one.body, now) for one in page)
                after = page[-1].key
                await asyncio.sleep(PAUSE_SECONDS)
        # An agency without open tickets any more must be seen to have none.
        self._shown.update(dict.fromkeys((agency, due) for agency, _ in found for due in DUE))
        for place in self._shown:
            self._gauge.labels(*place).set(found[place])

    def _place(self, body: Mapping[str, Any], now: datetime) -> tuple[str, str]:
        return body["agency"] or NOBODY, due_state(body["due_at"], now, self._calendar)


def due_state(due_at: str | None, now: datetime, calendar: WorkingCalendar) -> str:
    """Where a clock that ends at `due_at` (ISO 8601, None for none) stands."""
    if due_at is None:
        return "open"
    end = datetime.fromisoformat(due_at)
    if end <= now:
        return "overdue"
    return "due_soon" if calendar.between(now, end) <= SOON else "open"
