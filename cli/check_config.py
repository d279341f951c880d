"""Checks everything that a start needs, without starting or making anything."""

import typer

from cli.checks import Check, every_check
from cli.faults import say
from cli.screen import screen


def command() -> None:
    """Check the configuration.

    Every fault is listed at once; the exit code is 1 when there is any.
    """
    failed = False
    for check in every_check():
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
