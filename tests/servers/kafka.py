"""Runs a real Kafka broker on loopback: for tests, and by hand with `python -m tests.servers.kafka`."""

import argparse
import asyncio
import atexit
import base64
import contextlib
import functools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests import leash
from tests.ports import free_port
from tests.servers import kafka_jars
from tests.servers.kafka_jars import RECIPE, ROOT, CannotFetch
from tests.servers.kafka_listening import Listening, named

READY_SECONDS = 60.0
STOP_SECONDS = 30.0
LOOK_SECONDS = 0.05
ATTEMPTS = 3

TESTING = {
    # A killed broker loses nothing that the operating system holds, and tests cut no power.
    "log.flush.interval.messages": "9223372036854775807",
    # What a killed publisher left open is given up as soon as its own time is over.
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": "500",
    "group.min.session.timeout.ms": "100",
    "offsets.topic.num.partitions": "1",
    "transaction.state.log.num.partitions": "1",
    # As long a broker that was killed is thought to live, and its successor is kept from its place.
    "broker.session.timeout.ms": "9000",
    "broker.heartbeat.interval.ms": "500",
    # A broker with nothing to do would write a record of it twice a second, and a run of tests has several of them.
    "metadata.max.idle.interval.ms": "5000",
}
"""What a broker for tests does otherwise: quicker, and with members that may be given up soon."""


class KafkaBroker:
    """One broker on one folder and port; it can be started again after it was stopped or killed.

    Its methods block; within a running loop they belong into `asyncio.to_thread`.
    """

    def __init__(
        self,
        data: Path,
        *,
        port: int = 0,
        behind: int = 0,
        heap_mb: int = 192,
        settings: Mapping[str, str] = {},
        users: Mapping[str, str] = {},
        certificate: Path | None = None,
        voters: Mapping[int, int] = {},
        identity: str = "",
    ) -> None:
        """Take the folder, the port (0: a free one), and further settings.

        With `behind`, clients are told to come by that port, where a proxy of the test listens. With `users`, their
        passwords by name, they log in at a port of their own (`address_of_users`) and may do what they are given access
        to; whoever comes by the other port may do anything. With `certificate`, a PEM file with its key before it, that
        port speaks TLS, and users log in by SCRAM-SHA-512 as well. With `voters`, the ports of all controllers of one
        cluster by the nodes' numbers, it is the one that `node.id` says, and the cluster is called `identity`.
        """
        self.data = data
        self._free = port == 0
        self.port = port or free_port()
        self.log = data / "broker.log"
        self._voters = dict(voters)
        self._identity = identity or base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        self._controller = self._voters[int(settings["node.id"])] if voters else free_port()
        self._heap_mb = heap_mb
        self._advertised = behind or self.port
        self._settings = dict(settings)
        self._users = dict(users)
        self._certificate = certificate
        self._users_port = free_port() if users else 0
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where it answers, as `host:port`."""
        return f"127.0.0.1:{self.port}"

    @property
    def address_of_users(self) -> str:
        """Where users log in, as `host:port`."""
        return f"127.0.0.1:{self._users_port}"

    @property
    def pid(self) -> int:
        """Process id of the running broker."""
        if self._child is None:
            raise RuntimeError("the broker was not started")
        return self._child.pid

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._child is not None and self._child.poll() is None

    def start(self) -> "KafkaBroker":
        """Start it on what lies in its folder and return when it answers; raises `CannotFetch` or `RuntimeError`.

        A free port may be somebody else's by the time the broker asks for it: then, the first time, others are tried.
        """
        for _ in range(ATTEMPTS):
            try:
                self._start()
            except RuntimeError:
                if not self._free:
                    raise
                shutil.rmtree(self.data / "log", ignore_errors=True)
                moved = self._advertised == self.port
                self.port, self._controller = free_port(), free_port()
                self._advertised = self.port if moved else self._advertised
            else:
                self._free = False
                return self
        raise RuntimeError(f"the broker did not come up: {self._said()}")

    def _start(self) -> None:
        libraries = kafka_jars.fetched()
        self.data.mkdir(parents=True, exist_ok=True)
        properties = self._write_properties()
        with self.log.open("ab") as log:
            if not (self.data / "log" / "meta.properties").exists():
                tool = [
                    "kafka.tools.StorageTool",
                    "format",
                    *([] if self._voters else ["--standalone"]),
                    f"--cluster-id={self._identity}",
                    "-c",
                    str(properties),
                    *(f"--add-scram=SCRAM-SHA-512=[name={name},password={word}]" for name, word in self._users.items()),
                ]
                subprocess.run(self._java(libraries, *tool), stdout=log, stderr=log, check=True)
            command = self._java(libraries, "kafka.Kafka", str(properties))
            self._child = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        leash.hold(self._child.pid)
        atexit.register(self.kill)
        self._wait_ready()

    def stop(self) -> None:
        """Let it end its work and wait for that."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a power cut would, except that the operating system keeps what it was given."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Kill it and start it again on the same folder and port."""
        self.kill()
        self.start()

    def wait(self) -> int:
        """Return the code with which it ended by itself."""
        if self._child is None:
            raise RuntimeError("the broker was not started")
        return self._child.wait()

    def _end(self, how: signal.Signals) -> None:
        child, self._child = self._child, None
        atexit.unregister(self.kill)
        if child is None:
            return
        child.send_signal(how)
        try:
            child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        leash.release(child.pid)

    def _write_properties(self) -> Path:
        path = self.data / "server.properties"
        listening = Listening(self.port, self._advertised, self._controller, self._users_port)
        properties = listening.properties(self._voters, self._users, self._certificate)
        own = {**properties, "log.dirs": str(self.data / "log"), **self._settings}
        base = (RECIPE / "server.properties").read_text(encoding="utf-8")
        path.write_text(base + "".join(f"{name}={value}\n" for name, value in own.items()), encoding="utf-8")
        return path

    def _java(self, libraries: Path, *command: str) -> Sequence[str]:
        return [
            "java",
            "-Xms64m",
            f"-Xmx{self._heap_mb}m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:+ExitOnOutOfMemoryError",
            f"-Dlog4j2.configurationFile=file:{RECIPE / 'log4j2.properties'}",
            f"-Dkafka.logs.dir={self.data}",
            "-cp",
            f"{libraries}/*",
            *command,
        ]

    def _wait_ready(self) -> None:
        # A thread of its own, since the caller's may have a loop that runs.
        with ThreadPoolExecutor(1) as elsewhere:
            elsewhere.submit(asyncio.run, self._ready()).result()

    async def _ready(self) -> None:
        """Return when a metadata request names this broker: its port is open long before it can do anything."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            if self._child is None or self._child.poll() is not None:
                break
            if await named(self.port, self._advertised):
                return
            await asyncio.sleep(LOOK_SECONDS)
        self.kill()
        raise RuntimeError(f"the broker did not come up: {self._said()}")

    def _said(self) -> str:
        return self.log.read_text(encoding="utf-8")[-3000:]


