"""A channel's stub says where something unreadable lies, under whose account, and nothing of what is in it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from gateway.bus.port import Record
from gateway.domain.identity import Identity, message_id
from gateway.errors import Invalid
from gateway.files.local import LocalFiles
from gateway.runtime.stubs import stub_of_raw
from gateway.vault.provider import FileKeyProvider
from gateway.vault.sqlite import SqliteVault
from schemas.dead_letter import DeadLetter, DeadLetterPersonal
from schemas.envelope import Message
from schemas.inbound import Unreadable
from schemas.raw import Raw, RawPersonal
from schemas.vocabulary import Intake

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
IDENTITY = Identity(b"i" * 32)
ACCOUNT = IDENTITY.account("web", "form")
SECRET = "0901234567"
PAYLOAD = b"{" + SECRET.encode()


@pytest.fixture
async def files(tmp_path: Path) -> AsyncIterator[LocalFiles]:
    keys = tmp_path / "master.key"
    keys.write_text("11" * 32)
    keys.chmod(0o600)
    vault = SqliteVault(tmp_path / "vault.db", FileKeyProvider(keys))
    opened = LocalFiles(tmp_path / "files", vault, b"f" * 32)
    yield opened
    await opened.close()
    await vault.close()


def raw(account: str | None = ACCOUNT, intake: Intake = Intake.FORM, **headers: str) -> Raw:
    return Raw(
        id=uuid4(),
        channel="web",
        intake=intake,
        endpoint=account or "webhook",
        account=account,
        received_at=NOON,
        trusted=False,
        content_type="x" * 200,
        trial=True,
        personal=RawPersonal(payload=PAYLOAD, headers=headers),
    )


def record(found: Raw) -> Record:
    value = found.model_dump_json().encode()
    return Record(Message("raw.web", found.endpoint, str(found.id), Raw.TYPE, "/test", NOON, value), "test/0", 1, NOON)


def letter(given: Record) -> DeadLetter:
    return DeadLetter(
        id=uuid4(),
        topic=given.message.topic,
        group="web_ingest.read",
        key=given.message.key,
        message_id=given.message.id,
        message_type=given.message.type,
        message_source=given.message.source,
        message_time=given.message.time,
        stage="web_ingest.read",
        reason="malformed",
        at=NOON,
        personal=DeadLetterPersonal(value=given.message.value),
    )


async def stub_of(files: LocalFiles, found: Raw) -> tuple[Message, Unreadable]:
    given = record(found)
    make = stub_of_raw(files, IDENTITY, source="/web/read", answers=lambda one: one.personal.headers.get("answers"))
    (message,) = await make(given, letter(given))
    return message, Unreadable.model_validate_json(message.value)


async def test_the_original_lies_sealed_under_the_account_of_the_envelope(files: LocalFiles) -> None:
    found = raw()
    message, stub = await stub_of(files, found)
    assert (stub.id, stub.account, stub.code) == (found.id, ACCOUNT, IDENTITY.receipt_code(found.id))
    assert (stub.reason, stub.trial, message.topic, message.key) == ("malformed", True, "inbound", ACCOUNT)
    assert stub.original.owner == ACCOUNT
    assert await files.open(stub.original) == PAYLOAD
    assert SECRET.encode() not in message.value


async def test_where_nobody_can_tell_who_wrote_each_has_an_account_of_its_own(files: LocalFiles) -> None:
    first, second = raw(None, Intake.CHAT), raw(None, Intake.CHAT)
    stubs = [(await stub_of(files, found))[1] for found in (first, second, first)]
    assert stubs[0].account == stubs[2].account
    assert len({stub.account for stub in stubs} | {IDENTITY.account("web", "webhook")}) == 3
    codes = {IDENTITY.receipt_code(found.id) for found in (first, second)}
    assert not codes & {stub.code for stub in stubs}, "what is read in it later may have these"


async def test_a_stub_made_again_is_the_same_message_but_never_the_one_of_its_inbound(files: LocalFiles) -> None:
    found = raw()
    first, second = (await stub_of(files, found))[0], (await stub_of(files, found))[0]
    assert first.id == second.id
    assert UUID(first.id) != message_id(found.id, "inbound", 0)


async def test_what_it_adds_to_is_known_without_the_payload(files: LocalFiles) -> None:
    code = IDENTITY.receipt_code(uuid4())
    assert (await stub_of(files, raw(answers=code)))[1].answers == code


async def test_an_envelope_that_cannot_be_read_has_no_stub(files: LocalFiles) -> None:
    given = record(raw())
    spoilt = replace(given, message=replace(given.message, value=b"{}"))
    with pytest.raises(Invalid, match="malformed"):
        await stub_of_raw(files, IDENTITY, source="/web/read")(spoilt, letter(given))
