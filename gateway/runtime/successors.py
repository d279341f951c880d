"""Finds the account of whoever had their data erased and writes again: a new one, under which nothing old opens."""

from collections.abc import Callable, Collection
from typing import TypeVar
from uuid import UUID

from gateway.domain.identity import Identity
from gateway.store.port import Store
from gateway.vault.port import Vault
from schemas.conversation import history_of

PAGE = 500

FoundT = TypeVar("FoundT")


class Successors:
    """Each erased account is followed by one that is derived from it, and may be erased in its turn.

    The tombstone of the erased account stays, so that nothing is ever sealed or opened under it again.
    """

    def __init__(self, vault: Vault, store: Store, identity: Identity) -> None:
        """Take what knows who was erased, what was recorded of them, and the derivations."""
        self._vault = vault
        self._store = store
        self._identity = identity

    async def current(self, account: str) -> str:
        """The account under which whoever had this one is met now: itself unless it was erased."""
        while await self._vault.is_erased(account):
            account = self._identity.successor(account)
        return account

    async def erased(self, accounts: Collection[str]) -> frozenset[str]:
        """Those of the accounts that were erased."""
        return frozenset([account for account in accounts if await self._vault.is_erased(account)])

    async def was_taken(self, account: str, message: UUID) -> bool:
        """Whether a message was recorded under an account: one that comes again after the erasure is erased too."""
        return (await self._store.load(history_of(account), cause=message)).answer is not None

    async def heard(
        self, hear: Callable[[Identity], FoundT], who: Callable[[FoundT], tuple[str, UUID] | None]
    ) -> FoundT | None:
        """What `hear` finds under the account that holds now; None for a message that was taken before an erasure.

        `who` gives the account of what was found and its message's id, or None where it concerns nobody.
        """
        identity, origin = self._identity, None
        while True:
            found = hear(identity)
            named = who(found)
            if named is None or not await self._vault.is_erased(named[0]):
                return found
            if await self.was_taken(*named):
                return None
            origin = origin or named[0]
            identity = self._identity.renamed({origin: self._identity.successor(named[0])})

    async def identity(self) -> Identity:
        """The derivations by which everybody who was ever erased has the account that holds now."""
        names: dict[str, str] = {}
        after = ""
        while owners := await self._vault.erased(after=after, limit=PAGE):
            for owner in owners:
                names[owner] = await self.current(owner)
            after = owners[-1]
        return self._identity.renamed(names)
