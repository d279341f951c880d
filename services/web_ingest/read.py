"""The stage between raw and inbound: files the original under its citizen and publishes what it says."""

from collections.abc import Sequence

from gateway.bus.port import Record
from gateway.domain.identity import Identity, message_id
from gateway.files.port import Files
from gateway.runtime.parsing import parsed
from schemas.envelope import Message
from schemas.inbound import Inbound
from schemas.raw import Raw
from services.web_ingest.inbound import inbound_of

TOPIC = "inbound"
SOURCE = "/web_ingest/read"


class Read:
    """The stage `web_ingest.read`."""

    def __init__(self, files: Files, identity: Identity) -> None:
        """Take the file store and the derivations."""
        self._files = files
        self._identity = identity

    async def __call__(self, record: Record) -> Sequence[Message]:
        """Read one raw message; raises `Invalid` for one that is not ours, `Unavailable` when it cannot be filed."""
        raw = parsed(Raw, record)
        inbound = inbound_of(raw, self._identity)
        original = await self._files.put(inbound.account, raw.personal.payload, media_type=raw.content_type)
        return (message_of(inbound.model_copy(update={"original": original})),)


def message_of(inbound: Inbound) -> Message:
    """The message that carries an inbound, keyed by account."""
    return Message(
        topic=TOPIC,
        key=inbound.account,
        id=str(message_id(inbound.id, TOPIC, 0)),
        type=Inbound.TYPE,
        source=SOURCE,
        time=inbound.received_at,
        value=inbound.model_dump_json().encode(),
        subject=inbound.code,
    )
