"""Files a reply where the citizen's lookup finds it: sealed under the citizen, opened only with code and secret."""

from collections.abc import Callable, Sequence
from datetime import datetime

from gateway.bus.port import Record
from gateway.domain.identity import message_id
from gateway.errors import Invalid
from gateway.outbox.payload import Payload, packed
from gateway.projections.port import Document, Documents
from gateway.runtime.parsing import parsed
from gateway.vault.port import Vault
from schemas.envelope import Message
from schemas.reply import Reply, ReplyEvent
from schemas.vocabulary import ReplyState

TOPIC = "reply.events"
SOURCE = "/web_ingest/send"
KIND = "reply"


def context_of(reply_id: str) -> str:
    """Binds a sealed reply to its document."""
    return f"document:{KIND}:{reply_id}"


class Send:
    """The stage `web_ingest.send`."""

    def __init__(self, documents: Documents, vault: Vault, clock: Callable[[], datetime]) -> None:
        """Take where replies lie, what seals them, and a clock of aware UTC."""
        self._documents = documents
        self._vault = vault
        self._clock = clock

    async def __call__(self, record: Record) -> Sequence[Message]:
        """File one reply and say that it is there; raises `Invalid` or `Unavailable`.

        A reply delivered again is filed again under its own id, so the citizen sees it once. A citizen whose key
        was destroyed is told nothing any more, which is how that reply ends.
        """
        reply = parsed(Reply, record)
        try:
            await self._documents.put(await self._document(reply))
        except Invalid as error:
            if error.reason != "erased":
                raise
            return (self._ended(reply, ReplyState.FAILED, "erased"),)
        return (self._ended(reply, ReplyState.SENT, None),)

    async def _document(self, reply: Reply) -> Document:
        key = str(reply.id)
        code = () if reply.code is None else (f"code:{reply.code}",)
        return Document(
            kind=KIND,
            key=key,
            version=1,
            owner=reply.account,
            sealed=await self._vault.seal(
                reply.account, packed(Payload(reply.personal.text, reply.files)), context=context_of(key)
            ),
            body={
                "kind": reply.kind.value,
                "language": reply.language.value,
                "at": reply.at.isoformat(),
                "articles": list(reply.articles),
                "code": reply.code,
                "trial": reply.trial,
            },
            terms=(f"account:{reply.account}", *code),
        )

    def _ended(self, reply: Reply, state: ReplyState, reason: str | None) -> Message:
        event_id = message_id(reply.id, TOPIC, 0)
        event = ReplyEvent(
            id=event_id,
            reply_id=reply.id,
            history=reply.history,
            account=reply.account,
            channel=reply.channel,
            state=state,
            reason=reason,
            at=self._clock(),
        )
        return Message(
            topic=TOPIC,
            key=reply.account,
            id=str(event_id),
            type=ReplyEvent.TYPE,
            source=SOURCE,
            time=event.at,
            value=event.model_dump_json().encode(),
            subject=reply.code or "",
        )
