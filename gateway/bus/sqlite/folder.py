"""Makes the bus's folder so that neither a power cut nor another user of the machine gets at what it holds."""

import os
from pathlib import Path

from gateway.errors import Unavailable


def make_durably(folder: Path) -> None:
    """Make a missing folder, for this user alone, and its entry durable; raises `Unavailable`."""
    if folder.is_dir():
        return
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        above = os.open(folder.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(above)
        finally:
            os.close(above)
    except OSError as error:
        raise Unavailable("folder_unavailable", type(error).__name__) from error
