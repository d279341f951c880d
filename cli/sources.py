"""Opens what a command reads: a named file, or standard input for `-`."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from gateway.errors import Invalid

STANDARD_INPUT = Path("-")


@contextmanager
def source_of(path: Path) -> Iterator[IO[bytes]]:
    """The bytes of a file or of standard input; raises `Invalid("no_such_file")`."""
    if path == STANDARD_INPUT:
        yield sys.stdin.buffer
        return
    if not path.is_file():
        raise Invalid("no_such_file", "The file to read is not there, or is no file.")
    with path.open("rb") as source:
        yield source
