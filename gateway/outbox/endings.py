"""Says how a reply ended from how its parts did; pure."""

from collections.abc import Sequence

from gateway.outbox.port import PartState

PartEnd = tuple[PartState, str | None]
"""A part's state and reason."""

WORST_FIRST = (PartState.FAILED, PartState.UNKNOWN)


def ending_of(parts: Sequence[PartEnd]) -> PartEnd | None:
    """State and reason of the whole reply; None while any part waits or is under way.

    The reason is the one of the first part that ended in this state: the later ones follow from it.
    """
    if any(state in (PartState.WAITING, PartState.SENDING) for state, _ in parts):
        return None
    for worst in WORST_FIRST:
        found = next((part for part in parts if part[0] is worst), None)
        if found is not None:
            return found
    return PartState.SENT, None
