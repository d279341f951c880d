"""Keeps a history's fold so that it need not be folded again, and forgets one that was folded in another way."""

import hashlib
import json
from collections.abc import Callable
from functools import cached_property
from typing import Generic, TypeVar

from pydantic import BaseModel

from gateway.vault.port import Vault
from schemas.upcasting import UPCASTERS

StateT = TypeVar("StateT", bound=BaseModel)


class Snapshots(Generic[StateT]):
    """Seals states, marked with the shape they have and how old events were read when they were folded.

    Commits are the truth and snapshots discardable: what another release folded into another shape, or out of events
    that are read otherwise by now, is as good as none.
    """

    def __init__(self, vault: Vault, empty: Callable[[], StateT]) -> None:
        """Take what seals them, and the state of a history that does not exist."""
        self._vault = vault
        self._empty = empty

    async def seal(self, history: str, owner: str, version: int, state: StateT) -> bytes:
        """The state of a history up to `version`, sealed under its owner."""
        plain = self._mark + b"\n" + state.model_dump_json().encode()
        return await self._vault.seal(owner, plain, context=_context(history, version))

    async def open(self, history: str, owner: str, version: int, sealed: bytes) -> StateT | None:
        """The sealed state, or None when it cannot be used; raises `Invalid("erased")` or `("sealed_damaged")`."""
        plain = await self._vault.open(owner, sealed, context=_context(history, version))
        mark, _, state = plain.partition(b"\n")
        return type(self._empty()).model_validate_json(state) if mark == self._mark else None

    @cached_property
    def _mark(self) -> bytes:
        shape = type(self._empty()).model_json_schema()
        read_as = [list(key) for key in sorted(UPCASTERS)]
        return hashlib.sha256(json.dumps([shape, read_as], sort_keys=True).encode()).hexdigest().encode()


def _context(history: str, version: int) -> str:
    return f"snapshot:{history}:{version}"
