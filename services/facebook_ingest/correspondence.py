"""What readers note about an account and the carrier goes by: the person, their last word, and what can be answered."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gateway.domain.identity import Identity
from gateway.outbox.port import Outbox
from gateway.runtime.correspondents import Correspondents
from gateway.runtime.successors import Successors
from gateway.store.port import Store
from services.facebook_ingest.effects import Echo, Note
from services.facebook_ingest.page import CHANNEL, Page

PLACES_KEPT = 20
"""Comments and posts of one account that a reply may still answer."""


class Correspondence:
    """Reads and writes notes; one page's events are handled one after another, so nothing is overwritten."""

    def __init__(
        self,
        correspondents: Correspondents,
        store: Store,
        outbox: Outbox,
        identity: Identity,
        page: Page,
        successors: Successors,
    ) -> None:
        """Take where notes lie, what keeps authors of comments, the outbox, the page, and the derivations."""
        self._correspondents = correspondents
        self._store = store
        self._outbox = outbox
        self._identity = identity
        self._page = page
        self._successors = successors

    async def threads(self, people: frozenset[str]) -> Mapping[str, str]:
        """The account that each of these people was last written to about, where it is noted."""
        found = {}
        for user in people:
            known = await self._correspondents.of(await self._account(user))
            if "thread" in known:
                found[user] = str(known["thread"])
        return found

    async def owners(self, objects: frozenset[str]) -> Mapping[str, str]:
        """The accounts that wrote these comments and posts, where they are known."""
        found = {thing: await self._store.holder(self._owner_key(thing)) for thing in objects}
        return {thing: account.decode() for thing, account in found.items() if account is not None}

    async def own(self, thing: str, account: str) -> None:
        """Remember who wrote a comment or post."""
        await self._store.claim(self._owner_key(thing), account.encode())

    async def note(self, note: Note) -> None:
        """Keep what was learned of an account; raises `Invalid("erased")` for somebody who was erased."""
        known = dict(note.known)
        if note.place is not None:
            before = (await self._correspondents.of(note.account)).get("places", {})
            known["places"] = places_with(before, note.place)
        await self._correspondents.note(note.account, known, at=note.at)

    async def echoed(self, echo: Echo) -> None:
        """Tell the outbox that a message arrived, and remember what it was about: the next word answers it."""
        # Not only among the parts of the echo's account: the private reply to a comment goes to whoever wrote it, under
        # their id in the inbox. That Facebook signed the echo is what vouches for it.
        part = await self._outbox.echoed(CHANNEL, token=echo.token, remote_id=echo.remote_id)
        if part is None:
            return
        person = {"page": self._page.id, "psid": echo.user}
        await self._correspondents.note(echo.account, {**person, "thread": part.account}, at=echo.at)
        if part.account != echo.account:
            await self._correspondents.note(part.account, person, at=echo.at)

    async def _account(self, user: str) -> str:
        return await self._successors.current(self._identity.account(CHANNEL, self._page.person(user)))

    def _owner_key(self, thing: str) -> str:
        return f"{CHANNEL}/owner/{self._identity.term('object', thing)}"


def places_with(before: Mapping[str, Any], place: Mapping[str, Any]) -> dict[str, Any]:
    """The places by receipt code with one more, the newest last.

    A comment that answers an earlier submission of its author is also where that submission can be answered now.
    """
    kept = dict(before)
    new = {name: place[name] for name in ("id", "by", "at")}
    codes = [place["code"]] if place.get("answers") not in kept else [place["answers"], place["code"]]
    for code in codes:
        kept.pop(code, None)
        kept[code] = new
    return dict(list(kept.items())[-PLACES_KEPT:])


def last_word(known: Mapping[str, Any]) -> datetime | None:
    """When the person last did something that lets us write to them."""
    told = known.get("interaction_at")
    return datetime.fromisoformat(told) if isinstance(told, str) else None
