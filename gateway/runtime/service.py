"""What a service consists of, and how it runs until told to stop: restarted when it fails, drained at the end."""

import asyncio
import gc
import logging
import signal
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from starlette.types import ASGIApp

from gateway.bus.port import Bus, Handler
from gateway.errors import Conflict, GatewayError
from gateway.runtime.guard import Guard, StubMaker
from gateway.runtime.metrics import Metrics

log = logging.getLogger(__name__)

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0


@dataclass(frozen=True, slots=True)
class Consumer:
    """One topic read by one group; output goes to the file or producer of `bus`'s stage.

    `stub` makes what takes the place of a record that the handler fails on for good; without it the place is empty.
    """

    stage: str
    topic: str
    handler: Handler
    stub: StubMaker | None = None

    @property
    def group(self) -> str:
        """A stage is a group of its own."""
        return self.stage


Task = Callable[[], Coroutine[Any, Any, None]]
"""Makes what runs until it is cancelled; nothing is made for a process that does not get as far as running it."""


async def nothing() -> None:
    """What most services have to close."""


@dataclass(frozen=True)
class Service:
    """An opened service, for the process that runs it, alone or beside others.

    `webhooks` maps the beginning of a path to the application that answers there; the empty one answers whatever
    nobody else does. `close` gives back what was opened for it, after everything that runs has ended.
    """

    name: str
    consumers: Sequence[Consumer]
    tasks: Sequence[Task] = ()
    webhooks: Mapping[str, ASGIApp] = field(default_factory=dict)
    close: Callable[[], Awaitable[None]] = nothing


async def keep_consuming(consumer: Consumer, bus: Bus, *, metrics: Metrics, clock: Callable[[], datetime]) -> None:
    """Consume until cancelled; after a failure wait, longer each time, and go on from the durable progress."""
    pause = FIRST_PAUSE
    handler = Guard(
        consumer.handler,
        stage=consumer.stage,
        group=consumer.group,
        metrics=metrics,
        clock=clock,
        stub=consumer.stub,
    )
    restarts = metrics.restarts.labels(consumer.stage, consumer.topic)
    while True:
        started = asyncio.get_running_loop().time()
        try:
            await bus.consume(consumer.topic, group=consumer.group, handler=handler)
        except GatewayError as error:
            level = logging.INFO if isinstance(error, Conflict) else logging.WARNING
            log.log(level, "consumer_restarts", extra={"stage": consumer.stage, "reason": error.reason})
        restarts.inc()
        if asyncio.get_running_loop().time() - started > LONGEST_PAUSE:
            pause = FIRST_PAUSE
        await asyncio.sleep(pause)
        pause = min(LONGEST_PAUSE, pause * 2)


def stop_on_signals(stop: asyncio.Event) -> None:
    """Set `stop` on SIGTERM and SIGINT."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)


@contextmanager
def startup() -> Iterator[None]:
    """Search for no garbage until `freeze_startup`: nearly all that is made stays; to look took a tenth of a start."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def freeze_startup() -> None:
    """Keep what exists now out of every later search for garbage; called once, when everything is loaded.

    Province and lexicon are some hundred thousand objects that stay: looking through them again and again would cost
    a tenth of the CPU and pause everything for tens of milliseconds.
    """
    gc.collect()
    gc.freeze()
    gc.enable()


async def run_until(stop: asyncio.Event, work: Sequence[Awaitable[None]]) -> None:
    """Run all until `stop` is set, then cancel and await them; the first unforeseen failure stops everything."""
    tasks = [asyncio.ensure_future(item) for item in work]
    stopping = asyncio.create_task(stop.wait())
    try:
        done, _ = await asyncio.wait([*tasks, stopping], return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    failures = [result for result in results if isinstance(result, Exception)]
    if failures and stopping not in done:
        raise failures[0]
    for failure in failures:
        log.error("failed_while_stopping", exc_info=failure)
