"""What a decision wants recorded, before a version and a seal make it a commit."""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from schemas.base import Value

EventT = TypeVar("EventT", bound=Value)


@dataclass(frozen=True, slots=True)
class Draft(Generic[EventT]):
    """Events of one commit with the timers they set (kind, aware due time), those they cancel, and index terms."""

    events: tuple[EventT, ...]
    timers_set: tuple[tuple[str, datetime], ...] = ()
    timers_cancelled: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
