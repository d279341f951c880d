"""The programs of docs/subscribing.md, as they stand there: on a real broker they get real events, and answer."""

import asyncio
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty, Queue
from typing import IO, Any
from uuid import UUID, uuid4

import pytest

from cli.access.grants import agency_user
from cli.demo.client import Receipt
from schemas.commands import AnswerTicket
from schemas.ticket import AnswerRefused, Transfer
from tests.access.conftest import AGENCY_KEY, IN_CHARGE, OTHER, SUBSCRIBER, USERS, Cluster, refusals
from tests.access.reaching import consuming, producing
from tests.gateway_process import ROOT, GatewayProcess
from tests.pipeline.visitor import Visitor, received
from tests.servers import kafka_jars
from tests.unit.pictures import PDF

PAGE = ROOT / "docs" / "subscribing.md"
SECONDS = 60.0
CONTACT = {"name": "Lê Minh Tâm", "phone": "0909888777", "address": "ấp 3, xã Thuận Lợi"}
WATER = "Ống nước sạch ở ấp 3, xã Thuận Lợi bị vỡ, nước chảy tràn ra đường suốt ngày, đề nghị sửa giúp."
AT_HOME = {"SASL_SSL": "SASL_PLAINTEXT", "SCRAM-SHA-512": "PLAIN", "scram.ScramLoginModule": "plain.PlainLoginModule"}
"""What is otherwise where a broker of a test runs: it has no certificate, and keeps no hashes of passwords."""

Queued = Transfer | AnswerRefused


def programs(language: str) -> list[str]:
    """The programs of the page in one language, each changed as far as a test's broker is another."""
    found = re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    for published, here in AT_HOME.items():
        found = [program.replace(published, here) for program in found]
    return found


def command(language: str, number: int, folder: Path) -> list[str]:
    """What runs a program of the page."""
    if language == "python":
        path = folder / "program.py"
        run = [sys.executable, str(path)]
    else:
        path = folder / "Program.java"
        run = ["java", "-XX:TieredStopAtLevel=1", "-Xmx128m", "-cp", f"{kafka_jars.fetched()}/*", str(path)]
    path.write_text(programs(language)[number], encoding="utf-8")
    return run


def environment(cluster: Cluster, user: str) -> Mapping[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "LC_ALL": "C.UTF-8",
        "KAFKA": cluster.broker.address_of_users,
        "LOGIN": user,
        "PASSWORD": USERS[user],
    }


def ticket_of(found: Transfer | AnswerRefused) -> UUID | None:
    return found.ticket.id if isinstance(found, Transfer) else found.ticket_id


@dataclass(frozen=True)
class Sent:
    """A submission and the transfer that it became."""

    receipt: Receipt
    transfer: Transfer


async def queue(cluster: Cluster, agency: str, until: Callable[[list[Queued]], bool]) -> list[Queued]:
    """What an agency finds in its queue, as its own user."""
    found: list[Queued] = []
    deadline = time.monotonic() + SECONDS
    async with consuming(cluster, agency_user(agency), f"agency.{agency}", f"agency.{agency}.tickets") as consumer:
        while not until(found):
            assert time.monotonic() < deadline, found
            for records in (await consumer.getmany(timeout_ms=200)).values():
                for record in records:
                    kind = Transfer if dict(record.headers)["ce_type"].decode() == Transfer.TYPE else AnswerRefused
                    found.append(kind.model_validate_json(record.value))
    return found


@pytest.fixture(scope="module")
def receipts(services: Mapping[str, GatewayProcess]) -> list[Receipt]:
    """Two citizens' messages."""
    with Visitor(services["web_ingest"]) as visitor:
        return [
            received(visitor.submit({"user_id": f"citizen {number}", "content": WATER, "contact": CONTACT}))
            for number in range(2)
        ]


@pytest.fixture
async def sent(cluster: Cluster, receipts: list[Receipt]) -> list[Sent]:
    """Both, when the agency has them."""
    found = await queue(cluster, IN_CHARGE, lambda found: sum(isinstance(one, Transfer) for one in found) == 2)
    transfers = {one.ticket.code: one for one in found if isinstance(one, Transfer)}
    return [Sent(receipt, transfers[receipt.code]) for receipt in receipts]


