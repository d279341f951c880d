"""What every consumer of one bus stands on: the bus's parts and settings."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import apsw

from gateway.bus.sqlite.layout import micros
from gateway.bus.sqlite.lease import Term
from gateway.bus.sqlite.stages import StageFiles
from gateway.bus.sqlite.waking import Waker
from gateway.sqlite.writer import Writer
from schemas.envelope import Message


@dataclass(frozen=True, slots=True)
class Ground:
    """The parts of a bus; `check` refuses what may not be published, `append` writes it in a transaction."""

    folder: Path
    stage: str
    files: StageFiles
    writer: Writer
    waker: Waker
    clock: Callable[[], datetime]
    batch: int
    lease_seconds: float
    check: Callable[[tuple[Message, ...]], None]
    append: Callable[[apsw.Connection, tuple[Message, ...]], None]

    def term(self) -> Term:
        """A lease's term from now."""
        return Term(now=micros(self.clock()), length=timedelta(seconds=self.lease_seconds) // timedelta(microseconds=1))
