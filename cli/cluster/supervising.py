"""Keeps processes running: each is started again when it ends, and all are told to end, in order, at the end."""

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Callable, Sequence
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from cli.cluster.pieces import ROOT, Piece

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
LIVED_SECONDS = 30.0
"""Who lived that long did not fail at the start; the next pause is a short one again."""

END_SECONDS = 45.0
LOOK_SECONDS = 0.1
PROBE_SECONDS = 2.0


class Supervisor:
    """Runs pieces; what each writes goes to `<logs>/<name>.log`."""

    def __init__(self, logs: Path, say: Callable[[str], None]) -> None:
        """Take the folder of the logs, which is made, and what tells a person."""
        self._logs = logs
        self._say = say
        self._started: list[list[asyncio.Task[None]]] = []
        logs.mkdir(mode=0o700, parents=True, exist_ok=True)

    async def start(self, pieces: Sequence[Piece], *, within: float) -> None:
        """Start them and wait until all answer; raises `TimeoutError` with the names of those that do not."""
        self._started.append([asyncio.create_task(self._keep(piece)) for piece in pieces])
        waiting = list(pieces)
        loop = asyncio.get_running_loop()
        end = loop.time() + within
        while waiting:
            waiting = [piece for piece in waiting if not await asyncio.to_thread(answers, piece)]
            if waiting and loop.time() > end:
                names = ", ".join(piece.name for piece in waiting)
                raise TimeoutError(f"{names} did not come up within {within:.0f} s; see {self._logs}")
            if waiting:
                await asyncio.sleep(LOOK_SECONDS)

    async def end(self) -> None:
        """End all, those last that were started first and that the others stand on."""
        for tasks in reversed(self._started):
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _keep(self, piece: Piece) -> None:
        pause = FIRST_PAUSE
        loop = asyncio.get_running_loop()
        while True:
            started = loop.time()
            status = await self._run(piece)
            pause = FIRST_PAUSE if loop.time() - started > LIVED_SECONDS else pause
            self._say(f"{piece.name} ended ({told(status)}); it is started again in {pause:.0f} s. {self._last(piece)}")
            await asyncio.sleep(pause)
            pause = min(LONGEST_PAUSE, pause * 2)

    async def _run(self, piece: Piece) -> int:
        """One life of a process; when this is cancelled it is asked to end, and killed if it does not."""
        with self._log(piece).open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *piece.command, cwd=ROOT, env=dict(piece.variables), stdout=log, stderr=log, start_new_session=True
            )
            try:
                return await process.wait()
            finally:
                await _ended(process)

    def _log(self, piece: Piece) -> Path:
        return self._logs / f"{piece.name}.log"

    def _last(self, piece: Piece) -> str:
        """What it said last, which tells a person more than its status."""
        lines = self._log(piece).read_bytes()[-2000:].decode(errors="replace").splitlines()
        return lines[-1] if lines else ""


async def _ended(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), END_SECONDS)
    # What it started and did not end goes with it; there may be nothing left.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


def told(status: int) -> str:
    """An exit status in words."""
    return f"signal {signal.Signals(-status).name}" if status < 0 else f"status {status}"


def answers(piece: Piece) -> bool:
    """Whether a process answers: its port, or with a probe 200 from that path."""
    try:
        if not piece.probe:
            with socket.create_connection((piece.host, piece.port), timeout=PROBE_SECONDS):
                return True
        connection = HTTPConnection(piece.host, piece.port, timeout=PROBE_SECONDS)
        with contextlib.closing(connection):
            connection.request("GET", piece.probe)
            return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
