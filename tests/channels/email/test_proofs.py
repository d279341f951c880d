"""A reply of which nobody knew how it ended is settled by what comes back, and by nothing that others can make up."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from gateway.domain.identity import Identity
from gateway.outbox.opening import open_outbox
from gateway.outbox.port import Outbox, Part, PartState
from schemas.vocabulary import ReplyKind
from services.email_ingest.mail import Auto, Mail
from services.email_ingest.proofs import Proofs
from services.email_ingest.tokens import message_id, reply_to, reply_token

AN, BINH = "ab" * 16, "cd" * 16
CODE = "KG57-A8B9-6AUM"
NOW = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
IDENTITY = Identity(b"i" * 32)


@pytest_asyncio.fixture
async def outbox(tmp_path: Path) -> AsyncIterator[Outbox]:
    opened = open_outbox(f"sqlite:///{tmp_path / 'outbox.db'}")
    yield opened
    await opened.close()


async def unknown_reply(outbox: Outbox) -> UUID:
    part = Part(uuid4(), 0, 1, "email", AN, f"conversation/{AN}", ReplyKind.ACCEPTANCE, CODE, NOW, NOW, b"sealed")
    await outbox.file([part])
    assert await outbox.begin(part, NOW)
    await outbox.unknown(part.reply_id, 0, reason="no_answer_to_mail", now=NOW)
    return part.reply_id


def ours(reply: UUID, account: str = AN) -> str:
    return message_id(reply_token(IDENTITY, account, CODE, reply), "1022.example")


async def state(outbox: Outbox, reply: UUID) -> tuple[PartState, str | None]:
    part = await outbox.part(reply, 0)
    assert part is not None
    return part.state, part.reason


@pytest.mark.parametrize("auto", [Auto.NONE, Auto.AUTO_REPLY])
async def test_whoever_answers_has_got_it(outbox: Outbox, auto: Auto) -> None:
    reply = await unknown_reply(outbox)
    await Proofs(outbox, IDENTITY, lambda: NOW).met(Mail(references=(ours(reply),), auto=auto), AN)
    assert (await state(outbox, reply))[0] is PartState.SENT


async def test_a_plus_address_alone_tells_as_much(outbox: Outbox) -> None:
    reply = await unknown_reply(outbox)
    tagged = reply_to("hotline@1022.example", reply_token(IDENTITY, AN, CODE, reply))
    assert tagged is not None
    await Proofs(outbox, IDENTITY, lambda: NOW).met(Mail(delivered_to=(tagged,)), AN)
    assert (await state(outbox, reply))[0] is PartState.SENT


async def test_what_a_server_gives_back_has_not_arrived(outbox: Outbox) -> None:
    reply = await unknown_reply(outbox)
    bounce = Mail(returned=(ours(reply),), auto=Auto.BOUNCE)
    for _ in range(2):
        await Proofs(outbox, IDENTITY, lambda: NOW).met(bounce, BINH)
    assert await state(outbox, reply) == (PartState.FAILED, "returned")


async def test_nobody_else_can_say_how_it_ended(outbox: Outbox) -> None:
    reply = await unknown_reply(outbox)
    proofs = Proofs(outbox, IDENTITY, lambda: NOW)
    await proofs.met(Mail(references=(ours(reply),)), BINH)
    await proofs.met(Mail(references=(ours(reply, BINH),)), BINH)
    await proofs.met(Mail(returned=(ours(reply, BINH),), auto=Auto.BOUNCE), BINH)
    await proofs.met(Mail(returned=(ours(uuid4()),), auto=Auto.BOUNCE), AN)
    assert (await state(outbox, reply))[0] is PartState.UNKNOWN
