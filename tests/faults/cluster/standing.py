"""The cluster of a run: broker, store and each service as processes of their own, at ports that stay theirs."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.cluster.pieces import ONE_BROKER, SERVICES
from schemas.topics import CHANNELS
from tests.faults.world import World
from tests.gateway_process import ROOT, GatewayProcess
from tests.ports import free_port
from tests.servers.kafka import TESTING, KafkaBroker
from tests.servers.mongo import FerretDB

READY_SECONDS = 180.0
LEDGER_SECONDS = 300.0
PLANTED = "tests.faults.cluster.planted"

VARIABLES = {**ONE_BROKER, "KAFKA_TRANSACTION_SECONDS": "4"}
"""Of a cluster with one broker that dies often: what a dead publisher left open is soon given up."""


@dataclass(frozen=True)
class Servers:
    """A broker and a store; the store is a stand-in whose writes outlive its process, as those of the broker do."""

    broker: KafkaBroker
    store: FerretDB

    @property
    def urls(self) -> dict[str, str]:
        """Where they are, for `new_world`."""
        return {"bus_url": f"kafka://{self.broker.address}/crash", "store_url": f"{self.store.url}/crash"}


@contextmanager
def servers(folder: Path) -> Iterator[Servers]:
    """Both, running, on a folder."""
    broker = KafkaBroker(folder / "broker", port=free_port(), settings=TESTING)
    store = FerretDB(folder / "mongo", port=free_port())
    try:
        with ThreadPoolExecutor(2) as together:
            starting: list[Future[Any]] = [together.submit(broker.start), together.submit(store.start)]
            for started in starting:
                started.result()
        yield Servers(broker, store)
    finally:
        broker.kill()
        store.kill()


@contextmanager
def services(world: World, fault: str = "", twice: Sequence[str] = ()) -> Iterator[Mapping[str, GatewayProcess]]:
    """Every service by its name, taking messages, with a planted fault if one is named; all are killed at the end.

    Of those that run `twice` there is a second one.
    """
    ports = {CHANNELS[channel]: port for channel, port in world.ports.items()}
    found = {name: _service(world, name, ports.get(name) or free_port(), fault) for name in SERVICES}
    found.update({f"{name}-2": _service(world, name, free_port(), fault) for name in twice})
    try:
        for process in found.values():
            process.start()
        ready(found)
        yield found
    finally:
        for process in found.values():
            process.kill()


def ready(processes: Mapping[str, GatewayProcess]) -> None:
    """Wait until all of them take messages."""
    until = time.monotonic() + READY_SECONDS
    for process in processes.values():
        process.ready(max(1.0, until - time.monotonic()))


def ended(processes: Mapping[str, GatewayProcess]) -> None:
    """Ask all to end and wait; whether each could finish within its time is what other tests look at."""
    with ThreadPoolExecutor(len(processes)) as together:
        list(together.map(GatewayProcess.stop, processes.values()))


def own_ledger(world: World) -> Mapping[str, Any]:
    """What `gateway status --ledger` says; a message that is missing is a failure even when it was just received."""
    command = [sys.executable, "-m", "cli", "status", "--ledger", "--json", "--grace", "0"]
    environment = {**os.environ, **VARIABLES, **world.settings, "GATEWAY_DATA": str(world.data.root)}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=LEDGER_SECONDS, check=False
    )
    if done.returncode not in (0, 1):
        raise RuntimeError(f"gateway status --ledger ended with {done.returncode}: {done.stderr[-2000:]}")
    found: Mapping[str, Any] = json.loads(done.stdout)
    return found


def _service(world: World, name: str, port: int, fault: str) -> GatewayProcess:
    planted = {"PLANTED_SERVICE": name, "PLANTED_FAULT": fault} if fault else {}
    process = GatewayProcess(
        world.data.root,
        launcher=PLANTED if fault else f"services.{name}",
        GATEWAY_PORT=str(port),
        **VARIABLES,
        **world.settings,
        **planted,
    )
    process.log = world.folder / f"{name}.{port}.log"
    return process
