"""Writes down who was given a citizen's file: one line each, kept with the data and without anything personal."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from gateway.errors import Unavailable


def note_access(
    path: Path, *, at: datetime, by: str, code: str, number: int, form: Literal["copy", "original"]
) -> None:
    """Append one line, durable on return, so that no file is given out unrecorded; raises `Unavailable`.

    `by` is the code of an operator, `code` a receipt code, `number` the file's place in the submission.
    """
    line = {"at": at.astimezone(UTC).isoformat(), "by": by, "code": code, "file": number, "form": form}
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            # One write of a short line: appended as a whole, whoever else appends.
            os.write(descriptor, json.dumps(line).encode() + b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise Unavailable("access_log_unavailable", type(error).__name__) from error
