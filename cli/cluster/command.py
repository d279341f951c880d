"""Runs broker, store and every service as processes of their own on this machine, until told to stop."""

import asyncio
import signal
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.text import Text

from cli.cluster.pieces import ONE_BROKER, SERVICES, Piece, servers, services
from cli.cluster.supervising import Supervisor
from cli.faults import say
from cli.screen import screen
from gateway.errors import Invalid, Unavailable
from gateway.runtime.service import stop_on_signals
from gateway.runtime.settings import GatewaySettings, Profile, load_settings

SERVERS_SECONDS = 180.0
"""The first start of a broker fetches and formats what it needs."""

SERVICES_SECONDS = 120.0


def command(
    *,
    with_servers: Annotated[
        bool, typer.Option("--servers/--no-servers", help="Start broker and store at the ports that the URLs name.")
    ] = True,
    copies: Annotated[
        list[str] | None, typer.Option(help="More copies of a service, as name=number; may be given again.")
    ] = None,
) -> None:
    """Run a cluster on this machine.

    GATEWAY_BUS_URL and GATEWAY_STORE_URL say where broker and store are; services get the ports from GATEWAY_PORT on.
    What dies is started again. Ctrl-C or SIGTERM ends everything in order.
    """
    settings = load_settings()
    if not settings.clustered:
        raise Invalid("no_cluster", "GATEWAY_BUS_URL and GATEWAY_STORE_URL must both be set; `make run-cluster` does.")
    if with_servers and settings.profile is Profile.PRODUCTION:
        raise Invalid("trial_only", "Servers are started for a trial only; in production --no-servers.")
    wanted = _copies(copies or [])
    asyncio.run(_run(settings, servers(settings) if with_servers else (), services(settings, wanted)))


def _copies(given: list[str]) -> dict[str, int]:
    found = {}
    for one in given:
        name, _, number = one.partition("=")
        if name not in SERVICES or not number.isdecimal():
            raise Invalid("bad_copies", f"--copies takes name=number, with a name of {', '.join(SERVICES)}.")
        found[name] = int(number)
    return found


async def _run(settings: GatewaySettings, below: Sequence[Piece], above: Sequence[Piece]) -> None:
    stop = asyncio.Event()
    stop_on_signals(stop)
    supervisor = Supervisor(settings.data / "logs", say)
    starting = asyncio.create_task(_start(supervisor, settings, below, above))
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            starting.result()
            await stopping
    except TimeoutError as error:
        raise Unavailable("not_up", str(error)) from error
    finally:
        for task in (starting, stopping):
            task.cancel()
        await asyncio.gather(starting, stopping, return_exceptions=True)
        # A second Ctrl-C must not leave processes behind.
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, say, "Everything is being ended.")
        await supervisor.end()


async def _start(
    supervisor: Supervisor, settings: GatewaySettings, below: Sequence[Piece], above: Sequence[Piece]
) -> None:
    await supervisor.start(below, within=SERVERS_SECONDS)
    await supervisor.start(above, within=SERVICES_SECONDS)
    console = screen()
    console.print(Text(f"The gateway takes messages at {above[0].address}", style="bold green"))
    for piece in (*below, *above):
        console.print(f"  {piece.name:<16}{piece.address}", soft_wrap=True)
    console.print(f"  {'logs':<16}{(settings.data / 'logs').absolute()}", soft_wrap=True)
    console.print("Commands find all of it by three variables:")
    for name, value in variables(settings).items():
        console.print(f"  export {name}={value}", soft_wrap=True)
    console.print("Try it in another terminal: make demo-cluster")


def variables(settings: GatewaySettings) -> dict[str, str]:
    """What a command needs to know of this cluster."""
    return {
        "GATEWAY_DATA": str(settings.data.absolute()),
        "GATEWAY_BUS_URL": settings.bus_url,
        "GATEWAY_STORE_URL": settings.store_url,
        "KAFKA_REPLICATION_FACTOR": ONE_BROKER["KAFKA_REPLICATION_FACTOR"],
    }
