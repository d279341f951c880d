"""A real mailbox, a gateway's data folder, and the receiver between them, for tests that wait on conditions."""

import asyncio
import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from gateway.bus.port import Beginning
from gateway.runtime.deployment import Deployment
from schemas.raw import Raw
from services.email_ingest import wiring
from services.email_ingest.mailbox import Pauses
from services.email_ingest.raw import CHANNEL, source_of
from services.email_ingest.settings import EmailSettings
from tests.fakes.mail.dovecot import PROGRAM, Dovecot
from tests.ports import free_port
from tests.waiting import until

ADDRESS = "hotline@1022.example"
PASSWORD = "mật khẩu của thử nghiệm".encode().hex()
SECONDS = 60.0
QUICK = Pauses(first=0.05, longest=0.2, login=0.2)
REQUIRED = os.environ.get("REQUIRE_DOVECOT") == "1"


@contextlib.contextmanager
def mail_server() -> Iterator[Dovecot]:
    """A running Dovecot; without one the test is skipped, or fails where one is required."""
    if PROGRAM is None:
        reason = "needs Debian's dovecot-imapd"
        if REQUIRED:
            pytest.fail(reason)
        pytest.skip(reason)
    # Not below pytest's own folder, which nobody's user may not enter.
    base = Path(tempfile.mkdtemp(prefix="dovecot-"))
    server = Dovecot(base, port=free_port(), password=PASSWORD)
    try:
        yield server.start()
    finally:
        server.stop()
        shutil.rmtree(base)


def settings(port: int, **more: object) -> EmailSettings:
    """A channel's settings on a loopback server, with short bounds; everything there is taken unless told otherwise."""
    given: dict[str, Any] = {
        "address": ADDRESS,
        "user": ADDRESS,
        "password": PASSWORD,
        "imap_host": "127.0.0.1",
        "imap_port": port,
        "imap_security": "plain",
        "smtp_host": "127.0.0.1",
        "smtp_security": "plain",
        "send_per_second": 50.0,
        "first_start": "all",
        "idle_seconds": 5.0,
        "call_seconds": 20.0,
        **more,
    }
    return EmailSettings(_env_file=None, **given)


def mail(number: int, *, sender: str = "an@citizen.example", body: str = "", **headers: str | None) -> bytes:
    """A small mail of a citizen; a header given as None is left out."""
    given: dict[str, str | None] = {
        "Received": f"from mx.test by 1022.example with ESMTP id {number}",
        "From": f"Nguyen Van An <{sender}>",
        "To": ADDRESS,
        "Subject": f"Mail {number}",
        "Date": "Wed, 25 Nov 2026 08:00:00 +0700",
        "Message-ID": f"<{number}@citizen.example>",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in given.items() if value is not None)
    return f"{head}\r\n{body or f'Body of mail {number}.'}\r\n".encode()


@dataclass
class Mailroom:
    """One gateway's side of a mailbox."""

    deployment: Deployment
    channel: wiring.Email
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    @contextlib.asynccontextmanager
    async def receiving(self, pauses: Pauses = QUICK) -> AsyncIterator[None]:
        """The inbox is watched until the block ends."""
        box = wiring.mailbox(self.channel, "INBOX")
        box._pauses = pauses
        task = asyncio.create_task(box.run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        if not task.cancelled():
            task.result()

    async def raws(self) -> list[Raw]:
        """Every record on the raw topic, repeats among them."""
        bus = self.deployment.bus("email_ingest.receive")
        return [
            Raw.model_validate_json(record.message.value)
            async for record in bus.read(f"raw.{CHANNEL}", start=Beginning())
        ]

    async def sources(self) -> list[bytes]:
        """The kept source of each record."""
        return [await self.deployment.files.open(source_of(raw)) for raw in await self.raws()]

    async def until_received(self, count: int) -> list[Raw]:
        """The records, once there are so many different mails."""

        async def enough() -> bool:
            return len({raw.id for raw in await self.raws()}) >= count

        await until(enough)
        return await self.raws()

    async def standing(self) -> tuple[bool, str | None]:
        """Whether the inbox is watched, and why not."""
        (folder,) = (await wiring.state(self.channel))["folders"]
        return folder["connected"], folder["reason"]

    async def until_watched(self) -> None:
        """Return once the inbox is watched."""

        async def watched() -> bool:
            return (await self.standing())[0]

        await until(watched)

    async def until_read_to(self, uid: int) -> None:
        """Return once everything up to this UID is durable."""

        async def read() -> bool:
            (folder,) = (await wiring.state(self.channel))["folders"]
            return bool(folder["read_to"]) and folder["read_to"]["uid"] == uid

        await until(read)

    async def until_failed(self, *reasons: str) -> str:
        """Return once it is not watched for one of these reasons."""

        async def failed() -> bool:
            return (await self.standing())[1] in reasons

        await until(failed)
        return (await self.standing())[1] or ""

    def counted(self, outcome: str) -> float:
        """How many mails had this outcome."""
        return float(self.deployment.metrics.mails.labels(outcome)._value.get())


def sizes(raws: Sequence[Raw]) -> list[dict[str, int]]:
    """What the records say of their mails' sizes."""
    return [json.loads(raw.personal.payload) for raw in raws]
