"""The bus's adapters that the contract suite runs on; a further one is one entry here."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Adapter:
    """How the suite reaches one adapter: a URL for a fresh, empty deployment, or why there is none here."""

    name: str
    url: Callable[[Path], str]
    missing: Callable[[], str | None]


ADAPTERS = (Adapter("sqlite", url=lambda folder: f"sqlite:///{folder / 'bus'}", missing=lambda: None),)


def report() -> str:
    """One line that says on which adapters the suite runs, and which it skips and why."""
    here = [adapter.name for adapter in ADAPTERS if adapter.missing() is None]
    skipped = [f"{adapter.name} ({adapter.missing()})" for adapter in ADAPTERS if adapter.missing() is not None]
    return f"bus adapters: {', '.join(here)}; skipped: {', '.join(skipped) or 'none'}"
