"""What a channel's reader notes about an account for its own carrier: where and how this citizen can be reached."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gateway.errors import Invalid, Unavailable
from gateway.projections.port import Document, Documents
from gateway.store.rows import micros
from gateway.vault.port import Vault

KIND = "correspondent"

Members = dict[str, tuple[int, Any]]
"""Name to the microsecond of its note and the noted value."""

ATTEMPTS = 20
"""Notes of one account that may overtake each other before one of them gives up."""


class Correspondents:
    """Notes of one channel, sealed under each account's key; a rebuild of the projections leaves them alone."""

    def __init__(self, documents: Documents, vault: Vault, channel: str) -> None:
        """Take where the notes lie, what seals them, and whose they are."""
        self._documents = documents
        self._vault = vault
        self._channel = channel

    async def note(self, account: str, known: Mapping[str, Any], *, at: datetime) -> None:
        """Merge `known` (JSON values) into what is known of an account, as of the aware instant `at`.

        Member by member the newer note wins, in whatever order they come. Nothing is noted of somebody erased.
        Raises `Invalid("note_not_json")`, `Invalid("naive_time")` or `Unavailable`.
        """
        moment = micros(at)
        try:
            for _ in range(ATTEMPTS):
                version, members = await self._members(account)
                merged = dict(members)
                for name, value in known.items():
                    if moment >= members.get(name, (moment, None))[0]:
                        merged[name] = (moment, value)
                if merged == members or await self._put(account, version + 1, merged):
                    return
        except Invalid as error:
            if error.reason != "erased":
                raise
            return
        raise Unavailable("note_contended", "Others noted something about this account again and again.")

    async def of(self, account: str) -> dict[str, Any]:
        """What is known; `{}` for nobody or somebody erased. Raises `Unavailable`."""
        try:
            _, members = await self._members(account)
        except Invalid as error:
            if error.reason != "erased":
                raise
            return {}
        return {name: value for name, (_, value) in members.items()}

    async def _members(self, account: str) -> tuple[int, Members]:
        document = await self._documents.get(KIND, self._key(account))
        if document is None:
            return 0, {}
        plain = await self._vault.open(account, document.sealed, context=self._context(account))
        return document.version, {name: (moment, value) for name, (moment, value) in json.loads(plain).items()}

    async def _put(self, account: str, version: int, members: Members) -> bool:
        """Keep it; False when another note of the account was quicker."""
        try:
            plain = json.dumps(members, ensure_ascii=False, allow_nan=False).encode()
        except (TypeError, ValueError, RecursionError) as error:
            raise Invalid("note_not_json", "What is noted of an account must be JSON values.") from error
        sealed = await self._vault.seal(account, plain, context=self._context(account))
        document = Document(KIND, self._key(account), version, body={}, owner=account, sealed=sealed)
        return await self._documents.put(document)

    def _key(self, account: str) -> str:
        return f"{self._channel}/{account}"

    def _context(self, account: str) -> str:
        return f"document:{KIND}:{self._key(account)}"
