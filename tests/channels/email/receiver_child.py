"""A receiver as a process of its own: `python -m …receiver_child DATA PORT KILL_AT COUNT`.

It kills itself at the `KILL_AT`-th time that a cursor would move, when what lies before it has just been published (0:
never). Else it ends once `COUNT` mails are published, and prints by how many kB its memory grew at most.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path

from gateway.runtime.deployment import open_deployment
from services.email_ingest import wiring
from services.email_ingest.cursor import Cursor, FolderCursor
from tests.channels.email.mailroom import QUICK, settings
from tests.unit.filled import settings_of
from tests.waiting import until


def most_memory_kb() -> int:
    """The most that this process ever held; `getrusage` would count what its parent held before it began."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


async def receive(data: Path, port: int, kill_at: int, count: int) -> None:
    """Receive until killed or done."""
    deployment = await open_deployment(settings_of(data))
    channel = wiring.email(deployment, settings=settings(port))
    if channel is None:
        raise RuntimeError("the channel is not configured")
    moves = 0
    move = FolderCursor.move

    async def moved(self: FolderCursor, cursor: Cursor) -> None:
        nonlocal moves
        moves += 1
        if moves == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        await move(self, cursor)

    FolderCursor.move = moved  # type: ignore[method-assign]  # the child's own fault, planted
    before = most_memory_kb()
    box = wiring.mailbox(channel, "INBOX")
    box._pauses = QUICK
    receiving = asyncio.create_task(box.run())
    received = deployment.metrics.received.labels("email", "email")

    async def enough() -> bool:
        return bool(received._value.get() >= count)

    await until(enough, seconds=850.0)
    receiving.cancel()
    await asyncio.gather(receiving, return_exceptions=True)
    await deployment.close()
    print(most_memory_kb() - before)  # noqa: T201 - what its parent reads


if __name__ == "__main__":
    asyncio.run(receive(Path(sys.argv[1]), *map(int, sys.argv[2:5])))
