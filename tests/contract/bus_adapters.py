"""The bus's adapters that the contract suite runs on; a further one is one entry here."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from tests.servers import kafka

# Of the size of a test: the defaults are a cluster's.
os.environ.setdefault("KAFKA_PARTITIONS", "4")
os.environ.setdefault("KAFKA_TRANSACTION_SECONDS", "4")


@dataclass(frozen=True)
class Adapter:
    """How the suite reaches one adapter: a URL for a fresh, empty deployment, or why there is none here.

    `missing` raises where what is absent may not be left out.
    """

    name: str
    url: Callable[[Path], str]
    absent: Callable[[], str | None] = lambda: None
    missing: Callable[[], str | None] = lambda: None


ADAPTERS = (
    Adapter("sqlite", url=lambda folder: f"sqlite:///{folder / 'bus'}"),
    Adapter(
        "kafka",
        url=lambda _: f"kafka://{kafka.shared().address}/{uuid4().hex}",
        absent=kafka.absent,
        missing=kafka.missing,
    ),
)


def report() -> str:
    """One line that says on which adapters the suite runs, and which it skips and why."""
    here = [adapter.name for adapter in ADAPTERS if adapter.absent() is None]
    skipped = [f"{adapter.name} ({adapter.absent()})" for adapter in ADAPTERS if adapter.absent() is not None]
    return f"bus adapters: {', '.join(here)}; skipped: {', '.join(skipped) or 'none'}"
