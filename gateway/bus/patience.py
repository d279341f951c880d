"""How long to wait before trying again."""

from gateway.errors import Unavailable

LONGEST_WAIT = 30.0
"""Most seconds between two attempts, unless the failing side asks for more."""

LONGEST_AWAY = 4.0
"""The same while a broker is away: it is back within seconds, and everybody's work waits for who notices last."""

SHORTEST_WAIT = 0.01

SILENT_SECONDS = 0.2
"""For so long progress past records from which nothing follows waits for company.

A commit costs the same whatever is in it: a turn at the disk, or with Kafka some eight writes of the broker. Who dies
meanwhile leaves those records to be handled again, as always.
"""

SILENT_RECORDS = 100
"""So many of them wait no longer."""


def pause(error: Unavailable, attempts: int, *, longest: float = LONGEST_WAIT) -> float:
    """Seconds to the next attempt: as advised, twice as long each time, up to `longest` or what is advised."""
    advised = max(error.retry_after, SHORTEST_WAIT)
    doubled: float = advised * 2 ** min(attempts - 1, 10)
    return min(doubled, max(advised, longest))
