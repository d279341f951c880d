"""Files a reply into the outbox: cut into the channel's messages, each sealed under the citizen's key."""

from collections.abc import Callable, Sequence
from datetime import datetime

from gateway.bus.port import Record
from gateway.domain.identity import message_id
from gateway.errors import Invalid
from gateway.outbox.carrier import Carrier
from gateway.outbox.payload import packed
from gateway.outbox.port import Outbox, Part, context_of
from gateway.runtime.histories import to_message
from gateway.runtime.parsing import parsed
from gateway.runtime.sending.packing import Note, laid_out
from gateway.runtime.sending.telling import TOPIC, source_of
from gateway.vault.port import Vault
from schemas.envelope import Message
from schemas.reply import Reply, ReplyEvent
from schemas.vocabulary import ReplyState


class FileReplies:
    """The stage `<channel>_ingest.send`."""

    def __init__(
        self, outbox: Outbox, vault: Vault, carrier: Carrier, clock: Callable[[], datetime], *, note: Note
    ) -> None:
        """Take where replies wait, what seals them, the way out, a clock of aware UTC, and what is said of files."""
        self._outbox = outbox
        self._vault = vault
        self._carrier = carrier
        self._clock = clock
        self._note = note

    async def __call__(self, record: Record) -> Sequence[Message]:
        """File one reply; what comes of it is told when it ended. Raises `Invalid` or `Unavailable`.

        A reply delivered again is known by its id and changes nothing. A citizen whose key was destroyed is told
        nothing any more, which is how that reply ends.
        """
        reply = parsed(Reply, record)
        if reply.channel != self._carrier.channel:
            raise Invalid("foreign_channel", "The reply belongs to another channel.")
        try:
            await self._outbox.file(await self._parts(reply))
        except Invalid as error:
            if error.reason != "erased":
                raise
            return (self._erased(reply),)
        return ()

    async def _parts(self, reply: Reply) -> Sequence[Part]:
        payloads = laid_out(reply, self._carrier.takes, self._carrier.split, self._note)
        now = self._clock()
        return [
            Part(
                reply_id=reply.id,
                number=number,
                count=len(payloads),
                channel=reply.channel,
                account=reply.account,
                history=reply.history,
                kind=reply.kind,
                code=reply.code,
                filed_at=now,
                due_at=now,
                sealed=await self._vault.seal(reply.account, packed(payload), context=context_of(reply.id, number)),
            )
            for number, payload in enumerate(payloads)
        ]

    def _erased(self, reply: Reply) -> Message:
        now = self._clock()
        event = ReplyEvent(
            id=message_id(reply.id, TOPIC, 0),
            reply_id=reply.id,
            history=reply.history,
            account=reply.account,
            channel=reply.channel,
            state=ReplyState.FAILED,
            reason="erased",
            at=now,
        )
        source = source_of(reply.channel)
        return to_message(TOPIC, reply.account, event, source=source, at=now, subject=reply.code or "")
