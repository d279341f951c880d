"""Moves an embedded gateway into a cluster: drained, copied, compared, and the old data folder marked."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from cli.faults import say
from cli.screen import print_rows, screen, table
from cli.session import opened
from gateway.bus.opening import KAFKA
from gateway.errors import Conflict, Invalid, Unavailable
from gateway.mongo.address import is_mongo
from gateway.runtime.data_folder import DataFolder
from gateway.runtime.deployment import Deployment, open_deployment
from gateway.runtime.migration.comparing import Compared
from gateway.runtime.migration.draining import drain, waiting
from gateway.runtime.migration.marks import shown
from gateway.runtime.migration.moving import CopyDiffers, counted, finish, finished, move, take
from gateway.runtime.process import opened_services
from gateway.runtime.service import Consumer, Service
from gateway.runtime.settings import GatewaySettings, load_settings, named_errors
from schemas.topics import CHANNELS
from services.all_in_one import services
from services.dispatcher import wiring as dispatcher
from services.dispatcher.agency_topics import agency_consumers

SERVICES = (*CHANNELS.values(), "normalizer", "dispatcher", "upkeep")
PATIENCE_SECONDS = 600.0


def command(
    *,
    to_bus: Annotated[
        str, typer.Option("--to-bus", metavar="kafka://…", help="The cluster's bus; by default GATEWAY_BUS_URL.")
    ] = "",
    to_store: Annotated[
        str, typer.Option("--to-store", metavar="mongodb://…", help="Its store; by default GATEWAY_STORE_URL.")
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count what would be moved; change nothing.")] = False,
    wait: Annotated[
        float, typer.Option(min=1, help="Seconds to let the stages finish what is under way.")
    ] = PATIENCE_SECONDS,
) -> None:
    """Move everything in GATEWAY_DATA into an empty cluster.

    No service may run meanwhile. What is under way on the embedded topics is handled first, then everything that must
    be kept is copied and compared; topics start empty. Interrupted, it is to be run again and goes on where it was. At
    the end the data folder is marked, and only the cluster can be started; its keys stay in the folder and are needed.
    """
    to, embedded = _settings(to_bus, to_store)
    if dry_run:
        asyncio.run(_count(embedded))
        return
    try:
        rows = asyncio.run(_move(to, embedded, wait))
    except CopyDiffers as error:
        _print(error.rows)
        raise
    _print(rows)
    _tell(to)


def _settings(to_bus: str, to_store: str) -> tuple[GatewaySettings, GatewaySettings]:
    """Where it goes, and where it lies; raises `Invalid("settings")` or `Invalid("no_target")`."""
    given = load_settings()
    target = {"bus_url": to_bus or given.bus_url, "store_url": to_store or given.store_url}
    if not target["bus_url"].startswith(KAFKA) or not is_mongo(target["store_url"]):
        raise Invalid("no_target", "Name a bus and a store: --to-bus kafka://… and --to-store mongodb://….")
    return _with(given, target), _with(given, {"bus_url": "", "store_url": ""})


def _with(settings: GatewaySettings, changed: dict[str, str]) -> GatewaySettings:
    values: dict[str, Any] = {**settings.model_dump(), **changed}
    try:
        return GatewaySettings.model_validate(values)
    except ValidationError as error:
        raise Invalid("settings", named_errors("GATEWAY_", error)) from None


async def _opened(embedded: GatewaySettings) -> Deployment:
    """The embedded gateway, which nobody else uses from now on; raises `Conflict` where somebody does."""
    folder = DataFolder(embedded.data)
    folder.refuse_moved()
    if not folder.store.exists():
        raise Unavailable("no_data", f"No gateway has run on {embedded.data} yet; there is nothing to move.")
    deployment = await open_deployment(embedded)
    try:
        for service in SERVICES:
            deployment.only_copy(service)
        deployment.alone()
    except Conflict:
        await deployment.close()
        raise
    return deployment


async def _move(to: GatewaySettings, embedded: GatewaySettings, wait: float) -> Sequence[Compared]:
    """What was moved, by kind; nothing when that was done before."""
    if await finished(to, DataFolder(embedded.data)):
        return ()
    source = await _opened(embedded)
    try:
        await take(to, source.identity.fingerprint())
        async with opened_services(source, services()) as running:
            say("letting every stage finish what is under way")
            await drain(source, await _consumers(source, running), patience=wait, say=say)
        rows = await move(source, to, say)
        await finish(to, source)
    finally:
        await source.close()
    return rows


async def _consumers(source: Deployment, running: Sequence[Service]) -> Sequence[Consumer]:
    """Everything that the services read."""
    agencies = await agency_consumers(source, dispatcher.service(source), dispatcher.STAGE)
    return [*(one for service in running for one in service.consumers), *agencies]


async def _count(embedded: GatewaySettings) -> None:
    """Says what there is at this moment; services may run."""
    async with opened(embedded) as source, opened_services(source, services()) as running:
        left = await waiting(source, await _consumers(source, running))
        rows = await counted(source)
    made = table("What would be moved", "what", "records")
    print_rows(made, [[row.kind, f"{row.here:,}"] for row in rows], empty="There is nothing to move.")
    for one in left:
        screen().print(f"To be handled before: {one}.", soft_wrap=True)


def _print(rows: Sequence[Compared]) -> None:
    made = table("Moved and compared", "what", "in the data folder", "in the cluster", "digests", "")
    cells = [
        [
            row.kind,
            f"{row.here:,}",
            f"{row.there:,}",
            row.digest_here if row.equal else f"{row.digest_here} {row.digest_there}",
            "equal" if row.equal else "DIFFERENT",
        ]
        for row in rows
    ]
    if cells:
        print_rows(made, cells, empty="")


def _tell(to: GatewaySettings) -> None:
    """What is to be done now."""
    console = screen()
    console.print("Everything is in the cluster; the data folder cannot be started without it any more.")
    console.print(f"  set GATEWAY_BUS_URL to {shown(to.bus_url)}, with the user it needs", soft_wrap=True)
    console.print(f"  set GATEWAY_STORE_URL to {shown(to.store_url)}, with the user it needs", soft_wrap=True)
    console.print(f"  keep {to.data / 'secrets'}: every machine needs these keys", soft_wrap=True)
