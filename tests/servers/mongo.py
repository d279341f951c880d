"""A server for suites that speak MongoDB's protocol: FerretDB, or the real MongoDB that `MONGODB_URL` names."""

import argparse
import functools
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from tests import leash
from tests.ports import free_port

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "deploy" / "mongo" / "build"
BUILD_SECONDS = 900.0
READY_SECONDS = 60.0
LOOK_SECONDS = 0.02
GIVEN = os.environ.get("MONGODB_URL", "")
REQUIRED = os.environ.get("REQUIRE_CLUSTER") == "1"


class FerretDB:
    """One FerretDB on a free loopback port and a folder of its own; it can be started again after it was killed."""

    def __init__(self, folder: Path, *, port: int | None = None, durable: bool = False) -> None:
        """Take the folder of its data, which is made, and the port if it matters.

        Unless it is `durable`, what it acknowledged outlives its process and not the machine: tests cut no power.
        """
        self.port = port or free_port()
        self._folder = folder
        self._synchronous = "full" if durable else "off"
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its address without a database."""
        return f"mongodb://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Process id of the running server."""
        return self._running().pid

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._child is not None and self._child.poll() is None

    def start(self) -> "FerretDB":
        """Start it and wait until it answers."""
        self._folder.mkdir(parents=True, exist_ok=True)
        options = {
            "handler": "sqlite",
            "sqlite-url": f"file:{self._folder}/?_pragma=synchronous({self._synchronous})",
            "listen-addr": f"127.0.0.1:{self.port}",
            "debug-addr": "-",
            "state-dir": str(self._folder),
            "telemetry": "disable",
            "log-level": "error",
        }
        with (self._folder / "log").open("ab") as log:
            command = [built(), *(f"--{name}={value}" for name, value in options.items())]
            # A tenth of its time went into collecting garbage of which there is little.
            self._child = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, "GOGC": "400"})
        leash.hold(self._child.pid)
        deadline = time.monotonic() + READY_SECONDS
        while not self._answers():
            if self._child.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self._folder / "log").read_text()[-2000:])
            time.sleep(LOOK_SECONDS)
        return self

    def kill(self) -> None:
        """End it as a power failure of the process would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it as an operator would."""
        self._end(signal.SIGTERM)

    def pause(self) -> None:
        """Let it answer nothing, while connections stay open."""
        self._running().send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on after `pause`."""
        self._running().send_signal(signal.SIGCONT)

    def wait(self) -> int:
        """Wait until it ends."""
        return self._running().wait()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is None:
            raise RuntimeError("the server was not started")
        return self._child

    def _end(self, number: signal.Signals) -> None:
        if self._child is not None:
            self._child.send_signal(number)
            self._child.wait(READY_SECONDS)
            leash.release(self._child.pid)
            self._child = None

    def _answers(self) -> bool:
        try:
            with MongoClient[dict[str, object]](self.url, serverSelectionTimeoutMS=500) as client:
                client.admin.command("ping")
        except PyMongoError:
            return False
        return True


@functools.cache
def built() -> str:
    """Path of the program, built if this clone has none yet."""
    done = subprocess.run([BUILD], check=True, stdout=subprocess.PIPE, text=True, timeout=BUILD_SECONDS)
    return done.stdout.strip()


@functools.cache
def missing() -> str | None:
    """Why there is no server here, or None."""
    if GIVEN:
        return None
    if shutil.which("go") is None:
        return "needs Go to build FerretDB, or MONGODB_URL"
    try:
        built()
    except subprocess.SubprocessError:
        return "FerretDB could not be built"
    return None


def report() -> str:
    """One line that says what stands behind the adapters for MongoDB."""
    if GIVEN:
        return "MongoDB: the server of MONGODB_URL"
    return "MongoDB not run: FerretDB 1.24.2 stands in" if missing() is None else f"MongoDB not run: {missing()}"


class Shared:
    """The one server of a test run, started when it is first needed, with a database for each folder of a test."""

    def __init__(self) -> None:
        """Nothing runs yet."""
        self._server: FerretDB | None = None
        self._folder: Path | None = None
        self._databases: set[str] = set()

    def url(self, folder: Path) -> str:
        """A database of its own for a test's folder; the same one for the same folder."""
        name = "t" + hashlib.sha256(f"{os.getpid()} {folder}".encode()).hexdigest()[:16]
        self._databases.add(name)
        base, _, options = self._base().partition("?")
        return f"{base.rstrip('/')}/{name}" + (f"?{options}" if options else "")

    def stop(self) -> None:
        """Stop the server, or remove what was written on one that is not ours."""
        if self._server is not None and self._folder is not None:
            self._server.kill()
            shutil.rmtree(self._folder)
            self._server = None
        elif self._databases and GIVEN:
            with MongoClient[dict[str, object]](GIVEN) as client:
                for name in self._databases:
                    client.drop_database(name)
        self._databases.clear()

    def _base(self) -> str:
        if GIVEN:
            return GIVEN
        if self._server is None:
            self._folder = Path(tempfile.mkdtemp(prefix="ferretdb-"))
            self._server = FerretDB(self._folder).start()
        return self._server.url


SHARED = Shared()


def url_of(folder: Path) -> str:
    """A database of its own for a test's folder; skips the test where there is no server, or fails if one must be."""
    why = missing()
    if why is not None:
        (pytest.fail if REQUIRED else pytest.skip)(why)
    return SHARED.url(folder)


def main() -> int:
    """Run a server in the foreground until it is interrupted."""
    parser = argparse.ArgumentParser(prog="python -m tests.servers.mongo", description=main.__doc__)
    parser.add_argument("--port", type=int, default=27017)
    parser.add_argument("--data", type=Path, default=ROOT / "var" / "mongo")
    arguments = parser.parse_args()
    server = FerretDB(arguments.data.resolve(), port=arguments.port, durable=True).start()
    sys.stdout.write(f"FerretDB answers at {server.url}; interrupt it to stop.\n")
    sys.stdout.flush()
    try:
        return server.wait()
    except KeyboardInterrupt:
        server.stop()
        return 0


if __name__ == "__main__":
    sys.exit(main())
