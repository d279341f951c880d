"""Reads beside the writer: one read-only connection on one thread, so that no query runs on the event loop."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import apsw

from gateway.errors import Unavailable
from gateway.sqlite.connection import connect
from gateway.sqlite.errors import mapped

T = TypeVar("T")


class Reader:
    """A read-only connection to an existing database file."""

    def __init__(self, path: Path) -> None:
        """Open the file; raises `Unavailable`."""
        self._connection = connect(path, read_only=True)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"reader {path.name}")
        self._closed = False

    async def run(self, work: Callable[[apsw.Connection], T]) -> T:
        """Do the reading in its thread and return what it found; raises a mapped error."""
        if self._closed:
            raise Unavailable("closed", "The database is closed.")
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work, self._connection)
        except apsw.Error as error:
            raise mapped(error) from error

    async def close(self) -> None:
        """Wait for the query under way and close the file."""
        if self._closed:
            return
        self._closed = True
        await asyncio.to_thread(self._thread.shutdown)
        self._connection.close()
