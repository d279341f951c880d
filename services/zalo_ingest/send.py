"""Hands one message over to Zalo, and says what may be believed afterwards."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import httpx

from gateway.domain.splitting import split_text
from gateway.errors import GatewayError
from gateway.outbox.carrier import Delivered, FilesTaken, Handover, Later, Parcel, Refused
from gateway.runtime.metrics import Metrics
from gateway.store.port import Store
from schemas.vocabulary import ReplyKind
from services.zalo_ingest.calls import FAILING_SECONDS, Calls, ended
from services.zalo_ingest.event import CHANNEL
from services.zalo_ingest.refusals import REJECTED, UNSUPPORTED_TYPE, WRONG_PARAMETER, refusal
from services.zalo_ingest.token_keeper import TokenKeeper
from services.zalo_ingest.uploading import TAKES, Uploaded, uploaded
from services.zalo_ingest.windows import Window, window_at

log = logging.getLogger(__name__)

LONGEST_TEXT: Final = 2000
MESSAGE_PATH: Final = "/v3.0/oa/message/cs"
ANONYMOUS_PATH: Final = "/v2.0/oa/message"
CARD_SECONDS: Final = 30.0
UPLOADING: Final = timedelta(hours=1)
"""How long after it was filed a file is tried whose upload nobody answers; then the citizen is told where it is."""


NOT_THIS_FILE: Final = frozenset({UNSUPPORTED_TYPE, REJECTED})
"""Why Zalo refuses a message because of its file."""


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
        self._calls = Calls(client, tokens, way.base_url, way.seconds)
        self._store = store
        self._way = way
        self._clock = clock
        self._charged = metrics.charged.labels(CHANNEL)

    @property
    def channel(self) -> str:
        """The channel's code."""
        return CHANNEL

    @property
    def takes(self) -> FilesTaken:
        """Pictures and documents, each in a message of its own."""
        return TAKES

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
            end = await (self._enclosed(parcel, to) if parcel.files else self._spoken(parcel, to))
        except GatewayError as error:
            # Our own store or vault; nothing was sent, for access comes before the call.
            return Later(error.reason, FAILING_SECONDS, whole_channel=True)
        if isinstance(end, Delivered):
            if window is Window.CHARGED:
                self._charged.inc()
            await self._ask_by_card(parcel, to)
        return end

    async def _spoken(self, parcel: Parcel, to: dict[str, str]) -> Handover:
        message: dict[str, Any] = {"text": parcel.text}
        quoted = parcel.correspondent.get("message_id")
        if parcel.number == 0 and quoted and "user_id" in to:
            message["quote_message_id"] = quoted
        end = await self._said(parcel, to, message)
        if "quote_message_id" in message and end == refusal(WRONG_PARAMETER, self._clock(), whole_channel=False):
            # The quoted message may be gone; the answer matters more than the quote.
            end = await self._said(parcel, to, {"text": parcel.text})
        return end

    async def _enclosed(self, parcel: Parcel, to: dict[str, str]) -> Handover:
        """Upload the parcel's one file and send it; what Zalo does not take is told of in words."""
        if "user_id" not in to:
            # The older way, for somebody anonymous, is documented for words only.
            return await self._said(parcel, to, {"text": parcel.instead})
        oa, (file,) = parcel.correspondent["oa_id"], parcel.files
        up = await uploaded(self._calls, oa, file, self._clock, whole_channel=self._way.alone)
        match up:
            case Uploaded(message):
                end = await self._said(parcel, to, message)
                if not isinstance(end, Refused) or end.reason not in NOT_THIS_FILE:
                    return end
            case Later(reason="upload_unclear") if self._clock() - parcel.filed_at < UPLOADING:
                return up
            case Later(reason) if reason != "upload_unclear":
                return up
        log.warning("file_not_taken", extra={"channel": CHANNEL, "detail": file.media_type})
        return await self._said(parcel, to, {"text": parcel.instead})

    async def _said(self, parcel: Parcel, to: dict[str, str], message: Mapping[str, Any]) -> Handover:
        path = MESSAGE_PATH if "user_id" in to else ANONYMOUS_PATH
        answer = await self._calls.post(
            parcel.correspondent["oa_id"], path, json={"recipient": to, "message": dict(message)}
        )
        return ended(answer, self._clock(), whole_channel=self._way.alone)

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
                end = await self._said(parcel, to, card)
        except (GatewayError, TimeoutError) as error:
            reason = error.reason if isinstance(error, GatewayError) else "too_slow"
            log.warning("card_not_sent", extra={"channel": CHANNEL, "reason": reason})
            return
        if not isinstance(end, Delivered):
            log.warning("card_not_sent", extra={"channel": CHANNEL, "reason": end.reason})


def _recipient(correspondent: Mapping[str, Any]) -> dict[str, str] | None:
    """Whom Zalo is to give it to; None when nothing, or not enough, is known."""
    if "oa_id" not in correspondent:
        return None
    if "user_id" in correspondent:
        return {"user_id": correspondent["user_id"]}
    if "anonymous_id" in correspondent and "conversation_id" in correspondent:
        return {name: correspondent[name] for name in ("anonymous_id", "conversation_id")}
    return None
