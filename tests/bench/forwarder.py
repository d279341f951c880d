"""`python -m tests.bench.forwarder URL`: a copy that does the least a stage can do, from `inbound` to `tickets`."""

import asyncio
import signal
import sys
from collections.abc import Sequence

import uvloop

from gateway.bus.port import Record
from schemas.envelope import Message
from tests.bench.arrivals import bench_bus

GROUP = "forwarder"


async def forward(record: Record) -> Sequence[Message]:
    """The record's message, put on `tickets`."""
    said = record.message
    return [Message("tickets", said.key, said.id, said.type, said.source, said.time, said.value)]


async def main(url: str) -> None:
    """Forward until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    bus = bench_bus(url)
    consuming = asyncio.create_task(bus.consume("inbound", group=GROUP, handler=forward))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({consuming, stopping}, return_when=asyncio.FIRST_COMPLETED)
    await bus.close()
    await consuming


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(sys.argv[1]))
