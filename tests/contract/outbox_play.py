"""The adapters of the outbox, and the few steps that its contract's tests are made of."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from gateway.outbox.port import Outbox, Part
from schemas.vocabulary import ReplyKind
from tests.servers import mongo

NOON = datetime(2026, 3, 2, 12, 0, 0, 123456, tzinfo=UTC)
ECHO = timedelta(seconds=120)
AN, BINH = "0a" * 16, "0b" * 16


def sqlite_url(folder: Path) -> str:
    """The embedded outbox."""
    return f"sqlite:///{folder / 'outbox.db'}"


ADAPTERS = [pytest.param(sqlite_url, id="sqlite"), pytest.param(mongo.url_of, id="mongo")]


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def reply(account: str = AN, count: int = 1, **changes: object) -> list[Part]:
    """All parts of a new reply."""
    made = Part(
        reply_id=uuid4(),
        number=0,
        count=count,
        channel="zalo",
        account=account,
        history=f"conversation/{account}",
        kind=ReplyKind.RECEIPT,
        code="7KQX-4M9T-2BHW",
        filed_at=NOON,
        due_at=NOON,
        sealed=b"\x01sealed",
    )
    made = replace(made, **changes)  # type: ignore[arg-type]  # a test's own keyword arguments
    return [replace(made, number=number) for number in range(count)]


async def filed(outbox: Outbox, account: str = AN, count: int = 1, **changes: object) -> list[Part]:
    parts = reply(account, count, **changes)
    assert await outbox.file(parts)
    return parts


async def due(outbox: Outbox, now: datetime = NOON, limit: int = 100) -> list[tuple[UUID, int]]:
    return [(part.reply_id, part.number) for part in await outbox.due("zalo", now, limit=limit)]


async def states(outbox: Outbox, parts: Sequence[Part]) -> list[str]:
    return [part.state.value for part in await outbox.parts(parts[0].reply_id)]


async def begun(outbox: Outbox, part: Part) -> Part:
    assert await outbox.begin(part, NOON)
    return part


async def ended(outbox: Outbox) -> list[tuple[UUID, str, str | None, int]]:
    endings = await outbox.endings("zalo", limit=100)
    return [(one.reply_id, one.state.value, one.reason, one.revision) for one in endings]
