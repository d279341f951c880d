"""Runs a channel's reader over raw payloads, so that captured ones can be compared with what is read today."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.readers import READERS
from cli.screen import print_json
from gateway.errors import Invalid
from schemas.vocabulary import Intake


def command(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="One raw payload each.")],
    *,
    channel: Annotated[str, typer.Option(help="Channel that the payloads came by.")],
    intake: Annotated[Intake, typer.Option(help="How they came in, where the channel leaves it open.")] = Intake.APP,
    received: Annotated[datetime | None, typer.Option(help="Time of receipt, UTC; now by default.")] = None,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="JSON lines: the only form there is.")] = True,  # noqa: ARG001 - part of the documented command line; it chooses nothing yet
) -> None:
    """Read payloads.

    One line a file, in order: what is read, or {"ignored": reason} or {"error": reason}. A payload that cannot be read
    is a finding, not a failure: the exit code stays 0.
    """
    reader = READERS.get(channel)
    if reader is None:
        raise Invalid("unknown_channel", f"Readers exist for: {', '.join(sorted(READERS))}.")
    at = received.replace(tzinfo=UTC) if received is not None else datetime.now(UTC)
    for line in reader(files, intake, at):
        print_json(line)
