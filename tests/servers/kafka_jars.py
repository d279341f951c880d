"""Fetches what a Kafka broker consists of through Maven, once per clone, and compares it with the pinned digests."""

import fcntl
import hashlib
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
RECIPE = ROOT / "deploy" / "kafka"
CACHE = ROOT / ".cache" / "kafka"
COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy-dependencies"
FETCH_SECONDS = 600


class CannotFetch(Exception):
    """The jars are not here and could not be had."""


def pinned() -> dict[str, str]:
    """Name of each jar to its SHA-256, in hexadecimal."""
    lines = (RECIPE / "jars.sha256").read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, name in (line.split() for line in lines)}


def version() -> str:
    """The broker's version, as its own jar is named."""
    (name,) = (name for name in pinned() if name.startswith("kafka_"))
    return name.removesuffix(".jar").rpartition("-")[2]


def missing() -> str | None:
    """Why no broker can be started here; None if one can. Nothing is fetched to find that out."""
    if shutil.which("java") is None:
        return "no java"
    if not _complete(CACHE / version()) and shutil.which("mvn") is None:
        return "no mvn"
    return None


def fetched() -> Path:
    """The folder with the jars; the network is used the first time only. Raises `CannotFetch`."""
    folder = CACHE / version()
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _complete(folder):
            shutil.rmtree(folder, ignore_errors=True)
            coming = CACHE / "coming"
            shutil.rmtree(coming, ignore_errors=True)
            _copy(coming)
            _verify(coming)
            coming.rename(folder)
    return folder


def _complete(folder: Path) -> bool:
    """Whether the folder holds the pinned jars: it gets its name only after they were compared."""
    return folder.is_dir() and {path.name for path in folder.iterdir()} == set(pinned())


def _copy(folder: Path) -> None:
    command = ["mvn", "-B", "-q", "-f", str(RECIPE / "pom.xml"), COPY]
    command += ["-DincludeScope=runtime", f"-DoutputDirectory={folder}"]
    try:
        done = subprocess.run(
            [*command, f"-DoutputDirectory={folder}"],
            capture_output=True,
            text=True,
            timeout=FETCH_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotFetch(f"mvn: {type(error).__name__}") from error
    if done.returncode != 0:
        raise CannotFetch(f"mvn failed: {done.stdout[-2000:]}{done.stderr[-2000:]}")


def _verify(folder: Path) -> None:
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    wanted = pinned()
    wrong = sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))
    if wrong:
        raise CannotFetch(f"not what deploy/kafka/jars.sha256 names: {', '.join(wrong)}")
