"""Over TLS and with a password all works as without, and a clear reason is given where one does not trust the other."""

import asyncio
import logging
import os
import signal
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from gateway.bus.kafka import KafkaBus
from gateway.bus.kafka.cluster import cluster_of
from gateway.bus.kafka.settings import KafkaSettings, Mechanism, Protocol
from gateway.errors import Invalid, Unavailable
from gateway.runtime.ground import refuse_unsafe
from gateway.runtime.process import STOP_SECONDS
from gateway.runtime.settings import GatewaySettings
from tests.contract.bus_play import Seen, caught_up, consuming, eventually, everything, forwarded, ids, message
from tests.servers import kafka
from tests.servers.certificates import Authority
from tests.servers.kafka import KafkaBroker
from tests.unit.filled import Commands

USER, PASSWORD, WRONG = "gateway", "right-horse-battery", "wrong-horse-battery"

pytestmark = pytest.mark.timeout(300)


@dataclass(frozen=True)
class Secured:
    """A broker that asks for a password over TLS, and whom it and others are vouched for by."""

    broker: KafkaBroker
    ours: Authority
    others: Authority

    @property
    def url(self) -> str:
        """Where it asks for both."""
        return f"kafka://{self.broker.address_of_users}/secured"

    def settings(self, **changed: object) -> KafkaSettings:
        """Those that fit, with some changed."""
        known: dict[str, Any] = {
            "security_protocol": Protocol.SASL_SSL,
            "sasl_user": USER,
            "sasl_password": SecretStr(PASSWORD),
            "ca_file": self.ours.ca_file,
            "publish_seconds": 10.0,
            "partitions": 2,
        }
        return KafkaSettings(**(known | changed))


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    missing = kafka.missing()
    if missing is not None:
        pytest.skip(missing)
    folder = tmp_path_factory.mktemp("tls")
    ours, others = Authority(folder, "ours"), Authority(folder, "others")
    broker = KafkaBroker(
        folder / "broker",
        users={USER: PASSWORD},
        certificate=ours.certificate("127.0.0.1"),
        settings={**kafka.TESTING, "super.users": f"User:ANONYMOUS;User:{USER}"},
    )
    broker.start()
    yield Secured(broker, ours, others)
    broker.stop()


def open_transports() -> list[asyncio.Transport]:
    """Those of this loop whose sockets are not closed."""
    loop: Any = asyncio.get_running_loop()
    return [transport for transport in loop._transports.values() if transport._sock is not None]


def opened(url: str, settings: KafkaSettings, stage: str = "normalizer") -> KafkaBus:
    return KafkaBus(cluster_of(url, settings), stage, clock=lambda: datetime.now(UTC), session_seconds=3.0)


@pytest.mark.parametrize("mechanism", [Mechanism.SCRAM_SHA_512, Mechanism.PLAIN])
async def test_all_that_a_bus_does_goes_over_tls(secured: Secured, mechanism: Mechanism) -> None:
    url = f"{secured.url}-{mechanism.value.lower()}"
    bus = opened(url, secured.settings(sasl_mechanism=mechanism))
    try:
        await bus.publish(message(0))
        await bus.publish(message(1), message(2, key="b"))
        async with consuming(bus, Seen(forwarded)):
            await caught_up(bus)
        assert sorted(ids(await everything(bus, "tickets"))) == ["0", "1", "2"]
    finally:
        await bus.close()


WRONGS: list[tuple[str, Callable[[Secured], tuple[str, dict[str, Any]]]]] = [
    ("kafka_certificate", lambda found: (found.url, {"ca_file": found.others.ca_file})),
    ("kafka_certificate", lambda found: (found.url, {"ca_file": None})),
    ("kafka_hostname", lambda found: (found.url.replace("127.0.0.1", "localhost"), {})),
    ("kafka_password", lambda found: (found.url, {"sasl_password": SecretStr(WRONG)})),
    ("kafka_password", lambda found: (found.url, {"sasl_user": "nobody"})),
    (
        "kafka_password",
        lambda found: (found.url, {"sasl_password": SecretStr(WRONG), "sasl_mechanism": Mechanism.PLAIN}),
    ),
    ("kafka_mechanism", lambda found: (found.url, {"sasl_mechanism": Mechanism.SCRAM_SHA_256})),
    ("kafka_tls", lambda found: (f"kafka://{found.broker.address}", {})),
]


