"""The stage that fetches what citizens attached while the platforms' links still live; no decision waits for it."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from gateway.bus.port import Record
from gateway.domain.identity import message_id
from gateway.domain.media_types import CHAT_AND_MAIL, kind_of, media_type_of
from gateway.egress.fetcher import Fetcher
from gateway.errors import Invalid, Unavailable
from gateway.files.port import Files
from gateway.runtime.histories import to_message
from gateway.runtime.metrics import Metrics
from gateway.runtime.parsing import parsed
from gateway.runtime.service import Consumer
from schemas.envelope import Message
from schemas.files import Attachment, AttachmentLost, AttachmentState, AttachmentStored, AttachmentWaiting, FileRef
from schemas.inbound import Inbound

TOPIC: Final = "media"
WAITING: Final = "media.waiting"

SIDE_BY_SIDE: Final = 4
RECORD_SECONDS: Final = 30.0
"""Most that one message's attachments take at the first attempt: what follows is published in order behind it."""

GIVEN_UP_AFTER: Final = timedelta(hours=1)
FIRST_PAUSE: Final = timedelta(seconds=5)
LONGEST_PAUSE: Final = timedelta(seconds=60)
MOST_ATTEMPTS: Final = 1000
"""Room for attempts in derived ids; an hour has about seventy."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One attachment to be fetched, of this message, published at `since`; `attempt` counts from 1."""

    inbound_id: UUID
    account: str
    attachment: Attachment
    since: datetime
    attempt: int = 1


