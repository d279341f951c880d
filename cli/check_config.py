"""Checks everything that a start needs, without starting or making anything."""

from typing import Annotated

import typer

from cli.checks import Check, every_check
from cli.faults import say
from cli.screen import screen


def command(
    *,
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask no other machine: the broker may not run yet.")
    ] = False,
) -> None:
    """Check the configuration.

    Every fault is listed at once; the exit code is 1 when there is any.
    """
    failed = False
    for check in every_check(offline=offline):
        failed = failed or bool(check.faults)
        _print(check)
    if failed:
        raise typer.Exit(1)


def _print(check: Check) -> None:
    if not check.faults:
        screen().print(f"ok     {check.name:<10}  {check.found}", soft_wrap=True)
        return
    for fault in check.faults:
        say(f"fault  {check.name:<10}  {fault}")
