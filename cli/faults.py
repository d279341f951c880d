"""Makes a function a command: foreseeable trouble is one line on standard error and exit code 1, its help flows."""

import sys
from collections.abc import Callable
from functools import wraps
from inspect import cleandoc
from typing import ParamSpec

import typer

from gateway.errors import GatewayError

P = ParamSpec("P")


def guarded(command: Callable[P, None]) -> Callable[P, None]:
    """The command with its foreseeable errors told in words, and its docstring as help."""

    @wraps(command)
    def told(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except GatewayError as error:
            complain(error)
            raise typer.Exit(1) from None
        except BrokenPipeError:
            raise
        except OSError as error:
            say(f"{type(error).__name__}: {error.strerror or 'the system refused'}")
            raise typer.Exit(1) from None

    told.__doc__ = flowing(command.__doc__ or "")
    return told


def flowing(docstring: str) -> str:
    """A docstring as help: its paragraphs are lines, which wrap with the window and not where the source did."""
    paragraphs = cleandoc(docstring).split("\n\n")
    return "\n\n".join(paragraph.replace("\n", " ") for paragraph in paragraphs)


def complain(error: GatewayError) -> None:
    """The error, and below it every single fault where it carries several."""
    say(str(error))
    faults: tuple[str, ...] = getattr(error, "errors", ())
    for fault in faults:
        say(f"  {fault}")


def say(line: str) -> None:
    """One line for a person, beside the output proper."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