@functools.cache
def absent() -> str | None:
    """Why there is no broker here, or None; the jars are fetched if they have to be."""
    reason = kafka_jars.missing()
    if reason is None:
        try:
            kafka_jars.fetched()
        except CannotFetch as error:
            return str(error).partition("\n")[0]
    return reason


def missing() -> str | None:
    """Why tests are to be left out for want of a broker, or None; with `REQUIRE_CLUSTER=1` that is an error."""
    reason = absent()
    if reason is not None and os.environ.get("REQUIRE_CLUSTER") == "1":
        raise RuntimeError(f"REQUIRE_CLUSTER is set, but there is no Kafka: {reason}")
    return reason


@functools.cache
def shared() -> KafkaBroker:
    """The broker that a whole run of tests shares, started when first asked for; each test takes its own prefix."""
    folder = contextlib.ExitStack()
    data = Path(folder.enter_context(tempfile.TemporaryDirectory(prefix="kafka-")))
    atexit.register(folder.close)
    return KafkaBroker(data / "broker", settings=TESTING).start()


def main() -> int:
    """Run a broker in the foreground until it is told to stop."""
    parser = argparse.ArgumentParser(prog="python -m tests.servers.kafka", description=main.__doc__)
    parser.add_argument("--data", type=Path, default=ROOT / "var" / "kafka", help="folder of what it keeps")
    parser.add_argument("--port", type=int, default=9092, help="port on loopback")
    parser.add_argument("--heap-mb", type=int, default=512, help="most memory for its heap, in megabytes")
    given = parser.parse_args()
    reason = kafka_jars.missing()
    if reason is not None:
        sys.stderr.write(f"{reason}: a broker needs Java 17 or newer, and Maven to fetch it.\n")
        return 1
    broker = KafkaBroker(given.data, port=given.port, heap_mb=given.heap_mb).start()
    sys.stdout.write(f"Kafka {kafka_jars.version()} at {broker.address}, data in {given.data}; Ctrl-C ends it.\n")
    sys.stdout.flush()
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    stopping.wait()
    broker.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
