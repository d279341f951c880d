"""`gateway cluster` keeps its processes running, and leaves none behind."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest

from cli.cluster.pieces import Piece, servers, services
from cli.cluster.supervising import Supervisor, answers
from gateway.errors import Invalid
from gateway.runtime.settings import GatewaySettings
from tests.ports import free_port

LISTENS = "import socket,sys,time; s=socket.create_server(('127.0.0.1', int(sys.argv[1]))); print('up'); time.sleep({})"
SECONDS = 30.0


def piece(name: str, code: str) -> Piece:
    port = free_port()
    return Piece(name, (sys.executable, "-c", code, str(port)), {}, "127.0.0.1", port)


def settings_of(**more: str) -> GatewaySettings:
    urls = {"bus_url": "kafka://127.0.0.1:9092", "store_url": "mongodb://127.0.0.1:27017/gateway"}
    given: dict[str, Any] = {**urls, **more}
    return GatewaySettings(_env_file=None, port=9000, **given)


async def test_what_ends_is_started_again_and_told(tmp_path: Path) -> None:
    told: list[str] = []
    again = asyncio.Event()

    def say(line: str) -> None:
        told.append(line)
        if len(told) > 1:
            again.set()

    supervisor = Supervisor(tmp_path / "logs", say)
    try:
        await supervisor.start([piece("short", LISTENS.format(0.5))], within=SECONDS)
        await asyncio.wait_for(again.wait(), SECONDS)
    finally:
        await supervisor.end()
    assert told[0].startswith("short ended (status 0); it is started again in 1 s.")


async def test_all_are_ended(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path / "logs", lambda _: None)
    pieces = [piece(name, LISTENS.format(600)) for name in ("one", "other")]
    await supervisor.start(pieces[:1], within=SECONDS)
    await supervisor.start(pieces[1:], within=SECONDS)
    await supervisor.end()
    assert not any(answers(one) for one in pieces)


async def test_who_does_not_come_up_is_named(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path / "logs", lambda _: None)
    try:
        with pytest.raises(TimeoutError, match="deaf did not come up"):
            await supervisor.start([piece("deaf", "import time; time.sleep(600)")], within=0.5)
    finally:
        await supervisor.end()


def test_every_process_has_a_port_of_its_own() -> None:
    made = services(settings_of(), {"normalizer": 3})
    assert [one.name for one in made].count("normalizer") == 1
    assert {"normalizer-2", "normalizer-3"} <= {one.name for one in made}
    assert [one.port for one in made] == list(range(9000, 9009))


def test_servers_are_started_on_this_machine_only() -> None:
    assert [one.port for one in servers(settings_of())] == [9092, 27017]
    with pytest.raises(Invalid, match="GATEWAY_BUS_URL"):
        servers(settings_of(bus_url="kafka://broker.example:9092"))
