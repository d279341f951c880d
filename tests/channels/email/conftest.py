"""A mailbox on a real server and a gateway that reads it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from gateway.runtime.deployment import open_deployment
from services.email_ingest import wiring
from tests.channels.email.mailroom import Mailroom, mail_server, settings
from tests.fakes.mail.dovecot import Dovecot
from tests.unit.filled import settings_of


@pytest.fixture
def server() -> Iterator[Dovecot]:
    with mail_server() as running:
        yield running


@pytest_asyncio.fixture
async def room(server: Dovecot, tmp_path: Path) -> AsyncIterator[Mailroom]:
    deployment = await open_deployment(settings_of(tmp_path / "data"))
    channel = wiring.email(deployment, settings=settings(server.port))
    assert channel is not None
    try:
        yield Mailroom(deployment, channel)
    finally:
        await channel.children.close()
        await deployment.close()
