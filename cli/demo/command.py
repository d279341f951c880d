"""Plays the demonstration against the running gateway and tells what became of each message."""

import asyncio
import secrets
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from cli.demo.client import Client
from cli.demo.play import Played, Stage, play
from cli.demo.script import Scene, load_script
from cli.faults import say
from cli.running import address_of, readiness
from cli.screen import print_rows, screen, table
from cli.session import opened
from gateway.errors import Invalid, Unavailable
from gateway.runtime.deployment import Deployment
from gateway.runtime.secret_files import trial_token
from gateway.runtime.settings import GatewaySettings, Profile, load_settings

WAIT_SECONDS = 15.0


def command(
    *,
    url: Annotated[str | None, typer.Option(help="Where the gateway answers; by default as the settings say.")] = None,
    wait: Annotated[float, typer.Option(min=1, help="Seconds to wait for each result.")] = WAIT_SECONDS,
) -> None:
    """Demonstrate.

    Citizens write as the app, a browser and callers do; an operator reviews and answers over the command topics. It
    can be repeated: every run has users of its own. Exit code 1 says that a message ended otherwise than expected.
    """
    settings = load_settings()
    if settings.profile is not Profile.TRIAL:
        raise Invalid("trial_only", "The demonstration makes tickets that nobody meant: it runs on a trial only.")
    state = readiness(settings, url)["state"]
    if state not in ("ready", "unknown"):
        sentence = f"No gateway takes messages at {address_of(settings, url)} ({state}); start it with `gateway up`."
        raise Unavailable("no_gateway", sentence)
    played = asyncio.run(_demonstrate(settings, address_of(settings, url), wait))
    _report(played)
    if any(one.faults for one in played):
        raise typer.Exit(1)


async def _demonstrate(settings: GatewaySettings, address: str, wait: float) -> Sequence[Played]:
    async with opened(settings) as deployment:
        client = _client(deployment, address)
        try:
            script = load_script()
            known = script.province == deployment.province.code
            stage = Stage(client, deployment, secrets.token_hex(4), wait, known)
            return await _play_all(script.scenes, stage)
        finally:
            await client.close()


def _client(deployment: Deployment, address: str) -> Client:
    folder = deployment.folder.secrets
    return Client(address, app_key=trial_token(folder, "app"), operator_key=trial_token(folder, "operator"))


async def _play_all(scenes: Sequence[Scene], stage: Stage) -> Sequence[Played]:
    """One after another: a duplicate must find what it repeats."""
    played = []
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=len(scenes))
        for scene in scenes:
            progress.update(task, description=scene.about)
            played.append(await play(scene, stage))
            progress.advance(task)
    return played


def _report(played: Sequence[Played]) -> None:
    made = table("What became of them", "message", "by", "outcome", "code", "agency", "replies", "")
    rows = [
        [
            one.scene.about,
            one.scene.by,
            one.outcome,
            one.code,
            one.agency,
            ", ".join(one.replies) or "-",
            "otherwise" if one.faults else "ok",
        ]
        for one in played
    ]
    print_rows(made, rows, empty="Nobody wrote.")
    wrong = [one for one in played if one.faults]
    for one in wrong:
        for fault in one.faults:
            say(f"{one.scene.name}: {fault}")
    if not wrong:
        screen().print(f"All {len(played)} ended as expected. Look closer: gateway show {played[0].code}")
