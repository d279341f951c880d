"""A data folder filled by the real stages, and the command line run on it."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from typer.testing import CliRunner, Result

from cli.__main__ import make_app, wanted_command
from gateway.runtime.background import projection_consumers
from gateway.runtime.deployment import Deployment, open_deployment
from gateway.runtime.service import Consumer, keep_consuming
from gateway.runtime.settings import GatewaySettings
from schemas.envelope import Message
from schemas.raw import Raw
from schemas.vocabulary import Intake
from services.dispatcher import wiring as dispatcher
from services.normalizer import wiring as normalizer
from services.web_ingest import wiring as web_ingest
from services.web_ingest.receive import Arrival, receive

PROVINCE = Path(__file__).parents[2] / "deploy" / "provinces" / "binh_phuoc"
QUIET_LOOKS = 3
SECONDS = 20.0


def settings_of(data: Path) -> GatewaySettings:
    """A trial on this data folder, whatever the environment of the tests says."""
    return GatewaySettings(_env_file=None, data=data, province=PROVINCE, port=0)


def environment(data: Path) -> Mapping[str, str]:
    """The same for a command."""
    return {
        "GATEWAY_DATA": str(data),
        "GATEWAY_PROVINCE": str(PROVINCE),
        "GATEWAY_PROFILE": "trial",
        "GATEWAY_PORT": "0",
    }


@dataclass(frozen=True)
class Commands:
    """Runs commands on one data folder."""

    data: Path

    def run(self, *arguments: str, stdin: bytes | None = None, **more: str) -> Result:
        """One command; `more` are further variables of its environment."""
        app = make_app(wanted_command(arguments))
        return CliRunner().invoke(app, arguments, input=stdin, env={**environment(self.data), **more})


async def sent(deployment: Deployment, payload: bytes, *, user: str) -> str:
    """A submission of the app, durable; its receipt code."""
    web = web_ingest.web(deployment)
    arrival = Arrival(
        intake=Intake.APP,
        account=deployment.identity.account("web", f"app:{user}"),
        external_id=f"one:{uuid4()}",
        payload=payload,
    )
    return (await receive(web, arrival, datetime.now(UTC))).code


async def spoil(deployment: Deployment) -> None:
    """A record that no stage can read, among the raw ones."""
    await deployment.bus("web_ingest.receive").publish(
        Message(
            topic="raw.web",
            key="0" * 32,
            id=str(uuid4()),
            type=Raw.TYPE,
            source="/test",
            time=datetime.now(UTC),
            value=b'{"secret of a citizen": true}',
        )
    )


@contextlib.asynccontextmanager
async def at_work(deployment: Deployment, *more: Consumer) -> AsyncIterator[list[Consumer]]:
    """Every stage at work until the block ends, and `more` beside the web channel's."""
    consumers: list[Consumer] = [
        *web_ingest.opened(deployment).consumers,
        *normalizer.consumers(deployment, normalizer.load_settings()),
        *dispatcher.consumers(dispatcher.service(deployment)),
        *projection_consumers(deployment),
        *more,
    ]
    tasks = [
        asyncio.create_task(
            keep_consuming(consumer, deployment.bus(consumer.stage), metrics=deployment.metrics, clock=deployment.clock)
        )
        for consumer in consumers
    ]
    try:
        yield consumers
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def drained(deployment: Deployment, consumers: list[Consumer]) -> None:
    """Return once nothing waits before any stage, seen several times in a row."""
    async with asyncio.timeout(SECONDS):
        quiet = 0
        while quiet < QUIET_LOOKS:
            lags = [(await deployment.bus(one.stage).lag(one.topic, group=one.group)).messages for one in consumers]
            quiet = 0 if any(lags) else quiet + 1
            await asyncio.sleep(0.01)


def fill(data: Path, work: Callable[[Deployment], Awaitable[None]]) -> None:
    """Do `work` on a new data folder and let every stage finish what follows from it."""

    async def filling() -> None:
        deployment = await open_deployment(settings_of(data))
        try:
            async with at_work(deployment) as consumers:
                await work(deployment)
                await drained(deployment, consumers)
        finally:
            await deployment.close()

    asyncio.run(filling())


@contextlib.contextmanager
def gateway(data: Path) -> Iterator[None]:
    """Every stage at work in a thread, while commands run."""
    ready, stop = threading.Event(), threading.Event()
    failed: list[BaseException] = []

    async def working() -> None:
        deployment = await open_deployment(settings_of(data))
        try:
            async with at_work(deployment):
                ready.set()
                await asyncio.to_thread(stop.wait)
        finally:
            await deployment.close()

    def run() -> None:
        try:
            asyncio.run(working())
        except BaseException as error:  # noqa: BLE001 - handed on to the test, which would else wait for nothing
            failed.append(error)
        finally:
            ready.set()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert ready.wait(SECONDS)
        yield
    finally:
        stop.set()
        thread.join(SECONDS)
    assert not failed
