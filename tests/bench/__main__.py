"""`make bench`: ratios within one run, durability on; states every figure with its aim and whether it was met."""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.arrivals import arrivals
from tests.bench.compared import requests_per_cpu_second
from tests.bench.driving import app_token, cpu_seconds, load, megabytes, wait_for
from tests.bench.figures import Figure, percentile
from tests.bench.mails import mails_per_core_second
from tests.gateway_process import GatewayProcess

ROUNDS = 3
REQUESTS = 3000
BACKLOG = 3000
RATE, SECONDS = 50.0, 20.0
WARM_UP = 100


def main() -> None:
    """Measure everything and print it."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        figures = [*ingest(root), *flow(root), *latency(root)]
    figures.append(Figure("typical mails read in bounded children", mails_per_core_second(), "mails / CPU-second", 600))
    sys.stdout.write("".join(f"{figure}\n" for figure in figures))


def ingest(root: Path) -> list[Figure]:
    """What a request costs beside the least that it could cost."""
    found = requests_per_cpu_second(root, ROUNDS, REQUESTS)
    return [
        *found.figures(),
        Figure("durable ingest : no-op handler", found.ingest / found.noop, "", 0.33),
        Figure("durable ingest : bare handler with the same write", found.ingest / found.bare, "", 0.7),
    ]


def flow(root: Path) -> list[Figure]:
    """A backlog on raw.web, then the whole gateway: how fast it reaches the agencies' queues."""
    data = root / "flow"
    edge = GatewayProcess(data, launcher="tests.bench.ingest").start().ready()
    load(edge, app_token(edge), "--count", str(BACKLOG))
    edge.stop()
    gateway = GatewayProcess(data)
    began = time.monotonic()
    gateway.start().ready()
    started = time.monotonic() - began
    before = cpu_seconds(gateway.pid)
    wait_for([gateway], BACKLOG)
    seconds = time.monotonic() - began - started
    spent = cpu_seconds(gateway.pid) - before
    peak = megabytes(gateway.pid, "VmHWM")
    gateway.stop()
    warm = time.monotonic()
    gateway.start().ready()
    warm = time.monotonic() - warm
    gateway.stop()
    return [
        Figure("raw to agency queue", BACKLOG / seconds, "messages / second"),
        Figure("raw to agency queue", spent / BACKLOG * 1000, "ms of CPU / message"),
        Figure("peak memory of the whole gateway", peak, "MB", 250, smaller=True),
        Figure("warm start until ready", warm, "s", 3, smaller=True),
    ]


def latency(root: Path) -> list[Figure]:
    """From the due instant of sending to the record in the agency's queue, open loop."""
    gateway = GatewayProcess(root / "latency").start().ready()
    token = app_token(gateway)
    load(gateway, token, "--count", str(WARM_UP))
    wait_for([gateway], WARM_UP)
    sent = load(gateway, token, "--rate", str(RATE), "--seconds", str(SECONDS))
    wait_for([gateway], WARM_UP + len(sent))
    arrived = asyncio.run(arrivals(f"sqlite:///{gateway.data / 'bus'}"))
    gateway.stop()
    waits = sorted(arrived[one.code] - one.due for one in sent)
    answers = sorted(one.seconds for one in sent)
    at = f"at {RATE:g} messages / second"
    return [
        Figure(f"acknowledged, p50 {at}", percentile(answers, 50) * 1000, "ms"),
        Figure(f"acknowledged, p99 {at}", percentile(answers, 99) * 1000, "ms"),
        Figure(f"in the agency's queue, p50 {at}", percentile(waits, 50) * 1000, "ms"),
        Figure(f"in the agency's queue, p99 {at}", percentile(waits, 99) * 1000, "ms", 250, smaller=True),
    ]


if __name__ == "__main__":
    main()
