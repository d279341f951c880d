"""`make bench`: ratios within one run, durability on; states every figure with its aim and whether it was met."""

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from gateway.bus.opening import open_bus
from gateway.bus.port import Beginning
from tests.bench.load import Sent
from tests.bench.mails import mails_per_core_second
from tests.gateway_process import ROOT, GatewayProcess

ROUNDS = 3
REQUESTS = 3000
BACKLOG = 3000
RATE, SECONDS = 50.0, 20.0
WARM_UP = 100
PROCESS_CLOCK = 2
"""How Linux numbers the CPU clock of another process (clock_getcpuclockid(3)): its complemented id, and this below."""

TRANSFER = "vn.1022.transfer.v1"
LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure beside its aim; `smaller` says which way is better."""

    name: str
    value: float
    unit: str
    aim: float | None = None
    smaller: bool = False

    def __str__(self) -> str:
        """Print as one line."""
        shown = f"{self.name:<64}{self.value:>10.2f} {self.unit}"
        if self.aim is None:
            return shown
        met = self.value <= self.aim if self.smaller else self.value >= self.aim
        return f"{shown:<92}aim {'<=' if self.smaller else '>='} {self.aim:g}  {'met' if met else 'NOT MET'}"


def main() -> None:
    """Measure everything and print it."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        figures = [*ingest(root), *flow(root), *latency(root)]
    figures.append(Figure("typical mails read in bounded children", mails_per_core_second(), "mails / CPU-second", 600))
    sys.stdout.write("".join(f"{figure}\n" for figure in figures))


def ingest(root: Path) -> list[Figure]:
    """Requests per CPU-second of the server process, interleaved rounds, median."""
    found: dict[str, list[float]] = {"noop": [], "bare": [], "ingest": []}
    for number in range(ROUNDS):
        for kind, rates in found.items():
            server = GatewayProcess(root / f"{kind}{number}", launcher=f"tests.bench.{kind}").start().ready()
            token = app_token(server)
            load(server, token, "--count", "300")
            before = cpu_seconds(server.pid)
            load(server, token, "--count", str(REQUESTS))
            rates.append(REQUESTS / (cpu_seconds(server.pid) - before))
            server.stop()
    noop, bare, durable = (statistics.median(found[kind]) for kind in ("noop", "bare", "ingest"))
    return [
        Figure("no-op handler", noop, "requests / server CPU-second"),
        Figure("bare handler, same durable write", bare, "requests / server CPU-second"),
        Figure("durable ingest", durable, "requests / server CPU-second"),
        Figure("durable ingest : no-op handler", durable / noop, "", 0.33),
        Figure("durable ingest : bare handler with the same write", durable / bare, "", 0.7),
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
    _wait_for(gateway, BACKLOG)
    seconds = time.monotonic() - began - started
    spent = cpu_seconds(gateway.pid) - before
    peak = peak_megabytes(gateway.pid)
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
    _wait_for(gateway, WARM_UP)
    sent = load(gateway, token, "--rate", str(RATE), "--seconds", str(SECONDS))
    _wait_for(gateway, WARM_UP + len(sent))
    arrived = asyncio.run(arrivals(gateway.data / "bus"))
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


async def arrivals(bus_folder: Path) -> dict[str, float]:
    """Receipt code to the time (seconds since 1970) at which its transfer was published."""
    bus = open_bus(f"sqlite:///{bus_folder}", "bench", clock=lambda: datetime.now(UTC))
    found: dict[str, float] = {}
    for topic in await bus.topics():
        if not topic.startswith("agency."):
            continue
        async for record in bus.read(topic, start=Beginning()):
            if record.message.type == TRANSFER:
                code = json.loads(record.message.value)["ticket"]["code"]
                found[code] = record.published_at.timestamp()
    await bus.close()
    return found


def load(server: GatewayProcess, token: str, *arguments: str) -> list[Sent]:
    """Run the load in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.load", "--port", str(server.port), f"--token={token}", *arguments]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return [Sent(**json.loads(line)) for line in done.stdout.splitlines()]


def app_token(server: GatewayProcess) -> str:
    """The trial's app key, where the server made one."""
    return server.token("app") if (server.data / "secrets" / "app.token").exists() else "none"


def _wait_for(gateway: GatewayProcess, count: int) -> None:
    """Until so many transfers were made: a burst's rest must not count against what is measured next."""
    while handed_over(gateway) < count:
        time.sleep(LOOK_SECONDS)


def handed_over(gateway: GatewayProcess) -> int:
    """Transfers so far, as the gateway counts them."""
    with urllib.request.urlopen(f"{gateway.address}/metrics", timeout=10) as answer:  # noqa: S310 - our own child
        lines = answer.read().decode().splitlines()
    return int(sum(float(line.split()[-1]) for line in lines if is_transfer(line)))


def is_transfer(line: str) -> bool:
    """Whether a line of the metrics counts transfers."""
    return line.startswith("gateway_ticket_steps_total{") and 'step="transferred"' in line


def cpu_seconds(pid: int) -> float:
    """User and system time of all threads of a process so far, to the nanosecond: `/proc` has ticks of 10 ms."""
    return time.clock_gettime(~pid << 3 | PROCESS_CLOCK)


def peak_megabytes(pid: int) -> float:
    """The most memory a process had resident."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1000


def percentile(ordered: Sequence[float], percent: int) -> float:
    """The value below which so many percent lie; `ordered` ascending."""
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


if __name__ == "__main__":
    main()
