"""Verifies a backup, and puts it into an empty data folder."""

from pathlib import Path
from typing import Annotated

import typer

from cli.faults import say
from cli.screen import screen
from gateway.runtime.backup import restore, verify
from gateway.runtime.settings import load_settings


def command(
    source: Annotated[Path, typer.Argument(help="Folder of the backup.")],
    *,
    only_verify: Annotated[bool, typer.Option("--verify", help="Only check it; change nothing.")] = False,
) -> None:
    """Restore into the data folder of the settings, which must be new or empty.

    A backup is verified before anything is written: digests, databases, row counts, and whether its keys open it.
    """
    if only_verify:
        problems = verify(source)
        for problem in problems:
            say(problem)
        if problems:
            raise typer.Exit(1)
        screen().print(f"{source} can be restored.", soft_wrap=True)
        return
    data = load_settings().data
    restore(source, data)
    screen().print(f"Restored into {data}; start the gateway with `gateway up`.", soft_wrap=True)
