"""The stage between raw and inbound: reads a mail, files what it brings, notes how its sender is answered."""

from collections.abc import Awaitable, Callable, Sequence

from gateway.bus.port import Record
from gateway.domain.channel_messages import inbound_message
from gateway.domain.identity import Identity
from gateway.domain.media_types import kind_of, media_type_of
from gateway.files.port import Files
from gateway.runtime.correspondents import Correspondents
from gateway.runtime.parsing import parsed
from schemas.envelope import Message
from schemas.files import Attachment, AttachmentPersonal, AttachmentState
from schemas.raw import Raw
from services.email_ingest.addresses import Address
from services.email_ingest.inbound import Own, ignored_for, reading_of
from services.email_ingest.limits import PARTS_CUT, TOO_LARGE
from services.email_ingest.mail import Mail, MailFile, ReadMail
from services.email_ingest.raw import source_of, was_cut
from services.email_ingest.reader import MailReader

TOPIC = "inbound"
SOURCE = "/email_ingest/read"
UNKNOWN_TYPE = "application/octet-stream"


async def _nobody(_mail: Mail, _account: str) -> None:
    return


class Read:
    """The stage `email_ingest.read`; its consumer gets `stub_of_raw(files, identity, source=SOURCE)` beside it."""

    def __init__(
        self,
        *,
        files: Files,
        identity: Identity,
        reader: MailReader,
        correspondents: Correspondents,
        own: Own,
        met: Callable[[Mail, str], Awaitable[None]] = _nobody,
    ) -> None:
        """Take where files lie, the derivations, what reads, where the way back is noted, and what is ours.

        `met` is told of every mail with its sender's account, before it is known whether a person wrote it.
        """
        self._files = files
        self._identity = identity
        self._reader = reader
        self._correspondents = correspondents
        self._own = own
        self._met = met

    async def __call__(self, record: Record) -> Sequence[Message]:
        """Read one mail; raises `Invalid` for one that cannot be read, `Unavailable` when nothing can be filed."""
        raw = parsed(Raw, record)
        source = source_of(raw)
        read = await self._reader.read(await self._files.open(source))
        await self._met(read.mail, source.owner)
        if ignored_for(read.mail, self._own) is not None:
            return (inbound_message(reading_of(raw, read.mail, (), self._identity, self._own), raw.endpoint),)
        attachments = await self._stored(source.owner, read, cut=was_cut(raw))
        reading = reading_of(raw, read.mail, attachments, self._identity, self._own)
        await self._correspondents.note(source.owner, known_of(read.mail, raw.endpoint), at=raw.received_at)
        return (inbound_message(reading, raw.endpoint),)

    async def _stored(self, account: str, read: ReadMail, *, cut: bool) -> tuple[Attachment, ...]:
        cut = cut or bool({TOO_LARGE, PARTS_CUT} & set(read.mail.defects))
        last = len(read.contents) - 1
        return tuple(
            [
                await self._one(account, number, file, content, whole=not (cut and number == last))
                for number, (file, content) in enumerate(zip(read.mail.files, read.contents, strict=True))
            ]
        )

    async def _one(self, account: str, number: int, file: MailFile, content: bytes, *, whole: bool) -> Attachment:
        """Keep one file under the type that its bytes show; half a file is lost, and said to be."""
        media_type = media_type_of(content)
        stored = await self._files.put(account, content, media_type=media_type or UNKNOWN_TYPE) if whole else None
        return Attachment(
            number=number,
            kind=kind_of(media_type) if media_type else "other",
            state=AttachmentState.STORED if stored else AttachmentState.LOST,
            file=stored,
            personal=AttachmentPersonal(name=file.name),
        )


def known_of(mail: Mail, mailbox: str) -> dict[str, object]:
    """What an answer to this mail needs: where to, as an answer to which mail, under which subject."""
    reply_to = next((one.address for one in mail.reply_to if Address(one.name, one.address).usable), "")
    return {
        "mailbox": mailbox,
        "address": mail.sender.address,
        "name": mail.sender.name,
        "reply_to": reply_to,
        "message_id": mail.message_id,
        "references": list(mail.references),
        "subject": mail.subject,
    }
