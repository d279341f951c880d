"""The way out: one message into the inbox, or as the private reply to a comment with a public word beside it."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from gateway.domain.identity import Identity
from gateway.domain.province import Province
from gateway.domain.splitting import split_text
from gateway.errors import Unavailable
from gateway.outbox.carrier import Delivered, FilesTaken, Handover, Later, Parcel, Refused
from gateway.runtime.correspondents import Correspondents
from gateway.runtime.metrics import Metrics
from gateway.runtime.successors import Successors
from gateway.store.port import Store
from schemas.vocabulary import Language
from services.facebook_ingest.calls import Calls
from services.facebook_ingest.correspondence import last_word
from services.facebook_ingest.page import CHANNEL, Page
from services.facebook_ingest.page_token import PageToken
from services.facebook_ingest.refusals import PERMISSION_MISSING, TOKEN_SECONDS
from services.facebook_ingest.routes import Inbox, Nowhere, Place, PrivateReply, Route, Situation, place_of, route_of
from services.facebook_ingest.uploading import NOT_THIS_FILE, TAKES, uploaded

log = logging.getLogger(__name__)

LONGEST_TEXT = 2000
"""Most that one message may have (facebook: Send API)."""

SAME_TOKEN_AFTER = timedelta(minutes=10)
"""A token that Facebook refused may live again, for example when a person passed its security check."""

STORE_SECONDS = 5.0
COUNTED = 10_000
"""Messages whose failed tries are remembered."""


@dataclass(frozen=True)
class Ports:
    """What the carrier needs beside Facebook; `clock` gives aware UTC."""

    store: Store
    correspondents: Correspondents
    identity: Identity
    successors: Successors
    province: Province
    metrics: Metrics
    clock: Callable[[], datetime]


class FacebookCarrier:
    """Facebook for the outbox; every message carries its token as `metadata`, by which its echo is known."""

    def __init__(self, calls: Calls, token: PageToken, page: Page, ports: Ports, *, human_agent: bool) -> None:
        """Take the Graph API, the page with its token, the ports, and whether results may be sent for 7 days."""
        self._calls = calls
        self._token = token
        self._page = page
        self._ports = ports
        self._human_agent = human_agent
        self._tries: dict[str, int] = {}
        self._dead: tuple[str, datetime] | None = None

    @property
    def channel(self) -> str:
        """The channel's code."""
        return CHANNEL

    @property
    def takes(self) -> FilesTaken:
        """Pictures, documents, films and sound, each in a message of its own."""
        return TAKES

    def split(self, text: str) -> Sequence[str]:
        """The messages that a reply's text becomes, each within Facebook's limit."""
        return split_text(text, LONGEST_TEXT)

    async def hand_over(self, parcel: Parcel) -> Handover:
        """Hand over one message: at most three calls, each bounded in time."""
        try:
            token = self._token.current()
            if self._is_dead(token):
                return Later("token_dead", TOKEN_SECONDS, whole_channel=True, alarm=True)
            route = await self._route(parcel)
        except Unavailable as error:
            ours = error.reason.startswith("token_")
            return Later(error.reason, TOKEN_SECONDS if ours else STORE_SECONDS, whole_channel=ours, alarm=ours)
        match route:
            case Inbox():
                return await self._send(parcel, token, {"id": route.user}, tagged=route.tagged)
            case PrivateReply(place):
                return await self._reply_privately(parcel, token, place)
            case Nowhere(reason, pointed_at):
                if pointed_at is not None:
                    await self._say_publicly(pointed_at, "public_answer_waits", token)
                return Refused(reason)

    async def close(self) -> None:
        """Close the connections."""
        await self._calls.close()

    async def _route(self, parcel: Parcel) -> Route:
        """The way of this message; a private reply is claimed for it, because there is only one for each comment."""
        place = place_of(parcel.correspondent, parcel.code)
        user = parcel.correspondent.get("psid")
        situation = Situation(
            kind=parcel.kind,
            now=self._ports.clock(),
            place=place,
            used=place is not None and await self._held_by_another(place, parcel),
            user=user,
            last_word=None if user is None else await self._last_word(parcel, user),
            human_agent=self._human_agent,
        )
        return route_of(situation)

    async def _held_by_another(self, place: Place, parcel: Parcel) -> bool:
        key = f"{CHANNEL}/private_reply/{self._ports.identity.term('object', place.id)}"
        mine = parcel.token.encode()
        holder = await self._ports.store.holder(key)
        if holder is None:
            holder = await self._ports.store.claim(key, mine)
        return holder != mine

    async def _last_word(self, parcel: Parcel, user: str) -> datetime | None:
        """When the person last wrote in the inbox, under whichever account that is."""
        account = self._ports.identity.account(CHANNEL, self._page.person(user))
        account = await self._ports.successors.current(account)
        if account == parcel.account:
            return last_word(parcel.correspondent)
        return last_word(await self._ports.correspondents.of(account))

    async def _reply_privately(self, parcel: Parcel, token: str, place: Place) -> Handover:
        handover = await self._send(parcel, token, {place.by: place.id}, tagged=False)
        if isinstance(handover, Delivered):
            await self._say_publicly(place, "public_answered", token)
        return handover

    async def _send(self, parcel: Parcel, token: str, recipient: dict[str, str], *, tagged: bool) -> Handover:
        body: dict[str, Any] = {
            "recipient": recipient,
            "messaging_type": "MESSAGE_TAG" if tagged else "RESPONSE",
        }
        if tagged:
            body["tag"] = "HUMAN_AGENT"
        tries = self._tries.get(parcel.token, 0) + 1
        handover = await self._said(parcel, token, body, tries)
        self._learn(parcel.token, tries, token, handover)
        return handover

    async def _said(self, parcel: Parcel, token: str, body: dict[str, Any], tries: int) -> Handover:
        """One message; a file that Facebook does not take is told of in words."""
        if not parcel.files:
            return await self._message(parcel, token, body, {"text": parcel.text}, tries)
        age = self._ports.clock() - parcel.filed_at
        up = await uploaded(self._calls, self._page.id, parcel.files[0], token, tries=tries, age=age)
        if isinstance(up, dict):
            handover = await self._message(parcel, token, body, up, tries)
            if not isinstance(handover, Refused) or handover.reason not in NOT_THIS_FILE:
                return handover
        elif up is not None:
            return up
        log.warning("file_not_taken", extra={"channel": CHANNEL, "detail": parcel.files[0].media_type})
        return await self._message(parcel, token, body, {"text": parcel.instead}, tries)

    async def _message(
        self, parcel: Parcel, token: str, body: dict[str, Any], content: dict[str, Any], tries: int
    ) -> Handover:
        said = {**body, "message": {**content, "metadata": parcel.token}}
        return await self._calls.post(f"{self._page.id}/messages", said, token, tries=tries)

    async def _say_publicly(self, place: Place, text: str, token: str) -> None:
        """A short word under the comment, without anything about the matter; a courtesy, so it is tried once."""
        # Whoever reads it there is not known: both languages.
        values = {"hotline": self._ports.province.hotline} if text == "public_answer_waits" else {}
        words = self._ports.province.text(text, Language.OTHER, **values)
        handover = await self._calls.post(f"{place.id}/comments", {"message": words}, token)
        if not isinstance(handover, Delivered):
            log.warning("public_reply_failed", extra={"channel": CHANNEL, "reason": handover.reason})

    def _learn(self, parcel_token: str, tries: int, token: str, handover: Handover) -> None:
        self._tries.pop(parcel_token, None)
        match handover:
            case Later("platform_failing"):
                if len(self._tries) >= COUNTED:
                    self._tries.clear()
                self._tries[parcel_token] = tries
            case Later("token_dead"):
                self._dead = (token, self._ports.clock())
            case Refused("permission_missing"):
                log.error("channel_needs_a_person", extra={"channel": CHANNEL, "reason": PERMISSION_MISSING})
                self._ports.metrics.channel_alarm.labels(CHANNEL, PERMISSION_MISSING).set(1)
            case Delivered():
                self._dead = None
                self._ports.metrics.channel_alarm.labels(CHANNEL, PERMISSION_MISSING).set(0)
            case _:
                pass

    def _is_dead(self, token: str) -> bool:
        if self._dead is None:
            return False
        refused, at = self._dead
        return refused == token and self._ports.clock() - at < SAME_TOKEN_AFTER
