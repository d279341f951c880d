"""What every consumer of one bus stands on: the bus's parts and settings."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import apsw

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
    batch: int
    lease_seconds: float
    check: Callable[[tuple[Message, ...]], None]
    append: Callable[[apsw.Connection, tuple[Message, ...]], None]
