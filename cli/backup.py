"""Copies the data folder while the gateway runs."""

from pathlib import Path
from typing import Annotated

import typer

from cli.screen import screen
from gateway.runtime.backup import backup
from gateway.runtime.settings import load_settings


def command(
    target: Annotated[Path, typer.Argument(file_okay=False, help="A new or empty folder.")],
) -> None:
    """Back up.

    All databases are copied as of one instant; the keys are in it, so keep it as safe as the data folder itself.
    """
    manifest = backup(load_settings().data, target)
    size = sum(entry.size for entry in manifest.entries)
    console = screen()
    console.print(f"Backed up as of {manifest.cut_at.isoformat(timespec='milliseconds')} into {target}", soft_wrap=True)
    console.print(f"  {len(manifest.entries)} files, {size:,} bytes, {manifest.rows('commits')} commits")
    console.print(f"  check it: gateway restore --verify {target}", soft_wrap=True)
