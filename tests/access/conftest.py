"""A real broker that lets each user do only what `gateway topics --acls kafka` prints, and a gateway on it."""

import asyncio
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.access.grants import agency_user
from cli.access.parties import parts
from tests.access.tool import grant
from tests.channels.zalo.running import province
from tests.gateway_process import GatewayProcess
from tests.servers import kafka
from tests.servers.kafka import KafkaBroker
from tests.unit.filled import Commands

IN_CHARGE, OTHER = "cap_thoat_nuoc", "dn_dien_luc"
SUBSCRIBER = "downstream"
TRIED = ("raw.web", "inbound", "tickets", "ticket.commands", "ticket.events", "ticket.log", "dlq")
"""Topics of the gateway's that outsiders try to reach."""

APART = "apart"
"""The prefix of a second deployment on the same broker."""

USERS = {
    name: f"of-{name}"
    for name in (*(part.service for part in parts()), "operators", SUBSCRIBER, *map(agency_user, (IN_CHARGE, OTHER)))
}
AGENCY_KEY = "agency-key-of-a-test"
SERVICES = ("web_ingest", "normalizer", "dispatcher", "upkeep")


class Cluster:
    """The broker, and commands of its operators."""

    def __init__(self, broker: KafkaBroker, folder: Path) -> None:
        """Take a broker with users, and the folder of the gateway's data."""
        self.broker = broker
        self.data = folder / "data"
        self.province = province(folder, quiet_seconds=3)

    @property
    def url(self) -> str:
        """Where users log in."""
        return f"kafka://{self.broker.address_of_users}"

    def settings(self, user: str) -> dict[str, str]:
        """Variables of a process that works as this user."""
        return {
            "GATEWAY_BUS_URL": self.url,
            "GATEWAY_PROVINCE": str(self.province),
            "KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
            "KAFKA_SASL_MECHANISM": "PLAIN",
            "KAFKA_SASL_USER": user,
            "KAFKA_SASL_PASSWORD": USERS[user],
            "KAFKA_PARTITIONS": "2",
            "KAFKA_TRANSACTION_SECONDS": "4",
            "WEB_AGENCY_KEYS": json.dumps({IN_CHARGE: hashlib.sha256(AGENCY_KEY.encode()).hexdigest()}),
        }

    def command(self, *arguments: str, **more: str) -> str:
        """Output of an operator's command, which must succeed; `more` are further variables."""
        variables: dict[str, Any] = {**self.settings("operators"), **more}
        done = Commands(self.data).run(*arguments, **variables)
        assert done.exit_code == 0, done.output
        return done.stdout


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    missing = kafka.missing()
    if missing is not None:
        pytest.skip(missing)
    folder = tmp_path_factory.mktemp("access")
    started = KafkaBroker(folder / "broker", settings=kafka.TESTING, users=USERS).start()
    found = Cluster(started, folder)
    for prefix in ("", APART):
        script = folder / f"acls{prefix}.sh"
        url = f"{found.url}/{prefix}"
        printed = found.command("topics", "--acls", "kafka", "--subscriber", SUBSCRIBER, GATEWAY_BUS_URL=url)
        script.write_text(printed, encoding="utf-8")
        asyncio.run(grant(started.address, script))
    queues = [f"agency.{code}{end}" for code in (IN_CHARGE, OTHER) for end in ("", ".commands")]
    found.command("topics", *(word for name in (*queues, *TRIED) for word in ("--make", name)), "--json")
    yield found
    started.stop()


@pytest.fixture(scope="session")
def services(cluster: Cluster) -> Iterator[dict[str, GatewayProcess]]:
    """What one channel needs, each service as its own user, on one data folder."""
    running = {}
    for service in SERVICES:
        process = GatewayProcess(cluster.data, launcher=f"services.{service}", **cluster.settings(service))
        process.log = cluster.data.with_name(f"{service}.log")
        running[service] = process.start()
    for process in running.values():
        process.ready(seconds=90)
    yield running
    for process in running.values():
        process.kill()


def refusals(process: GatewayProcess) -> list[str]:
    """What a process was refused by the cluster, as its log says."""
    return [json.dumps(event) for event in process.events() if "Authorization" in json.dumps(event)]
