"""Runs Debian's Prometheus on the project's own rules, scraping every second, for tests that ask it as Grafana does."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from tests import leash
from tests.gateway_process import ROOT
from tests.ports import free_port

RULES = ROOT / "deploy" / "prometheus"
PROGRAM = shutil.which("prometheus")
PROMTOOL = shutil.which("promtool")
REQUIRED = os.environ.get("REQUIRE_PROMETHEUS") == "1"
MISSING = "needs Debian's package prometheus"
READY_SECONDS = 60.0
LOOK_SECONDS = 0.1


class Prometheus:
    """One server in a folder of its own."""

    def __init__(self, folder: Path, targets: Sequence[str]) -> None:
        """Take where its data may lie, and the `host:port` of each service."""
        self.address = f"http://127.0.0.1:{free_port()}"
        self._folder = folder
        self._targets = list(targets)
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> "Prometheus":
        """Start it with the project's configuration, only quicker and on these targets; wait until it answers."""
        if PROGRAM is None:
            raise RuntimeError(MISSING)
        config = yaml.safe_load((RULES / "prometheus.yml").read_text("utf-8"))
        config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s", "scrape_timeout": "1s"}
        config["rule_files"] = [str(RULES / name) for name in config["rule_files"]]
        config["scrape_configs"][0]["static_configs"] = [{"targets": self._targets}]
        written = self._folder / "prometheus.yml"
        written.write_text(yaml.safe_dump(config), "utf-8")
        with (self._folder / "prometheus.log").open("ab") as log:
            self._child = subprocess.Popen(
                [
                    PROGRAM,
                    f"--config.file={written}",
                    f"--storage.tsdb.path={self._folder / 'data'}",
                    f"--web.listen-address={self.address.removeprefix('http://')}",
                ],
                stdout=log,
                stderr=log,
            )
        leash.hold(self._child.pid)
        self._ready()
        return self

    def stop(self) -> None:
        """End it and wait."""
        if self._child is not None:
            self._child.send_signal(signal.SIGTERM)
            self._child.wait(READY_SECONDS)
            leash.release(self._child.pid)

    def query(self, expr: str) -> list[dict[str, Any]]:
        """The series of an expression now; raises `ValueError` with what Prometheus says against it."""
        found: list[dict[str, Any]] = self._ask("query", {"query": expr})["result"]
        return found

    def range(self, expr: str, seconds: int = 60) -> list[dict[str, Any]]:
        """The series of an expression over the last so many seconds, as a panel asks for them."""
        now = time.time()
        asked = {"query": expr, "start": str(now - seconds), "end": str(now), "step": "2"}
        found: list[dict[str, Any]] = self._ask("query_range", asked)["result"]
        return found

    def values(self, label: str) -> list[str]:
        """Every value of a label; of `__name__` all metrics' names."""
        found: list[str] = self._ask(f"label/{label}/values", {})
        return found

    def rules_health(self) -> dict[str, str]:
        """Each rule's name with how evaluating it went: `ok`, `err` or `unknown`."""
        groups = self._ask("rules", {})["groups"]
        return {rule["name"]: rule["health"] for group in groups for rule in group["rules"]}

    def until(self, expr: str) -> None:
        """Wait until an expression gives something; raises `RuntimeError` when it never does."""
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until:
            if self.query(expr):
                return
            time.sleep(LOOK_SECONDS)
        raise RuntimeError(f"never true: {expr}\n{self._logged()}")

    def _ready(self) -> None:
        """Wait until it answers queries; before that it refuses connections, and then answers 503."""
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until:
            with (
                contextlib.suppress(urllib.error.URLError, ConnectionError),
                urllib.request.urlopen(f"{self.address}/-/ready", timeout=2),  # noqa: S310 - our own child on loopback
            ):
                return
            time.sleep(LOOK_SECONDS)
        raise RuntimeError(f"never ready\n{self._logged()}")

    def _logged(self) -> str:
        return (self._folder / "prometheus.log").read_text("utf-8")[-1000:]

    def _ask(self, path: str, asked: dict[str, str]) -> Any:  # noqa: ANN401 - whatever JSON it answers
        url = f"{self.address}/api/v1/{path}?{urllib.parse.urlencode(asked)}"
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - our own child on loopback
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise ValueError(f"{asked}: {json.load(error)['error']}") from None
