"""What a receiver leaves behind that is killed, and what a mailbox of many years costs."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from gateway.runtime.deployment import open_deployment
from services.email_ingest import wiring
from tests.channels.email.mailroom import Mailroom, mail, settings
from tests.fakes.mail.dovecot import Dovecot
from tests.gateway_process import ROOT
from tests.unit.filled import settings_of

MANY = int(os.environ.get("MAILBOX_SIZE", "10000"))
"""`MAILBOX_SIZE=50000` takes about five times as long and shows the same."""

MOST_GROWTH_KB = 60_000


async def received_by_child(data: Path, port: int, *, kill_at: int = 0, count: int) -> tuple[int, str]:
    """How a receiver of its own ended, and what it printed."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.channels.email.receiver_child", data, str(port), str(kill_at), str(count)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await child.communicate()
    return child.returncode or 0, said.decode()


@pytest.mark.parametrize("kill_at", [1, 2, 3])
async def test_killed_between_publishing_and_the_cursor_every_mail_is_taken_once_in_effect(
    server: Dovecot, tmp_path: Path, kill_at: int
) -> None:
    sources = [mail(number, body="x" * 600_000) for number in range(4)]
    server.fill(sources)
    data = tmp_path / "data"
    assert (await received_by_child(data, server.port, kill_at=kill_at, count=4))[0] == -signal.SIGKILL
    deployment = await open_deployment(settings_of(data))
    channel = wiring.email(deployment, settings=settings(server.port))
    assert channel is not None
    room = Mailroom(deployment, channel)
    try:
        assert len(await room.raws()) == kill_at - 1
        async with room.receiving():
            raws = await room.until_received(4)
        assert len({raw.id for raw in raws}) == 4
        assert set(await room.sources()) == set(sources)
    finally:
        await deployment.close()


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_a_mailbox_of_many_years_is_taken_in_bounded_memory(server: Dovecot, tmp_path: Path) -> None:
    server.fill(mail(number, sender=f"c{number % 500}@citizen.example") for number in range(MANY))
    status, said = await received_by_child(tmp_path / "data", server.port, count=MANY)
    assert status == 0
    print(f"{MANY} mails, memory grew by {int(said)} kB")  # noqa: T201 - the measured figure, with `pytest -rP`
    assert int(said) < MOST_GROWTH_KB
