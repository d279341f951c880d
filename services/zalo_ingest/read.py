"""The stage between raw and inbound: publishes what an event says, and tells those whom its other sides concern."""

from collections.abc import Sequence
from uuid import UUID

from gateway.bus.port import Record
from gateway.domain.channel_messages import inbound_message
from gateway.files.port import Files
from gateway.runtime.correspondents import Correspondents
from gateway.runtime.parsing import parsed
from gateway.runtime.successors import Successors
from schemas.envelope import Message
from schemas.inbound import Ignored, Inbound
from schemas.raw import Raw
from services.zalo_ingest.catalogue import Aside
from services.zalo_ingest.echoes import Echoes
from services.zalo_ingest.event import CHANNEL
from services.zalo_ingest.inbound import Heard, heard
from services.zalo_ingest.token_keeper import TokenKeeper


class ReadZalo:
    """The stage `zalo_ingest.read`."""

    def __init__(
        self,
        *,
        files: Files,
        correspondents: Correspondents,
        echoes: Echoes,
        tokens: TokenKeeper,
        successors: Successors,
    ) -> None:
        """Take where originals and notes lie, who is told of echoes and revoked consents, and who was erased."""
        self._successors = successors
        self._files = files
        self._correspondents = correspondents
        self._echoes = echoes
        self._tokens = tokens

    async def __call__(self, record: Record) -> Sequence[Message]:
        """Read one webhook; raises `Invalid` for a record that is none, `Unavailable` when something cannot be kept.

        Everything done beside publishing may be done again without harm.
        """
        raw = parsed(Raw, record)
        found = await self._successors.heard(lambda identity: heard(raw, identity), _who) or _erased(raw)
        await self._told(raw, found)
        read = found.read
        if isinstance(read, Inbound):
            original = await self._files.put(read.account, raw.personal.payload, media_type=raw.content_type)
            read = read.model_copy(update={"original": original})
        return (inbound_message(read, raw.endpoint),)

    async def _told(self, raw: Raw, found: Heard) -> None:
        if found.revoked:
            await self._tokens.revoke(raw.endpoint, found.at)
        if found.account is None:
            return
        if found.echo is not None:
            await self._echoes.heard(found.account, found.echo, found.at)
        if found.correspondent:
            await self._correspondents.note(found.account, found.correspondent, at=found.at)


def _who(found: Heard) -> tuple[str, UUID] | None:
    """Whose event it is; the OA's own messages settle what was sent, whoever was erased since."""
    return None if found.account is None or found.echo is not None else (found.account, found.read.id)


def _erased(raw: Raw) -> Heard:
    """A message that was taken once and came again after its citizen's data was erased: nothing of it is kept."""
    said = Ignored(id=raw.id, channel=CHANNEL, reason=Aside.ERASED, received_at=raw.received_at, trial=raw.trial)
    return Heard(said, raw.received_at)
