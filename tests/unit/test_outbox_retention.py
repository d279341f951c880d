"""Replies that ended long ago are forgotten by the running gateway, and those that did not are kept."""

import asyncio
from datetime import timedelta
from pathlib import Path

from gateway.outbox.opening import open_outbox
from gateway.outbox.port import Outbox, Part
from gateway.runtime.retention import keep_outbox_trimmed
from tests.contract.outbox_play import AN, BINH, NOON, at, reply

KEPT = timedelta(days=90)
SECONDS = 20.0


async def ended(outbox: Outbox, account: str, seconds: float) -> Part:
    """A reply that was sent and told so long after noon."""
    (part,) = reply(account)
    await outbox.file([part])
    await outbox.begin(part, NOON)
    await outbox.sent(part.reply_id, 0, remote_id=None, now=at(seconds))
    for ending in await outbox.endings("zalo", limit=10):
        await outbox.told(ending)
    return part


async def test_what_ended_longer_ago_than_it_is_kept_is_forgotten(tmp_path: Path) -> None:
    outbox = open_outbox(f"sqlite:///{tmp_path / 'outbox.db'}")
    old, young = await ended(outbox, AN, 0), await ended(outbox, BINH, 60)
    task = asyncio.create_task(keep_outbox_trimmed(outbox, KEPT, lambda: NOON + KEPT + timedelta(seconds=30)))
    async with asyncio.timeout(SECONDS):
        while await outbox.parts(old.reply_id):  # noqa: ASYNC110 - another task changes the outbox
            await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert await outbox.parts(young.reply_id)
    await outbox.close()
