"""Registers every command by name and loads only the one that is asked for, so that `gateway --help` is quick."""

import sys
from collections.abc import Callable, Sequence
from importlib import import_module

import typer

from cli.faults import flowing, guarded

COMMANDS: dict[str, tuple[str, str]] = {
    "up": ("cli.up", "Run the gateway until it is told to stop."),
    "cluster": ("cli.cluster.command", "Run broker, store and each service as processes of this machine."),
    "status": ("cli.status", "Is it ready, is anything waiting, what became of the messages."),
    "top": ("cli.top.command", "The overview: channels, stages, alarms with what to do, until interrupted."),
    "demo": ("cli.demo.command", "Play citizens on every channel against the running gateway."),
    "submissions": ("cli.submissions", "List submissions by outcome: what waits for an operator."),
    "withdrawals": ("cli.withdrawals", "Citizens who want their data erased or restricted; what was seen to."),
    "agencies": ("cli.agencies", "List agencies, or find the one that some words are about."),
    "tickets": ("cli.tickets", "List tickets, the latest first."),
    "show": ("cli.show", "Everything that happened to one submission: who, what, when."),
    "files": ("cli.files", "What a citizen attached: list it, or write a copy of one file."),
    "review": ("cli.review", "An operator's verdict: accept, reject, redirect, or route to an agency."),
    "answer": ("cli.answer", "Give the citizen the answer and close the ticket."),
    "route": ("cli.route", "Which past tickets a changed routing file would move; moves nothing."),
    "explain": ("cli.explain", "What would become of a message, and which words decide it."),
    "read": ("cli.read", "What a channel reads out of raw payloads; writes nothing."),
    "reread": ("cli.reread", "Read recorded messages again after a reader was mended."),
    "topics": ("cli.topics", "Every topic with its messages and records; access to them on a cluster."),
    "tail": ("cli.tail", "Print the records of a topic."),
    "outbox": ("cli.outbox", "Replies that are unknown, failed or waiting, and an operator's word on them."),
    "dlq": ("cli.dlq", "Look at dead letters and put them back."),
    "reconcile": ("cli.reconcile", "Publish again what was recorded and never arrived."),
    "channels": ("cli.channels", "How each channel is, and what to do about it."),
    "zalo": ("cli.zalo", "The Zalo channel: access to each Official Account, and consent for it."),
    "check-config": ("cli.check_config", "Check settings, province, lexicon, secrets and disk; every fault at once."),
    "keys": ("cli.keys", "Make the keys that production demands, and change the master key."),
    "rebuild": ("cli.rebuild", "Build lists and lookups anew from the histories."),
    "migrate": ("cli.migrate", "Move an embedded gateway into a cluster."),
    "backup": ("cli.backup", "Copy the data folder while the gateway runs."),
    "restore": ("cli.restore", "Verify a backup, and put it into an empty data folder."),
}
"""Command to its module and its one line of help, in the order in which they are listed.

A module has `command`, a function that typer understands, or `commands()`, which gives a group of them.
"""


INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""


def make_app(wanted: str | None) -> typer.Typer:
    """The command line with the wanted command loaded; the others are there by name and help only."""
    app = typer.Typer(
        help="One gateway from every channel of a province's hotline 1022 to the right agency's queue.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    # Without a callback typer would take a single command for the whole application.
    app.callback()(_everywhere)
    for name, (module, about) in COMMANDS.items():
        loaded = import_module(module) if name == wanted else None
        if loaded is None:
            app.command(name, help=about)(_listed)
        elif hasattr(loaded, "commands"):
            app.add_typer(loaded.commands(), name=name, help=about)
        else:
            command: Callable[..., None] = loaded.command
            app.command(name, help=f"{about}\n\n{_more(command)}")(guarded(command))
    return app


def wanted_command(arguments: Sequence[str]) -> str | None:
    """The first word that is no option; the options of the whole command line take no values."""
    return next((word for word in arguments if not word.startswith("-")), None)


def main() -> None:
    """Entry of the installed command."""
    try:
        app = make_app(wanted_command(sys.argv[1:]))
    except KeyboardInterrupt:
        # Loading a command takes a moment, in which Ctrl-C means what it means later.
        sys.exit(INTERRUPTED)
    app()


def _more(command: Callable[..., None]) -> str:
    """The command's own docstring after its first line, which the table replaces."""
    return flowing(command.__doc__ or "").partition("\n")[2]


def _everywhere() -> None:
    """Nothing is common to all commands but their settings, which come from the environment and `.env`."""


def _listed() -> None:
    """Stands for a command that was not asked for."""


if __name__ == "__main__":
    main()
