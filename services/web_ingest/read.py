"""The stage between raw and inbound: files the original under its citizen and publishes what it says."""

from collections.abc import Sequence

from gateway.bus.port import Record
from gateway.domain.channel_messages import inbound_message
from gateway.domain.identity import Identity
from gateway.files.port import Files
from gateway.runtime.parsing import parsed
from schemas.envelope import Message
from schemas.raw import Raw
from services.web_ingest.inbound import inbound_of


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
        return (inbound_message(inbound.model_copy(update={"original": original}), raw.endpoint),)
