"""The commits themselves as messages: what projections are built from, with the personal part sealed."""

from typing import Any
from uuid import UUID

from pydantic import Field

from schemas.base import Account, Contract, Instant


class CommitLogged(Contract):
    """One commit of one history."""

    TYPE = "vn.1022.commit_logged.v1"

    id: UUID
    history: str
    version: int
    cause: UUID
    owner: Account = Field(description="Account whose data key seals the personal part.")
    at: Instant
    events: tuple[dict[str, Any], ...] = Field(description="Events without their personal member.")
    sealed: bytes = Field(description="Sealed JSON of the events' personal members, by position.")
