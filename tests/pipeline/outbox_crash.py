"""A sender that kills its own process at one named point: `<folder> <point> <file of what the platform took>`."""

import asyncio
import os
import signal
import sys
from datetime import datetime
from pathlib import Path
from uuid import UUID

from gateway.outbox.carrier import Parcel
from gateway.outbox.port import Ending
from gateway.outbox.sqlite import SqliteOutbox
from tests.unit.sending_bench import opened

POINTS = (
    "before the request",
    "after the request",
    "before the record",
    "after the record",
    "after the publishing",
)


def die() -> None:
    """As by the kernel: nothing is flushed, closed or finished."""
    os.kill(os.getpid(), signal.SIGKILL)


class Dying(SqliteOutbox):
    """The real outbox, in a process that dies around the record of a call."""

    def __init__(self, path: Path, point: str) -> None:
        """Open the file and remember where to die."""
        super().__init__(path)
        self.point = point

    async def sent(self, reply_id: UUID, number: int, *, remote_id: str | None, now: datetime) -> None:
        """Die before or after it is durable."""
        if self.point == "before the record":
            die()
        await super().sent(reply_id, number, remote_id=remote_id, now=now)
        if self.point == "after the record":
            die()

    async def told(self, ending: Ending) -> None:
        """Die when the event is out, and nobody knows."""
        if self.point == "after the publishing":
            die()
        await super().told(ending)


async def main(folder: Path, point: str, platform: Path) -> None:
    """Send what waits until the point is reached."""
    async with opened(folder) as bench:

        async def request(parcel: Parcel) -> None:
            if point == "before the request":
                die()
            with platform.open("a") as books:
                books.write(f"{parcel.token}\n")
            if point == "after the request":
                die()

        bench.carrier.before = request
        async with bench.running(bench.sender("killed", outbox=Dying(folder / "outbox.db", point))):
            await asyncio.sleep(60)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])))
