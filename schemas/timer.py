"""A timer is a message too: the scheduler says that a due time came, the history's writer decides what follows."""

from uuid import UUID

from schemas.base import Code, Contract, Instant


class TimerDue(Contract):
    """A due time set by a commit was reached; its id is uuid5(history, kind, due_at), so each firing is one cause."""

    TYPE = "vn.1022.timer_due.v1"

    id: UUID
    history: str
    kind: Code
    due_at: Instant
    fired_at: Instant
