"""Names what is wrong with single fields of a request, as plain values."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.errors import Invalid


@dataclass(frozen=True, slots=True)
class FieldFault:
    """What is wrong with one field: its name as the caller wrote it in our schema, and a machine-readable reason."""

    field: str
    reason: str


class Refused(Invalid):
    """`Invalid` with the faults of single fields, or with a wait for the caller."""

    def __init__(
        self, reason: str, detail: str = "", *, faults: Sequence[FieldFault] = (), retry_after: float = 0.0
    ) -> None:
        """Take the faults beside reason and detail; `retry_after` in seconds, 0.0 for none."""
        super().__init__(reason, detail)
        self.faults = tuple(faults)
        self.retry_after = retry_after
