"""Plays the demonstration against the running gateway and tells what became of each message."""

import asyncio
import secrets
import signal
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib import import_module
from itertools import groupby
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from cli.demo.citizen import LOOK_SECONDS
from cli.demo.client import Client
from cli.demo.fakes import make_importable
from cli.demo.followed import followed
from cli.demo.play import Played, Stage, play
from cli.demo.report import report
from cli.demo.script import Scene, Script, load_script
from cli.demo.voice import Town
from cli.running import address_from, address_of, readiness
from cli.session import opened
from gateway.errors import Invalid, Unavailable
from gateway.outbox.port import PartState
from gateway.runtime.deployment import Deployment
from gateway.runtime.secret_files import trial_token
from gateway.runtime.sending.circuit import LONGEST_PAUSE
from gateway.runtime.settings import GatewaySettings, Profile, load_settings
from schemas.topics import CHANNELS

WAIT_SECONDS = 30.0


def command(
    *,
    url: Annotated[str | None, typer.Option(help="Where the gateway answers; by default as the settings say.")] = None,
    wait: Annotated[float, typer.Option(min=1, help="Seconds to wait for each result.")] = WAIT_SECONDS,
) -> None:
    """Demonstrate.

    Citizens write on every channel: as the app, a browser and callers do, and over a Zalo, a Facebook and mail servers
    that are started for it on this machine and end with it; an operator reviews and answers over the command topics. It
    can be repeated: every run has users of its own. Exit code 1 says that a message ended otherwise than expected.
    """
    settings = load_settings()
    if settings.profile is not Profile.TRIAL:
        raise Invalid("trial_only", "The demonstration makes tickets that nobody meant: it runs on a trial only.")
    make_importable()
    if url is not None:
        _ready(settings, url)
    # Whoever ends the process ends what it started: like Ctrl-C, after which asyncio lets every block end in order.
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, lambda *_: signal.raise_signal(signal.SIGINT))
    played = asyncio.run(_demonstrate(settings, url, wait))
    report(played)
    if any(one.faults for one in played):
        raise typer.Exit(1)


async def _demonstrate(settings: GatewaySettings, url: str | None, wait: float) -> Sequence[Played]:
    script, run = load_script(), secrets.token_hex(4)
    async with opened(settings) as deployment:
        addresses = {
            channel: _ready(settings, await address_from(deployment, service, url))
            for channel, service in CHANNELS.items()
        }
        async with (
            _client(deployment, addresses["web"]) as client,
            followed(deployment) as published,
            _built(deployment, addresses, run) as town,
        ):
            known = script.province == deployment.province.code
            return await _play_all(script, Stage(client, town, published, deployment, run, wait, known))


def _ready(settings: GatewaySettings, url: str | None) -> str:
    """The address, else that of the settings, if messages are taken there; raises `Unavailable("no_gateway")`."""
    found = readiness(settings, url)
    if found["state"] not in ("ready", "unknown"):
        sentence = f"No gateway takes messages at {found['address']} ({found['state']}); start it with `gateway up`."
        raise Unavailable("no_gateway", sentence)
    return address_of(settings, url)


@asynccontextmanager
async def _client(deployment: Deployment, address: str) -> AsyncIterator[Client]:
    folder = deployment.folder.secrets
    client = Client(address, app_key=trial_token(folder, "app"), operator_key=trial_token(folder, "operator"))
    try:
        yield client
    finally:
        await client.close()


def _built(deployment: Deployment, addresses: Mapping[str, str], run: str) -> AbstractAsyncContextManager[Town]:
    """The other channels' platforms, loaded only now that the fakes can be."""
    made: AbstractAsyncContextManager[Town] = import_module("cli.demo.town").built(deployment, addresses, run)
    return made


async def _earlier_replies(stage: Stage) -> None:
    """Wait until what an interrupted run left is out of the way: a channel that was down is tried more and more seldom.

    Ends at the latest when every pause is over; what is wrong then shows in the play.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + LONGEST_PAUSE + stage.wait
    for channel in stage.town.voices:
        while loop.time() < end:
            counts = await stage.deployment.outbox.counts(channel)
            if not counts[PartState.WAITING] + counts[PartState.SENDING]:
                break
            await asyncio.sleep(LOOK_SECONDS)


async def _play_all(script: Script, stage: Stage) -> Sequence[Played]:
    """Citizens side by side, each one's scenes in order: a duplicate must find what it repeats."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        shown = progress.add_task("replies of an earlier run arrive first", total=len(script.scenes))
        await _earlier_replies(stage)
        progress.update(shown, description="citizens write and wait")

        async def one_after_another(scenes: Iterable[Scene]) -> list[Played]:
            played = []
            for scene in scenes:
                played.append(await play(scene, stage))
                progress.update(shown, description=scene.about, advance=1)
            return played

        by_user = [list(scenes) for _, scenes in groupby(script.scenes, key=lambda scene: scene.user)]
        playing = [asyncio.create_task(one_after_another(scenes)) for scenes in by_user]
        try:
            # The first error is told alone: what keeps one citizen from writing keeps all of them.
            return [played for of_user in await asyncio.gather(*playing) for played in of_user]
        finally:
            for task in playing:
                task.cancel()
            await asyncio.gather(*playing, return_exceptions=True)