class FetchMedia:
    """The stage `<channel>_ingest.media`, which consumes `inbound` and `media.waiting`.

    What becomes of an attachment has an id derived from its message, so it is told once whatever is repeated.
    """

    def __init__(
        self, channel: str, *, fetcher: Fetcher, files: Files, clock: Callable[[], datetime], metrics: Metrics
    ) -> None:
        """Take the channel whose messages are looked at, and what fetches and keeps; `clock` gives aware UTC."""
        self._channel = channel
        self._source = f"/{channel}_ingest/media"
        self._fetcher = fetcher
        self._files = files
        self._clock = clock
        self._metrics = metrics
        for outcome in ("stored", "timed_out"):
            metrics.media.labels(channel, outcome)
        metrics.media_bytes.labels(channel)
        metrics.media_waiting.labels(channel, "host_unreachable")

    async def __call__(self, record: Record) -> Sequence[Message]:
        """What became of a record's attachments; raises `Unavailable` when nothing can be kept or it is too early."""
        match record.message.type:
            case Inbound.TYPE:
                return await self._first(parsed(Inbound, record), record.published_at)
            case AttachmentWaiting.TYPE:
                return await self._again(parsed(AttachmentWaiting, record))
            case _:
                return ()

    async def _first(self, inbound: Inbound, since: datetime) -> Sequence[Message]:
        """Fetch a message's attachments side by side; those that could not be reached in time wait apart."""
        if inbound.channel != self._channel:
            return ()
        wanted = [
            _Wanted(inbound.id, inbound.account, attachment, since)
            for attachment in inbound.attachments
            if attachment.state is AttachmentState.PENDING
        ]
        slots = asyncio.Semaphore(SIDE_BY_SIDE)
        until = asyncio.get_running_loop().time() + RECORD_SECONDS

        async def one(item: _Wanted) -> Sequence[Message]:
            try:
                async with asyncio.timeout_at(until), slots:
                    return await self._settled(item)
            except TimeoutError:
                return self._postponed(item, Unavailable("timed_out"))

        results = await asyncio.gather(*(one(item) for item in wanted), return_exceptions=True)
        failed = next((result for result in results if isinstance(result, BaseException)), None)
        if failed is not None:
            raise failed
        return [message for result in results if not isinstance(result, BaseException) for message in result]

    async def _again(self, waiting: AttachmentWaiting) -> Sequence[Message]:
        if waiting.channel != self._channel:
            return ()
        early = (waiting.not_before - self._clock()).total_seconds()
        if early > 0:
            raise Unavailable("not_yet", "It is tried again later.", retry_after=early)
        return await self._settled(
            _Wanted(waiting.inbound_id, waiting.account, waiting.attachment, waiting.since, waiting.attempt + 1)
        )

    async def _settled(self, wanted: _Wanted) -> Sequence[Message]:
        """Fetch and keep one attachment, or say why that will never be; a host that fails is tried again later."""
        try:
            content, media_type = await self._fetched(wanted.attachment)
        except Unavailable as error:
            return self._postponed(wanted, error)
        except Invalid as error:
            return (self._lost(wanted, error.reason),)
        # Our own disk being full is no reason to give up: that `Unavailable` keeps the record in its place.
        try:
            file = await self._files.put(wanted.account, content, media_type=media_type)
        except Invalid as error:
            if error.reason == "erased":
                # Nothing more is kept of this citizen, not even that a photo was lost.
                return ()
            if error.reason != "file_too_large":
                raise
            return (self._lost(wanted, "too_large"),)
        return (self._stored(wanted, file),)

    async def _fetched(self, attachment: Attachment) -> tuple[bytes, str]:
        if not attachment.personal.source_url:
            raise Invalid("no_source", "The platform gave no link.")
        found = await self._fetcher.fetch(attachment.personal.source_url)
        media_type = media_type_of(found.content)
        if media_type is None or not _may_be(attachment.kind, media_type):
            raise Invalid("not_media", "The bytes are nothing that is kept.")
        return found.content, media_type

    def _postponed(self, wanted: _Wanted, error: Unavailable) -> Sequence[Message]:
        now = self._clock()
        if now - wanted.since >= GIVEN_UP_AFTER or wanted.attempt >= MOST_ATTEMPTS:
            return (self._lost(wanted, "timed_out"),)
        self._metrics.media_waiting.labels(self._channel, error.reason).inc()
        pause = min(LONGEST_PAUSE, max(FIRST_PAUSE * 2 ** min(wanted.attempt - 1, 10), _seconds(error.retry_after)))
        waiting = AttachmentWaiting(
            id=message_id(wanted.inbound_id, WAITING, wanted.attachment.number * MOST_ATTEMPTS + wanted.attempt),
            inbound_id=wanted.inbound_id,
            channel=self._channel,
            account=wanted.account,
            attachment=wanted.attachment,
            since=wanted.since,
            attempt=wanted.attempt,
            not_before=now + pause,
        )
        key = str(_outcome_id(wanted))
        return (to_message(WAITING, key, waiting, source=self._source, at=now),)

    def _stored(self, wanted: _Wanted, file: FileRef) -> Message:
        self._metrics.media.labels(self._channel, "stored").inc()
        self._metrics.media_bytes.labels(self._channel).inc(file.size)
        stored = AttachmentStored(
            id=_outcome_id(wanted),
            inbound_id=wanted.inbound_id,
            account=wanted.account,
            number=wanted.attachment.number,
            file=file,
            at=self._clock(),
        )
        return to_message(TOPIC, wanted.account, stored, source=self._source, at=stored.at)

    def _lost(self, wanted: _Wanted, reason: str) -> Message:
        self._metrics.media.labels(self._channel, reason).inc()
        lost = AttachmentLost(
            id=_outcome_id(wanted),
            inbound_id=wanted.inbound_id,
            account=wanted.account,
            number=wanted.attachment.number,
            reason=reason,
            at=self._clock(),
        )
        return to_message(TOPIC, wanted.account, lost, source=self._source, at=lost.at)


def media_consumers(channel: str, fetch: FetchMedia) -> tuple[Consumer, Consumer]:
    """Both topics that a channel's media stage reads."""
    stage = f"{channel}_ingest.media"
    return Consumer(stage, "inbound", fetch), Consumer(stage, WAITING, fetch)


def _outcome_id(wanted: _Wanted) -> UUID:
    return message_id(wanted.inbound_id, TOPIC, wanted.attachment.number)


def _may_be(kind: str, media_type: str) -> bool:
    """Plain text is believed of documents only: as a photo it is a media host's way of saying no."""
    return media_type in CHAT_AND_MAIL and (media_type != "text/plain" or kind in ("other", kind_of(media_type)))


def _seconds(number: float) -> timedelta:
    return timedelta(seconds=number)