@pytest.mark.parametrize(("reason", "wrong"), WRONGS)
async def test_what_is_wrong_is_named_and_no_secret_told(
    secured: Secured,
    caplog: pytest.LogCaptureFixture,
    reason: str,
    wrong: Callable[[Secured], tuple[str, dict[str, Any]]],
) -> None:
    caplog.set_level(logging.INFO)
    url, changed = wrong(secured)
    bus = opened(url, secured.settings(**changed))
    consuming_it = asyncio.create_task(bus.consume("inbound", group="normalizer", handler=forwarded))
    asked = [
        lambda: bus.publish(message(1)),
        lambda: bus.publish(message(1), message(2)),
        lambda: bus.lag("inbound", group="normalizer"),
        bus.topics,
    ]
    for ask in asked:
        with pytest.raises(Unavailable) as caught:
            await ask()
        assert caught.value.reason == reason
        assert "KAFKA_" in caught.value.detail or "certificate" in caught.value.detail
        assert WRONG not in str(caught.value)
    assert not consuming_it.done()
    await bus.close()
    await consuming_it
    await eventually(lambda: not open_transports())
    assert not any(word in caplog.text for word in (WRONG, PASSWORD))


async def test_a_bus_ends_although_the_broker_stands_still(secured: Secured) -> None:
    """It answers no farewell, for which TLS would wait half a minute in each of the connections."""
    bus = opened(secured.url, secured.settings())
    await bus.publish(message(1))
    await bus.publish(message(2), message(3))
    async with consuming(bus, Seen(forwarded)):
        await caught_up(bus)
        os.kill(secured.broker.pid, signal.SIGSTOP)
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await bus.close()
        finally:
            os.kill(secured.broker.pid, signal.SIGCONT)
    await eventually(lambda: not open_transports())


async def test_a_client_cancelled_while_it_connects_is_cut_off(secured: Secured) -> None:
    """By then both trust each other, and the broker has yet to say what it can do."""
    asked, ended = asyncio.Event(), asyncio.Event()

    async def says_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        asked.set()
        await ended.wait()
        writer.transport.abort()

    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(secured.ours.certificate("127.0.0.1"))
    server = await asyncio.start_server(says_nothing, "127.0.0.1", 0, ssl=tls)
    host, port = server.sockets[0].getsockname()
    bus = opened(f"kafka://{host}:{port}", secured.settings())
    asking = asyncio.create_task(bus.topics())
    await asyncio.wait_for(asked.wait(), STOP_SECONDS)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await bus.close()
    connected = [one for one in open_transports() if one.get_extra_info("peername")[1] == port]
    ended.set()
    server.close()
    await eventually(lambda: not open_transports())
    assert connected == []


async def test_an_expired_certificate_is_named(secured: Secured, tmp_path: Path) -> None:
    broker = KafkaBroker(
        tmp_path / "broker",
        users={USER: PASSWORD},
        certificate=secured.ours.certificate("127.0.0.1", expired=True),
        settings=kafka.TESTING,
    )
    await asyncio.to_thread(broker.start)
    try:
        bus = opened(f"kafka://{broker.address_of_users}", secured.settings())
        with pytest.raises(Unavailable, match=r"kafka_certificate: .* not valid at this time"):
            await bus.publish(message(1))
        await bus.close()
    finally:
        await asyncio.to_thread(broker.stop)


async def test_a_start_says_what_is_wrong(
    secured: Secured, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    in_environment(monkeypatch, secured, WRONG)
    settings = GatewaySettings(bus_url=secured.url)
    assert await refuse_unsafe(settings) is False
    (told,) = (record for record in caplog.records if record.msg == "ground_unknown")
    assert told.__dict__["reason"] == "kafka_password"
    assert "KAFKA_SASL_PASSWORD" in told.__dict__["detail"]


@pytest.mark.parametrize(("password", "said"), [(WRONG, "kafka_password"), (PASSWORD, "ok     bus         answers")])
def test_the_check_of_the_configuration_asks_the_bus(
    secured: Secured, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, password: str, said: str
) -> None:
    in_environment(monkeypatch, secured, password)
    found = Commands(tmp_path / "data").run("check-config", GATEWAY_BUS_URL=secured.url)
    assert said in found.output
    assert password not in found.output


def in_environment(monkeypatch: pytest.MonkeyPatch, secured: Secured, password: str) -> None:
    monkeypatch.setenv("KAFKA_SECURITY_PROTOCOL", "SASL_SSL")
    monkeypatch.setenv("KAFKA_SASL_USER", USER)
    monkeypatch.setenv("KAFKA_SASL_PASSWORD", password)
    monkeypatch.setenv("KAFKA_CA_FILE", str(secured.ours.ca_file))


def test_what_is_missing_is_a_fault_of_the_settings(secured: Secured, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="KAFKA_SASL_USER"):
        cluster_of(secured.url, secured.settings(sasl_user=""))
    with pytest.raises(Invalid, match="KAFKA_CA_FILE"):
        cluster_of(secured.url, secured.settings(ca_file=tmp_path / "absent.pem"))
