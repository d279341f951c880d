"""The stage that reads mails: what is kept, what is noted, what is published, and what a deadly mail does not reach."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio

from gateway.bus.port import Record
from gateway.domain.channel_messages import raw_message
from gateway.domain.identity import Identity
from gateway.errors import Invalid
from gateway.files.local import LocalFiles
from gateway.projections.sqlite import SqliteDocuments
from gateway.runtime.bounded_child import BoundedChildren
from gateway.runtime.correspondents import Correspondents
from gateway.runtime.guard import Guard
from gateway.runtime.metrics import Metrics
from gateway.runtime.stubs import stub_of_raw
from gateway.vault.provider import FileKeyProvider, add_master_key
from gateway.vault.sqlite import SqliteVault
from schemas.envelope import Message
from schemas.files import AttachmentState, FileRef
from schemas.inbound import Ignored, Inbound, Unreadable
from services.email_ingest.inbound import Own
from services.email_ingest.limits import MAX_SOURCE
from services.email_ingest.raw import SOURCE_TYPE, account_of, kept, raw_of
from services.email_ingest.read import Read
from services.email_ingest.reader import MailReader, mail_children
from tests.channels.email.mails import mail
from tests.hostile import deeds

CAPTURED = Path(__file__).parents[2] / "captured" / "email"
IDENTITY = Identity(b"i" * 32)
MAILBOX = "1022@hotline.example"
NOW = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)


@dataclass
class Channel:
    """The stage on real files and a real vault."""

    files: LocalFiles
    correspondents: Correspondents
    children: BoundedChildren
    own: Own = field(default_factory=Own)

    async def read(self, source: bytes) -> list[Message]:
        """File a mail as whoever fetches it does, and read its record."""
        account = account_of(IDENTITY, MAILBOX, source)
        file = await self.files.put(account, kept(source), media_type=SOURCE_TYPE)
        raw = raw_of(IDENTITY, mailbox=MAILBOX, source=source, file=file, received_at=NOW)
        record = Record(message=raw_message(raw), partition="0", offset=0, published_at=NOW)
        stage = Read(
            files=self.files,
            identity=IDENTITY,
            reader=MailReader(self.children),
            correspondents=self.correspondents,
            own=self.own,
        )
        return list(await stage(record))


@pytest_asyncio.fixture
async def channel(tmp_path: Path) -> AsyncIterator[Channel]:
    add_master_key(tmp_path / "master.key")
    vault = SqliteVault(tmp_path / "vault.db", FileKeyProvider(tmp_path / "master.key"))
    files = LocalFiles(tmp_path / "files", vault, bytes(32))
    documents = SqliteDocuments(tmp_path / "documents.db")
    children = mail_children()
    yield Channel(files, Correspondents(documents, vault, "email"), children)
    await children.close()
    await documents.close()
    await files.close()
    await vault.close()


async def test_a_mail_becomes_one_inbound_with_its_files(channel: Channel) -> None:
    source = (CAPTURED / "gmail_vi_photo.eml").read_bytes()
    (message,) = await channel.read(source)
    found = Inbound.model_validate_json(message.value)
    assert (message.topic, message.key, message.type) == ("inbound", found.account, Inbound.TYPE)
    (photo,) = found.attachments
    assert (photo.state, photo.kind, photo.personal.name) == (AttachmentState.STORED, "image", "Ảnh đèn hỏng.jpg")
    assert photo.file is not None
    assert photo.file.media_type == "image/jpeg"
    assert (await channel.files.open(photo.file)).startswith(b"\xff\xd8\xff")
    assert found.original is not None
    assert await channel.files.open(found.original) == source
    assert (await channel.read(source)) == [message]


async def test_a_file_is_what_its_bytes_say(channel: Channel) -> None:
    (message,) = await channel.read((CAPTURED / "attachment_names.eml").read_bytes())
    found = Inbound.model_validate_json(message.value)
    kinds = [(one.kind, one.file.media_type if one.file else None) for one in found.attachments]
    assert kinds[0] == ("document", "application/pdf")
    (tnef,) = await channel.read((CAPTURED / "tnef.eml").read_bytes())
    (container,) = Inbound.model_validate_json(tnef.value).attachments
    assert container.kind == "other"
    assert all("/" not in one.personal.name and "\u202e" not in one.personal.name for one in found.attachments)


async def test_what_an_answer_needs_is_noted(channel: Channel) -> None:
    (message,) = await channel.read((CAPTURED / "gmail_vi_reply.eml").read_bytes())
    found = Inbound.model_validate_json(message.value)
    known = await channel.correspondents.of(found.account)
    assert known["address"] == "an.nguyen@citizen.example"
    assert known["name"] == "Nguyễn Văn An"
    assert known["message_id"] == "CAF1a2b3@mail.citizen.example"
    assert known["references"] == ["abc@hotline.example"]
    assert known["subject"] == "Re: Phản ánh đèn đường"
    assert known["mailbox"] == MAILBOX


@pytest.mark.parametrize("name", ["bounce_postfix", "vacation_subject_only", "list_mailman", "report_read_receipt"])
async def test_a_machines_mail_is_recorded_and_nobody_is_noted(channel: Channel, name: str) -> None:
    (message,) = await channel.read((CAPTURED / f"{name}.eml").read_bytes())
    found = Ignored.model_validate_json(message.value)
    assert message.type == Ignored.TYPE
    assert found.account is not None
    assert await channel.correspondents.of(found.account) == {}


async def test_our_own_mail_is_no_message(channel: Channel) -> None:
    channel.own = Own(addresses=frozenset({MAILBOX}))
    (message,) = await channel.read(mail("x", sender="Tong dai <1022+abc@hotline.example>"))
    assert Ignored.model_validate_json(message.value).reason == "own_mail"


async def test_of_a_mail_beyond_all_bounds_the_text_is_there_and_half_a_file_is_not(channel: Channel) -> None:
    head = "--b\n\nMất nước.\n--b\nContent-Type: image/jpeg\nContent-Transfer-Encoding: base64\n\n".encode()
    source = mail(head + b"/9j/" * (MAX_SOURCE // 3), "Content-Type: multipart/mixed; boundary=b")
    (message,) = await channel.read(source)
    found = Inbound.model_validate_json(message.value)
    assert found.personal.text == "x\n\nMất nước."
    assert [(one.state, one.file) for one in found.attachments] == [(AttachmentState.LOST, None)]


async def test_a_mail_that_kills_its_child_twice_is_unreadable_and_the_next_is_read(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    run = channel.children.run

    async def deadly(function: Callable[[bytes], bytes], payload: bytes) -> bytes:
        calls.append(payload)
        return await run(deeds.crash, payload)

    monkeypatch.setattr(channel.children, "run", deadly)
    with pytest.raises(Invalid) as caught:
        await channel.read(mail("Mất nước."))
    assert caught.value.reason == "unreadable"
    assert "Mất nước" not in caught.value.detail
    assert len(calls) == 2
    monkeypatch.undo()
    (message,) = await channel.read(mail("Mất nước."))
    assert Inbound.model_validate_json(message.value).personal.text == "x\n\nMất nước."


async def test_a_record_that_is_no_mail_is_invalid(channel: Channel) -> None:
    source = mail("x")
    file = await channel.files.put("aa" * 16, source, media_type=SOURCE_TYPE)
    raw = raw_of(IDENTITY, mailbox=MAILBOX, source=source, file=file, received_at=NOW)
    message = replace(raw_message(raw), value=raw.model_copy(update={"attachments": ()}).model_dump_json().encode())
    stage = Read(
        files=channel.files,
        identity=IDENTITY,
        reader=MailReader(channel.children),
        correspondents=channel.correspondents,
        own=Own(),
    )
    with pytest.raises(Invalid, match="unreadable"):
        await stage(Record(message=message, partition="0", offset=0, published_at=NOW))


def test_the_same_mail_fetched_again_is_the_same_record() -> None:
    source = mail("x")
    file = FileRef(
        address="a" * 64, owner=account_of(IDENTITY, MAILBOX, source), size=len(source), media_type=SOURCE_TYPE
    )
    first = raw_of(IDENTITY, mailbox=MAILBOX, source=source, file=file, received_at=NOW)
    assert raw_of(IDENTITY, mailbox=MAILBOX.upper(), source=source, file=file, received_at=NOW) == first
    assert first.endpoint == MAILBOX
    assert first.account == file.owner
    assert b"citizen" not in raw_message(first).value


async def test_an_unreadable_mail_keeps_its_place_with_its_source(channel: Channel) -> None:
    source = mail("Mất nước.")
    file = await channel.files.put(account_of(IDENTITY, MAILBOX, source), source, media_type=SOURCE_TYPE)
    raw = raw_of(IDENTITY, mailbox=MAILBOX, source=source, file=file, received_at=NOW)
    record = Record(message=raw_message(raw), partition="0", offset=0, published_at=NOW)

    async def fails(_record: Record) -> list[Message]:
        raise Invalid("unreadable")

    stub = stub_of_raw(channel.files, IDENTITY, source="/email_ingest/read")
    guard = Guard(fails, stage="email_ingest.read", group="g", metrics=Metrics(), clock=lambda: NOW, stub=stub)
    _, message = await guard(record)
    found = Unreadable.model_validate_json(message.value)
    (read,) = await channel.read(source)
    assert found.id == Inbound.model_validate_json(read.value).id
    assert found.account == file.owner
    assert [one.file for one in found.attachments] == [file]
