"""Runs the real gateway as a child process on a folder of its own, for tests that must see it from outside."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from urllib.error import URLError

from schemas.topics import CHANNELS
from tests import leash
from tests.ports import free_port

ROOT = Path(__file__).parents[1]
READY_SECONDS = 60.0
LOOK_SECONDS = 0.01


class GatewayProcess:
    """One gateway on one data folder and port; it can be started again after it was stopped or killed."""

    def __init__(self, data: Path, *, launcher: str = "services", **settings: str) -> None:
        """Take the data folder, the module that is run, and further settings by their variable's name."""
        self.data = data
        self.port = int(settings.get("GATEWAY_PORT") or free_port())
        self.log = data.with_name(f"{data.name}.log")
        self._launcher = launcher
        self._settings = {"GATEWAY_DATA": str(data), "GATEWAY_PORT": str(self.port), **settings}
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Process id of the running child."""
        if self._child is None:
            raise RuntimeError("the gateway was not started")
        return self._child.pid

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._child is not None and self._child.poll() is None

    def start(self) -> "GatewayProcess":
        """Start it without waiting; its standard error is appended to `log`."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                [sys.executable, "-m", self._launcher],
                cwd=ROOT,
                env={**inherited, **self._settings},
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
        leash.hold(self._child.pid)
        return self

    def ready(self, seconds: float = READY_SECONDS) -> "GatewayProcess":
        """Wait until it takes messages; raises `RuntimeError` when it ended instead."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self._child is None or self._child.poll() is not None:
                raise RuntimeError(f"the gateway ended: {self.logged()[-1000:]}")
            with (
                contextlib.suppress(URLError, ConnectionError, TimeoutError),
                urllib.request.urlopen(f"{self.address}/readyz", timeout=2),  # noqa: S310 - our own child on loopback
            ):
                return self
            time.sleep(LOOK_SECONDS)
        raise RuntimeError(f"the gateway was not ready in time: {self.logged()[-1000:]}")

    def kill(self) -> None:
        """End it as a power cut would, without a word."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Ask it to end and wait; returns its exit status."""
        return self._end(signal.SIGTERM)

    def wait(self, seconds: float = READY_SECONDS) -> int:
        """Wait until it ends by itself; returns its exit status."""
        if self._child is None:
            raise RuntimeError("the gateway was not started")
        return self._child.wait(seconds)

    def logged(self) -> str:
        """Everything it wrote to standard error so far."""
        return self.log.read_text(encoding="utf-8") if self.log.exists() else ""

    def events(self) -> list[dict[str, object]]:
        """Its log lines, read."""
        return [json.loads(line) for line in self.logged().splitlines() if line.startswith("{")]

    def token(self, name: str) -> str:
        """A trial's key: `app` or `operator`."""
        return (self.data / "secrets" / f"{name}.token").read_text().strip()

    def _end(self, how: signal.Signals) -> int:
        if self._child is None:
            return 0
        self._child.send_signal(how)
        status = self._child.wait(READY_SECONDS)
        leash.release(self._child.pid)
        self._child = None
        return status


OURS = ("GATEWAY_", "NORMALIZER_", *(f"{channel.upper()}_" for channel in CHANNELS))
"""Variables of the surroundings that must not reach the child."""
