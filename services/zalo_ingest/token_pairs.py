"""Where the tokens of each OA lie: every pair ever had, each inserted once under its generation, sealed.

They lie in the store because whoever refreshes must see at once what another process stored, and because inserting
under a unique key is what tells the first from the second. The vault seals them, so that a copy of the store alone
gives nobody access; master keys can be changed over them as over everything else it seals.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.domain.identity import Identity
from gateway.store.port import Store
from gateway.vault.port import Vault


class Mark(StrEnum):
    """What can become of a pair: the OA took its consent back, or renewing it ended without a new one."""

    REVOKED = "revoked"
    NOT_RENEWED = "not_renewed"


@dataclass(frozen=True, slots=True, repr=False)
class Pair:
    """An access token with the single-use token that renews it; times are aware UTC."""

    access: str
    refresh: str
    obtained_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """A pair with its generation, which counts from 1."""

    generation: int
    pair: Pair


class Pairs:
    """Pairs by OA and generation; nothing is ever overwritten."""

    def __init__(self, store: Store, vault: Vault, identity: Identity, first: Mapping[str, Pair] | None = None) -> None:
        """Take the ports, and pairs that stand as the first ones where there are none (a trial's)."""
        self._store = store
        self._vault = vault
        self._identity = identity
        self._first = first or {}
        self._known: dict[str, Held] = {}

    async def latest(self, oa: str) -> Held | None:
        """The newest pair; None for an OA that was never authorized."""
        found = self._known.get(oa)
        low = found.generation if found else 0
        if await self._sealed(oa, low + 1) is None:
            return found or await self._made_first(oa)
        # Generations have no gaps: leap ahead until there is none, then halve.
        step = 1
        while await self._sealed(oa, low + 2 * step) is not None:
            step *= 2
        low, high = low + step, low + 2 * step
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if await self._sealed(oa, middle) is not None else (low, middle)
        return await self._opened(oa, low)

    async def add(self, oa: str, generation: int, pair: Pair) -> bool:
        """Keep a pair as this generation, durable on return; False when another one has that place."""
        sealed = await self._vault.seal(self._owner(oa), _written(pair), context=_key(oa, generation))
        return await self._store.claim(_key(oa, generation), sealed) == sealed

    async def mark(self, oa: str, generation: int, mark: Mark, at: datetime) -> None:
        """Record once what became of a generation; a later one starts unmarked."""
        await self._store.claim(_marked(oa, generation, mark), at.isoformat().encode())

    async def marked(self, oa: str, generation: int, mark: Mark) -> bool:
        """Whether that became of this generation."""
        return await self._store.holder(_marked(oa, generation, mark)) is not None

    async def _made_first(self, oa: str) -> Held | None:
        if oa not in self._first:
            return None
        await self.add(oa, 1, self._first[oa])
        return await self._opened(oa, 1)

    async def _opened(self, oa: str, generation: int) -> Held | None:
        sealed = await self._sealed(oa, generation)
        if sealed is None:
            return None
        plain = await self._vault.open(self._owner(oa), sealed, context=_key(oa, generation))
        self._known[oa] = Held(generation, _read(plain))
        return self._known[oa]

    async def _sealed(self, oa: str, generation: int) -> bytes | None:
        return await self._store.holder(_key(oa, generation))

    def _owner(self, oa: str) -> str:
        """The vault keeps a key for each account; an OA's tokens have one like a citizen's words."""
        return self._identity.account("zalo", f"tokens/{oa}")


def _key(oa: str, generation: int) -> str:
    return f"zalo/token/{oa}/{generation}"


def _marked(oa: str, generation: int, mark: Mark) -> str:
    return f"zalo/{mark}/{oa}/{generation}"


def _written(pair: Pair) -> bytes:
    return json.dumps(
        [pair.access, pair.refresh, pair.obtained_at.isoformat(), pair.expires_at.isoformat()], separators=(",", ":")
    ).encode()


def _read(plain: bytes) -> Pair:
    access, refresh, obtained_at, expires_at = json.loads(plain)
    return Pair(access, refresh, datetime.fromisoformat(obtained_at), datetime.fromisoformat(expires_at))
