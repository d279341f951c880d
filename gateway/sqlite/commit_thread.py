"""The thread in which a file's commits wait for the disk: one hand-over to it and one back for each."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread

Call = Callable[[], object]
Asked = tuple[Call, "asyncio.Future[None]"]


class CommitThread:
    """Carries out one call after another. An executor would hand every call over by two futures and their locks."""

    def __init__(self, name: str) -> None:
        """Start it; `name` is shown in lists of threads."""
        self._asked: SimpleQueue[Asked | None] = SimpleQueue()
        self._thread = Thread(target=self._serve, name=name, daemon=True)
        self._thread.start()

    def run(self, call: Call) -> "asyncio.Future[None]":
        """Done, on the running event loop, when the call has returned; raises what it raised.

        Cancelling the future does not stop the call.
        """
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._asked.put((call, future))
        return future

    def end(self) -> None:
        """Finish what was asked for, and stop."""
        self._asked.put(None)
        self._thread.join()

    def _serve(self) -> None:
        while (asked := self._asked.get()) is not None:
            call, future = asked
            try:
                call()
            except BaseException as error:  # noqa: BLE001 - whoever asked awaits it
                _hand_back(future, error)
            else:
                _hand_back(future, None)


def _hand_back(future: "asyncio.Future[None]", error: BaseException | None) -> None:
    # A loop that was closed meanwhile has nobody left who waits.
    with suppress(RuntimeError):
        future.get_loop().call_soon_threadsafe(_settle, future, error)


def _settle(future: "asyncio.Future[None]", error: BaseException | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(None)
    else:
        future.set_exception(error)
