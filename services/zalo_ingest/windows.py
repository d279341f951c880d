"""How long after a citizen's last word an OA may answer: 48 hours for nothing, 7 days for a fee, then not at all.

Zalo's rule for consultation messages; since January 2026 their number within 48 hours is not limited.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

FREE: Final = timedelta(hours=48)
OPEN: Final = timedelta(days=7)


class Window(StrEnum):
    """Whether an answer may be sent now."""

    FREE = "free"
    CHARGED = "charged"
    CLOSED = "closed"


def window_at(correspondent: Mapping[str, Any], now: datetime) -> Window:
    """The window of somebody at an aware instant; closed when no word of theirs is known."""
    try:
        since = now - datetime.fromisoformat(correspondent["interacted_at"])
    except (KeyError, TypeError, ValueError):
        return Window.CLOSED
    if since > OPEN:
        return Window.CLOSED
    return Window.FREE if since <= FREE else Window.CHARGED
