"""How long to wait before trying again."""

from gateway.errors import Unavailable

LONGEST_WAIT = 30.0
"""Most seconds between two attempts, unless the failing side asks for more."""

SHORTEST_WAIT = 0.01


def pause(error: Unavailable, attempts: int) -> float:
    """Seconds to the next attempt: as advised, twice as long each time, up to half a minute or what is advised."""
    advised = max(error.retry_after, SHORTEST_WAIT)
    doubled: float = advised * 2 ** min(attempts - 1, 10)
    return min(doubled, max(advised, LONGEST_WAIT))
