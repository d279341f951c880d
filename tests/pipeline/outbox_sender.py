"""A process that files replies and sends them, one of several: `<data folder> <platform's address>`."""

import asyncio
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from gateway.bus.opening import open_bus
from gateway.files.local import LocalFiles
from gateway.outbox.carrier import NO_FILES, Delivered, Handover, Later, Parcel, Unclear
from gateway.outbox.opening import open_outbox
from gateway.projections.sqlite import SqliteDocuments
from gateway.runtime.bounded_child import BoundedChildren
from gateway.runtime.correspondents import Correspondents
from gateway.runtime.data_folder import DataFolder
from gateway.runtime.metrics import Metrics
from gateway.runtime.sending import Enclosures, FileReplies, Pace, Sender
from gateway.runtime.service import Consumer, keep_consuming, run_until, stop_on_signals
from gateway.store.opening import open_store
from gateway.vault.provider import FileKeyProvider
from gateway.vault.sqlite import SqliteVault

STAGE = "zalo_ingest.send"
ECHO = timedelta(seconds=0.5)
PACE = Pace(per_second=1000, at_once=32)


def now() -> datetime:
    """The machine's clock."""
    return datetime.now(UTC)


class HttpCarrier:
    """Hands messages over to the test's platform."""

    channel = "zalo"
    takes = NO_FILES

    def __init__(self, client: httpx.AsyncClient) -> None:
        """Take a client of the platform."""
        self._client = client

    def split(self, text: str) -> Sequence[str]:
        """Two messages, where a text has two lines."""
        return text.split("\n")

    async def hand_over(self, parcel: Parcel) -> Handover:
        """One request; a lost answer leaves it open whether it was taken."""
        message = {"token": parcel.token, "account": parcel.account, "text": parcel.text, "sender": str(os.getpid())}
        try:
            answer = await self._client.post("/send", json=message)
        except httpx.ConnectError:
            return Later("unreachable", 0.2, whole_channel=True)
        except httpx.HTTPError:
            return Unclear("no_answer")
        match answer.status_code:
            case 200:
                return Delivered(answer.json()["id"])
            case 429:
                return Later("rate_limited", 0.2, whole_channel=True)
            case 503:
                return Later("busy", 0.1)
            case _:
                return Unclear("server_error")


async def main(data: Path, address: str) -> None:
    """Run until SIGTERM."""
    stop = asyncio.Event()
    stop_on_signals(stop)
    folder = DataFolder(data)
    vault = SqliteVault(folder.vault, FileKeyProvider(folder.master_keys))
    store, documents = open_store(f"sqlite:///{folder.store}"), SqliteDocuments(folder.documents)
    outbox = open_outbox(f"sqlite:///{folder.outbox}", echo=ECHO)
    bus = open_bus(f"sqlite:///{folder.bus}", STAGE, clock=now)
    files, children = LocalFiles(folder.files, vault, b"a" * 32), BoundedChildren()
    metrics = Metrics()
    async with httpx.AsyncClient(base_url=address, timeout=10) as client:
        carrier = HttpCarrier(client)
        sender = Sender(
            outbox=outbox,
            correspondents=Correspondents(documents, vault, carrier.channel),
            enclosures=Enclosures(files, children),
            carrier=carrier,
            store=store,
            vault=vault,
            bus=bus,
            metrics=metrics,
            clock=now,
            owner=str(os.getpid()),
            pace=PACE,
        )
        filing = Consumer(STAGE, "replies.zalo", FileReplies(outbox, vault, carrier, now, note=lambda *_: ""))
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await run_until(stop, [sender.run(), keep_consuming(filing, bus, metrics=metrics, clock=now)])
    await bus.close()
    await children.close()
    for port in (files, outbox, documents, store, vault):
        await port.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
