"""Reads stored events of earlier releases as today's: what was recorded never changes, its readers do.

A stored event may say with which schema it was written: its member `event_schema`, 1 where it has none. A model whose
meaning or shape changes other than by a new optional member gains `event_schema: Literal[2] = 2`, and the upcaster
that reads a 1 as a 2 is entered below. Golden files of every release (`tests/golden`) prove that all can be read.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from schemas import conversation, ticket_history

Event = Mapping[str, Any]

Upcaster = Callable[[Event], Event]
"""From an event to the same event in the next schema; pure.

It is given events whole, and by projections without their personal parts; it must take both and, of the second, leave
the same as of the first without those parts. It may give the event another name.
"""

Key = tuple[str, str, int]
"""Prefix of the histories' names, name of the event, and the schema that is read."""

UPCASTERS: dict[Key, Upcaster] = {}
"""None is needed yet: no event has changed since the first release."""

HISTORIES = (conversation.HISTORY_PREFIX, ticket_history.HISTORY_PREFIX)


def upcast(
    history: str, events: Sequence[Mapping[str, Any]], upcasters: Mapping[Key, Upcaster] = UPCASTERS
) -> list[Event]:
    """The stored events of `history` as today's release writes them; `events` itself stays as it is."""
    prefix = next((one for one in HISTORIES if history.startswith(one)), "")
    return [_today(prefix, event, upcasters) for event in events]


def _today(prefix: str, event: Event, upcasters: Mapping[Key, Upcaster]) -> Event:
    number = int(event.get("event_schema", 1))
    while (step := upcasters.get((prefix, event["event"], number))) is not None:
        number += 1
        event = {**step(event), "event_schema": number}
    return event