@pytest.fixture
def running() -> Iterator[Callable[..., IO[str]]]:
    """Start programs that end with the test."""
    children: list[subprocess.Popen[str]] = []

    def started(run: list[str], env: Mapping[str, str]) -> IO[str]:
        child = subprocess.Popen(run, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        children.append(child)
        assert child.stdout is not None
        return child.stdout

    yield started
    for child in children:
        child.kill()
        child.wait()
        assert child.stdout is not None
        child.stdout.close()


def awaited(output: IO[str], wanted: Callable[[str], bool]) -> str:
    """The first line of a program that is wanted; fails with what it said when there is none in time."""
    lines: Queue[str] = Queue()

    def reading() -> None:
        for line in output:
            lines.put(line)

    threading.Thread(target=reading, daemon=True).start()
    said: list[str] = []
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        try:
            said.append(lines.get(timeout=0.5))
        except Empty:
            continue
        if wanted(said[-1]):
            return said[-1]
    raise AssertionError("".join(said))


def run_to_its_end(run: list[str], cluster: Cluster, agency: str, gateway: str = "") -> None:
    """A program of an agency, which must succeed."""
    env = {**environment(cluster, agency_user(agency)), "GATEWAY": gateway, "KEY": AGENCY_KEY}
    done = subprocess.run(run, env=env, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_page_has_a_subscriber_and_an_answer_in_each_language() -> None:
    assert [len(programs(language)) for language in ("python", "java")] == [2, 2]
    text = PAGE.read_text(encoding="utf-8")
    assert all(published in text for published in AT_HOME)


@pytest.mark.parametrize("language", ["python", "java"])
async def test_a_subscriber_gets_the_events_of_a_real_flow(
    cluster: Cluster, sent: list[Sent], tmp_path: Path, running: Callable[..., IO[str]], language: str
) -> None:
    output = running(command(language, 0, tmp_path), environment(cluster, SUBSCRIBER))
    code = sent[0].receipt.code
    line = awaited(output, lambda line: code in line and "transferred" in line)
    assert IN_CHARGE in line
    assert re.match(r"[0-9a-f]{8}-", line)
    assert CONTACT["phone"] not in line


@pytest.mark.parametrize(("language", "number"), [("python", 0), ("java", 1)])
async def test_an_agency_answers_and_the_citizen_reads_it(
    cluster: Cluster,
    services: Mapping[str, GatewayProcess],
    sent: list[Sent],
    tmp_path: Path,
    language: str,
    number: int,
) -> None:
    transfer, text = sent[number].transfer, f'Đã "thay" đường ống, bằng {language}.'
    paths = [tmp_path / name for name in ("Biên bản.pdf", "Sơ đồ.pdf")] if language == "python" else []
    for path in paths:
        path.write_bytes(PDF + path.name.encode())
    given = [IN_CHARGE, str(transfer.ticket.id), str(transfer.revision), text, *map(str, paths)]
    run, gateway = [*command(language, 1, tmp_path), *given], services["web_ingest"].address
    await asyncio.to_thread(run_to_its_end, run, cluster, IN_CHARGE, gateway)

    def told(seen: Mapping[str, Any]) -> bool:
        # The ticket's state and the words to the citizen come by topics of their own, in any order.
        return seen["answered_at"] is not None and any(text in reply["text"] for reply in seen["replies"])

    with Visitor(services["web_ingest"]) as visitor:
        seen = visitor.until(sent[number].receipt, told)
        assert told(seen)
        [reply] = [one for one in seen["replies"] if text in one["text"]]
        assert [one["name"] for one in reply["files"]] == [path.name for path in paths]
        for path, file in zip(paths, reply["files"], strict=True):
            assert visitor.saved(sent[number].receipt, file["url"]) == path.read_bytes()


async def test_an_answer_of_another_agency_comes_back_refused(
    cluster: Cluster, sent: list[Sent], tmp_path: Path
) -> None:
    """By the page's own program, and with that agency's own login; about a ticket that is not its."""
    transfer = sent[0].transfer
    run = [*command("python", 1, tmp_path), OTHER, str(transfer.ticket.id), str(transfer.revision), "Không phải."]
    await asyncio.to_thread(run_to_its_end, run, cluster, OTHER)
    found = await queue(cluster, OTHER, lambda found: transfer.ticket.id in map(ticket_of, found))
    assert [refused.reason for refused in found if ticket_of(refused) == transfer.ticket.id] == ["not_in_charge"]


async def test_what_an_agency_sends_that_is_no_answer_comes_back_and_holds_up_nothing(
    cluster: Cluster, services: Mapping[str, GatewayProcess]
) -> None:
    """Worst first: as large as the broker takes, of signs that grow when they are written down."""
    user, topic = agency_user(OTHER), f"agency.{OTHER}.commands"
    unknown = AnswerTicket.model_validate(
        {"id": uuid4(), "ticket_id": uuid4(), "version_seen": 1, "by": OTHER, "at": datetime.now(UTC), "personal": {}}
    )
    async with producing(cluster, user) as producer:
        await producer.send_and_wait(topic, b"", key=b"\x00" * 240_000, headers=[("ce_id", b"large")])
        await producer.send_and_wait(
            topic, b"{", key=b"a", headers=[("ce_id", b"\xff" * 50_000), ("ce_time", b"9" * 99)]
        )
        headers = [("ce_id", b"unknown"), ("ce_type", AnswerTicket.TYPE.encode())]
        await producer.send_and_wait(topic, unknown.model_dump_json().encode(), key=b"a", headers=headers)
    wanted = {"large": "unexpected_type", "\ufffd" * 100: "unexpected_type", str(unknown.id): "not_in_charge"}
    found: dict[str, str] = {}
    async with asyncio.timeout(60), consuming(cluster, user, f"agency.{OTHER}", f"agency.{OTHER}.tried") as consumer:
        while not wanted.items() <= found.items():
            for records in (await consumer.getmany(timeout_ms=200)).values():
                told = [AnswerRefused.model_validate_json(record.value) for record in records]
                found |= {refused.answer_id: refused.reason for refused in told}


def test_services_were_refused_nothing(services: Mapping[str, GatewayProcess]) -> None:
    """What is printed is enough: every service of the flow worked, with no other access."""
    for name, process in services.items():
        assert refusals(process) == [], name


def test_upkeep_sees_every_group_and_the_ledger(services: Mapping[str, GatewayProcess]) -> None:
    assert not [
        event
        for event in services["upkeep"].events()
        if event["event"] in ("unwatched", "lag_unknown", "ledger_waits", "consumer_restarts")
    ]
