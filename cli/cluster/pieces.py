"""What runs in a cluster on one machine: servers first, then each service with a port of its own."""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from gateway.errors import Invalid
from gateway.runtime.settings import GatewaySettings
from schemas.topics import CHANNELS

ROOT = Path(__file__).resolve().parents[2]
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
SERVICES = (*CHANNELS.values(), "normalizer", "dispatcher", "upkeep")

ONE_BROKER = {"KAFKA_REPLICATION_FACTOR": "1", "KAFKA_MIN_INSYNC": "1", "KAFKA_PARTITIONS": "4"}
"""A cluster of one broker keeps one copy of each record; whoever has more brokers says otherwise."""


@dataclass(frozen=True)
class Piece:
    """A process: its command and variables, and where it answers. `probe` is a path, or empty for a bare port."""

    name: str
    command: Sequence[str]
    variables: Mapping[str, str]
    host: str
    port: int
    probe: str = ""

    @property
    def address(self) -> str:
        """Where it answers, for people."""
        return f"http://{self.host}:{self.port}" if self.probe else f"{self.host}:{self.port}"


def servers(settings: GatewaySettings) -> Sequence[Piece]:
    """The broker and the store at the URLs of the settings; raises `Invalid` unless both are on this machine."""
    if not (ROOT / "tests" / "servers").is_dir():
        sentence = "The servers of a trial are started by tests/servers of the project folder, which is not here."
        raise Invalid("no_servers", sentence)
    return (
        _server("kafka", "GATEWAY_BUS_URL", settings.bus_url, settings.data),
        _server("mongo", "GATEWAY_STORE_URL", settings.store_url, settings.data),
    )


def services(settings: GatewaySettings, copies: Mapping[str, int]) -> Sequence[Piece]:
    """Every service, from the port of the settings on; `copies` says of which there are several."""
    names = [(service, number) for service in SERVICES for number in range(copies.get(service, 1))]
    return [
        Piece(
            name=service if number == 0 else f"{service}-{number + 1}",
            command=(sys.executable, "-m", f"services.{service}"),
            variables={**ONE_BROKER, **os.environ, "GATEWAY_PORT": str(settings.port + place)},
            host=settings.host,
            port=settings.port + place,
            probe="/readyz",
        )
        for place, (service, number) in enumerate(names)
    ]


def _server(name: str, variable: str, url: str, data: Path) -> Piece:
    parts = urlsplit(url)
    try:
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    if host not in LOOPBACK or port is None:
        sentence = f"{variable} must name a port of this machine, where {name} is to be started; see --no-servers."
        raise Invalid("not_here", sentence)
    command = (sys.executable, "-m", f"tests.servers.{name}", "--port", str(port), "--data", str(data / name))
    return Piece(name, command, dict(os.environ), host, port)
