"""Drives gateways that are measured, and looks at them from outside: load, their counters, their CPU and memory."""

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from tests.bench.load import Sent
from tests.gateway_process import ROOT, GatewayProcess

PROCESS_CLOCK = 2
"""How Linux numbers the CPU clock of another process (clock_getcpuclockid(3)): its complemented id, and this below."""

LOOK_SECONDS = 0.2
DRAIN_SECONDS = 900.0
"""Far more than any rest of a burst takes; what is not through by then never will be."""


def load(server: GatewayProcess, token: str, *arguments: str) -> list[Sent]:
    """Run the load in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.load", "--port", str(server.port), f"--token={token}", *arguments]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return [Sent(**json.loads(line)) for line in done.stdout.splitlines()]


def app_token(server: GatewayProcess) -> str:
    """The trial's app key, where the server made one."""
    return server.token("app") if (server.data / "secrets" / "app.token").exists() else "none"


def wait_for(gateways: Sequence[GatewayProcess], count: int) -> None:
    """Until so many transfers were made: a burst's rest must not count against what is measured next."""
    end = time.monotonic() + DRAIN_SECONDS
    while sum(handed_over(gateway) for gateway in gateways) < count:
        if time.monotonic() > end:
            raise TimeoutError(f"fewer than {count} transfers after {DRAIN_SECONDS:.0f} s")
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


def megabytes(pid: int, field: str) -> float:
    """What `/proc` says of a process's memory: `VmHWM` is the most it had resident, `VmRSS` what it has now."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(field)).split()[1]) / 1000
