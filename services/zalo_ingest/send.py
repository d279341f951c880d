"""Hands one message over to Zalo, and says what may be believed afterwards."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, assert_never

import httpx

from gateway.domain.splitting import split_text
from gateway.errors import GatewayError
from gateway.outbox.carrier import Delivered, Handover, Later, Parcel, Refused, Unclear
from gateway.runtime.calling import Answered, Ending, Unanswered, Unreached, post
from gateway.runtime.metrics import Metrics
from gateway.store.port import Store
from schemas.vocabulary import ReplyKind
from services.zalo_ingest.event import CHANNEL
from services.zalo_ingest.pairs import Held
from services.zalo_ingest.payload import Members, answered, words
from services.zalo_ingest.refusals import BAD_TOKEN, PERSON_SECONDS, WRONG_PARAMETER, refusal
from services.zalo_ingest.token_keeper import TokenKeeper
from services.zalo_ingest.windows import Window, window_at

log = logging.getLogger(__name__)

LONGEST_TEXT: Final = 2000
MESSAGE_PATH: Final = "/v3.0/oa/message/cs"
ANONYMOUS_PATH: Final = "/v2.0/oa/message"
UNREACHED_SECONDS: Final = 15.0
FAILING_SECONDS: Final = 30.0
TOKEN_SECONDS: Final = 60.0
CARD_SECONDS: Final = 30.0
TAKEN_TO_BE_LOST: Final = frozenset({502, 504})
"""A gateway gave up on the server behind it, which may have taken the message; other errors are its own word for no."""


@dataclass(frozen=True, slots=True)
class Way:
    """Where and how messages go, and for which OAs."""

    base_url: str
    seconds: float
    allow_charged: bool
    oas: frozenset[str]
    card: Mapping[str, Any] | None = None

    @property
    def alone(self) -> bool:
        """Whether only one OA is served, so that its trouble is everybody's."""
        return len(self.oas) == 1


