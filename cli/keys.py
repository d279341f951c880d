"""The keys of a data folder: made for production, and the master key changed for a new one."""

import asyncio

import typer

from cli.faults import guarded
from cli.screen import screen
from cli.session import opened
from gateway.errors import Invalid
from gateway.runtime.data_folder import DataFolder
from gateway.runtime.secret_files import KEYS, make_key
from gateway.runtime.settings import load_settings
from gateway.vault.provider import add_master_key
from schemas.topics import CHANNELS


def commands() -> typer.Typer:
    """The group `gateway keys`."""
    group = typer.Typer(no_args_is_help=True)
    group.command("make")(guarded(make))
    group.command("rotate")(guarded(rotate))
    return group


def make() -> None:
    """Make the keys that production demands, before the first start; those that are there stay as they are.

    Back them up before the first message: what is sealed with a lost key cannot be opened by anybody.
    """
    folder = DataFolder(load_settings().data)
    if folder.store.exists():
        raise Invalid("data_exists", "A gateway has run on this data folder: a key that is missing must be restored.")
    folder.create()
    for name in KEYS:
        state = "made" if make_key(folder.secrets, name) else "was there"
        screen().print(f"{folder.secrets / name}.key {state}", soft_wrap=True)


def rotate() -> None:
    """Change the master key for a new one and wrap every data key under it, while no service runs.

    Earlier master keys stay in the file below the new one. Interrupted, it is to be run again.
    """
    changed = asyncio.run(_rotate())
    screen().print(f"{changed} data keys are wrapped under the new master key; back up master.key now.")


async def _rotate() -> int:
    async with opened() as deployment:
        # A running process has read the key file already, and could not open what is wrapped under the new key.
        for service in (*CHANNELS.values(), "normalizer", "dispatcher", "upkeep"):
            deployment.only_copy(service)
        add_master_key(deployment.folder.master_keys)
        async with opened() as renewed:
            return await renewed.vault.rewrap_all()
