"""Runs a function on hostile bytes in a child process: what it costs is bounded, and its crash is not ours."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable
from typing import Final

from gateway.errors import Invalid, Unavailable
from gateway.runtime.bounded_child_program import ANSWER, DONE, FAILED, REFUSED, REQUEST

MEGABYTE: Final = 1_000_000
MEMORY: Final = 512 * MEGABYTE
SECONDS: Final = 5.0
MOST_ANSWER: Final = 64 * MEGABYTE

PATIENCE: Final = 6
"""Times the processor time that a call may last by the clock: on a busy machine it gets only its share."""

CALLS_PER_CHILD: Final = 500
"""Then a child is replaced, whatever a library may have leaked in it."""

PROGRAM: Final = "gateway.runtime.bounded_child_program"


class BoundedChildren:
    """A few long-lived children, each for one call at a time; whoever breaks a limit is killed and replaced."""

    def __init__(self, *, at_once: int = 2, calls_per_child: int = CALLS_PER_CHILD) -> None:
        """Nothing is started before the first call; `at_once` bounds the children.

        A child is replaced after `calls_per_child`: more where calls are short and only Python's own code runs.
        """
        self._calls_per_child = calls_per_child
        self._turn = asyncio.Semaphore(at_once)
        self._idle: list[_Child] = []

    async def run(
        self,
        function: Callable[[bytes], bytes],
        payload: bytes,
        *,
        seconds: float = SECONDS,
        memory_bytes: int = MEMORY,
    ) -> bytes:
        """What a function of a module returns for `payload`, computed in a child.

        It may use `seconds` of processor time and `memory_bytes` of address space, and write no files. Raises the
        `Invalid` that it raised; `Invalid` with `took_too_long`, `too_much_memory`, `too_large`, `crashed` or
        `unreadable` (any other exception) when the bytes are to blame; `Unavailable("no_child")`.
        """
        name = f"{function.__module__}:{function.__qualname__}"
        if "<" in name or "." in function.__qualname__:
            raise ValueError("only a function of a module can run in a child")
        async with self._turn:
            child = self._idle.pop() if self._idle else await _Child.started()
            try:
                answer = await child.call(name, payload, seconds, memory_bytes)
            except BaseException:
                # Also when the caller gave up: the child is still at work on what nobody waits for.
                await child.kill()
                raise
            if answer[0] == FAILED or child.calls >= self._calls_per_child:
                # After an unforeseen failure nobody knows what state it is in.
                await child.kill()
            else:
                self._idle.append(child)
        return _read(*answer)

    async def close(self) -> None:
        """End the children."""
        while self._idle:
            await self._idle.pop().kill()


class _Child:
    def __init__(self, process: Process) -> None:
        self._process = process
        self.calls = 0

    @classmethod
    async def started(cls) -> "_Child":
        # Nothing of our environment goes along but where modules lie: it may hold secrets.
        environment = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "LC_ALL": "C.UTF-8"}
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", PROGRAM),
                stdin=PIPE,
                stdout=PIPE,
                # A traceback would quote the citizen's bytes.
                stderr=DEVNULL,
                env=environment,
                start_new_session=True,
            )
        except OSError as error:
            raise Unavailable("no_child", type(error).__name__) from error
        return cls(process)

    async def call(self, name: str, payload: bytes, seconds: float, memory: int) -> tuple[int, bytes]:
        self.calls += 1
        encoded = name.encode()
        try:
            async with asyncio.timeout(seconds * PATIENCE):
                return await self._exchange(
                    REQUEST.pack(len(encoded), len(payload), seconds, memory) + encoded, payload
                )
        except TimeoutError:
            raise Invalid("took_too_long", "Reading it took too long.") from None
        except (asyncio.IncompleteReadError, ConnectionError):
            raise await self._why_it_died() from None

    async def kill(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        await self._ended()

    async def _ended(self) -> int:
        """The status with which it ended.

        asyncio tells it only when all that the child wrote was taken, and stops taking when much waits to be read:
        without a reader, a child that was killed while it flooded us would be waited for for ever. What it may have
        started holds the same pipe, and is killed with it: its session is a process group of its own.
        """
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        if self._process.stdout is not None:
            with contextlib.suppress(ConnectionError):
                while await self._process.stdout.read(MEGABYTE):
                    pass
        return await self._process.wait()

    async def _exchange(self, head: bytes, payload: bytes) -> tuple[int, bytes]:
        writer, reader = self._process.stdin, self._process.stdout
        if writer is None or reader is None:
            raise ConnectionError
        writer.write(head)
        writer.write(payload)
        await writer.drain()
        how, size = ANSWER.unpack(await reader.readexactly(ANSWER.size))
        if size > MOST_ANSWER:
            raise Invalid("too_large", "What came of it is larger than allowed.")
        return how, await reader.readexactly(size)

    async def _why_it_died(self) -> Invalid:
        if await self._ended() == -signal.SIGXCPU:
            return Invalid("took_too_long", "Reading it took too much processor time.")
        return Invalid("crashed", "Reading it ended the child process.")


def _read(how: int, content: bytes) -> bytes:
    if how == DONE:
        return content
    if how == REFUSED:
        reason, detail = json.loads(content)
        raise Invalid(str(reason), str(detail))
    name = content.decode("utf-8", "replace")[:100]
    if name == "MemoryError":
        raise Invalid("too_much_memory", "Reading it takes more memory than allowed.")
    raise Invalid("unreadable", name)