class ZaloCarrier:
    """The channel's `gateway.outbox.carrier.Carrier`."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        tokens: TokenKeeper,
        store: Store,
        way: Way,
        *,
        clock: Callable[[], datetime],
        metrics: Metrics,
    ) -> None:
        """Take what calls, what grants access, where cards are claimed, and a clock of aware UTC."""
        self._client = client
        self._tokens = tokens
        self._store = store
        self._way = way
        self._clock = clock
        self._charged = metrics.charged.labels(CHANNEL)

    @property
    def channel(self) -> str:
        """The channel's code."""
        return CHANNEL

    def split(self, text: str) -> Sequence[str]:
        """The messages of a reply, each of at most 2000 characters."""
        return split_text(text, LONGEST_TEXT)

    async def hand_over(self, parcel: Parcel) -> Handover:
        """Hand over one message, if the window for answers is open; a request for contact details brings the card."""
        to = _recipient(parcel.correspondent)
        if to is None:
            return Refused("unknown_correspondent")
        if parcel.correspondent["oa_id"] not in self._way.oas:
            return Refused("oa_not_served")
        window = window_at(parcel.correspondent, self._clock())
        if window is Window.CLOSED:
            return Refused("window_closed")
        if window is Window.CHARGED and not self._way.allow_charged:
            return Refused("window_charged")
        try:
            ended = await self._spoken(parcel, to)
        except GatewayError as error:
            # Our own store or vault; nothing was sent, for access comes before the call.
            return Later(error.reason, FAILING_SECONDS, whole_channel=True)
        if isinstance(ended, Delivered):
            if window is Window.CHARGED:
                self._charged.inc()
            await self._ask_by_card(parcel, to)
        return ended

    async def _spoken(self, parcel: Parcel, to: dict[str, str]) -> Handover:
        message: dict[str, Any] = {"text": parcel.text}
        quoted = parcel.correspondent.get("message_id")
        if parcel.number == 0 and quoted and "user_id" in to:
            message["quote_message_id"] = quoted
        ended = await self._said(parcel, to, message)
        if "quote_message_id" in message and ended == refusal(WRONG_PARAMETER, self._clock(), whole_channel=False):
            # The quoted message may be gone; the answer matters more than the quote.
            ended = await self._said(parcel, to, {"text": parcel.text})
        return ended

    async def _said(self, parcel: Parcel, to: dict[str, str], message: Mapping[str, Any]) -> Handover:
        """Say it, with a newer token if Zalo refuses the one at hand."""
        oa = parcel.correspondent["oa_id"]
        held = await self._tokens.current(oa)
        answer = await self._call(held, to, message)
        if held is not None and _error(answer) in BAD_TOKEN:
            held = await self._tokens.renewed(oa, seen=held.generation)
            answer = await self._call(held, to, message)
        code = _error(answer)
        if answer is None or code in BAD_TOKEN:
            return Later("no_access", TOKEN_SECONDS, whole_channel=self._way.alone, alarm=True)
        return self._ended(answer, code)

    async def _call(self, held: Held | None, to: dict[str, str], message: Mapping[str, Any]) -> Ending | None:
        """Zalo's answer; None, and nothing was called, when there is no access."""
        if held is None:
            return None
        path = MESSAGE_PATH if "user_id" in to else ANONYMOUS_PATH
        return await post(
            self._client,
            f"{self._way.base_url}{path}",
            seconds=self._way.seconds,
            headers={"access_token": held.pair.access},
            json={"recipient": to, "message": dict(message)},
        )

    def _ended(self, answer: Ending, code: int | None) -> Handover:
        match answer:
            case Unreached():
                return Later("unreachable", UNREACHED_SECONDS, whole_channel=True)
            case Unanswered():
                return Unclear("no_answer")
            case Answered(status, content):
                if code:
                    return refusal(code, self._clock(), whole_channel=self._way.alone)
                return _by_status(status, answered(content), code)
            case _:
                assert_never(answer)

    async def _ask_by_card(self, parcel: Parcel, to: dict[str, str]) -> None:
        """The card is an offer beside the question: it goes once per submission, and its failure changes nothing."""
        card = self._way.card
        last = parcel.number == parcel.count - 1
        if card is None or parcel.kind is not ReplyKind.SUPPLEMENT_REQUEST or not last or "user_id" not in to:
            return
        try:
            mine = parcel.token.encode()
            if await self._store.claim(f"zalo/card/{parcel.code or parcel.reply_id}", mine) != mine:
                return
            # The text is out: whatever the card does must not keep that from being recorded.
            async with asyncio.timeout(CARD_SECONDS):
                ended = await self._said(parcel, to, card)
        except (GatewayError, TimeoutError) as error:
            reason = error.reason if isinstance(error, GatewayError) else "too_slow"
            log.warning("card_not_sent", extra={"channel": CHANNEL, "reason": reason})
            return
        if not isinstance(ended, Delivered):
            log.warning("card_not_sent", extra={"channel": CHANNEL, "reason": ended.reason})


def _recipient(correspondent: Mapping[str, Any]) -> dict[str, str] | None:
    """Whom Zalo is to give it to; None when nothing, or not enough, is known."""
    if "oa_id" not in correspondent:
        return None
    if "user_id" in correspondent:
        return {"user_id": correspondent["user_id"]}
    if "anonymous_id" in correspondent and "conversation_id" in correspondent:
        return {name: correspondent[name] for name in ("anonymous_id", "conversation_id")}
    return None


def _error(answer: Ending | None) -> int | None:
    """Zalo's error number, 0 for success; None when the answer has none."""
    body = answered(answer.content) if isinstance(answer, Answered) else None
    if body is None:
        return None
    told = words(body, "error")
    digits = told.removeprefix("-")
    return int(told) if digits.isascii() and digits.isdigit() and len(digits) < 9 else None


def _by_status(status: int, body: Members | None, code: int | None) -> Handover:
    """An answer without an error number of Zalo's."""
    if status == 200 and code == 0:
        return Delivered(words(body, "data", "message_id") or None)
    if status == 429:
        return Later("rate_limit", FAILING_SECONDS, whole_channel=True)
    if status < 300 or status in TAKEN_TO_BE_LOST:
        return Unclear("unreadable_answer")
    if status >= 500:
        return Later("failing", FAILING_SECONDS, whole_channel=True)
    # A redirect, or a refusal from before Zalo's own servers: nothing that waiting alone mends.
    return Later(f"http_{status}", PERSON_SECONDS, whole_channel=True, alarm=True)
