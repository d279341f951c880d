"""Compares what a request costs three servers, in interleaved rounds: no-op, bare write, and the channel itself."""

from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.bench.driving import app_token, cpu_seconds, load
from tests.bench.figures import Figure
from tests.gateway_process import GatewayProcess

WARM_UP = 300


@dataclass(frozen=True, slots=True)
class Rates:
    """Requests a CPU-second of the server process: medians of the rounds."""

    noop: float
    bare: float
    ingest: float

    def figures(self) -> list[Figure]:
        """A line each."""
        unit = "requests / server CPU-second"
        return [
            Figure("no-op handler", self.noop, unit),
            Figure("bare handler, same durable write", self.bare, unit),
            Figure("durable ingest", self.ingest, unit),
        ]


def requests_per_cpu_second(root: Path, rounds: int, requests: int, **settings: str) -> Rates:
    """Measure servers that differ in nothing but what they do with a request."""
    found: dict[str, list[float]] = {"noop": [], "bare": [], "ingest": []}
    for number in range(rounds):
        for kind, rates in found.items():
            server = GatewayProcess(root / f"{kind}{number}", launcher=f"tests.bench.{kind}", **settings)
            server.start().ready()
            token = app_token(server)
            load(server, token, "--count", str(WARM_UP))
            before = cpu_seconds(server.pid)
            load(server, token, "--count", str(requests))
            rates.append(requests / (cpu_seconds(server.pid) - before))
            server.stop()
    return Rates(*(median(found[kind]) for kind in ("noop", "bare", "ingest")))
