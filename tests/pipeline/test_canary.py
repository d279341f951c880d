"""Marked personal values go in by every way there is; then everything that was written is searched for them."""

import asyncio
import base64
import json
import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from gateway.bus.opening import open_bus
from gateway.bus.port import Record
from gateway.runtime.data_folder import DataFolder
from schemas.envelope import Message
from schemas.events import TicketEvent
from schemas.raw import Raw, RawPersonal
from schemas.topics import topic_for
from schemas.vocabulary import Intake
from tests.gateway_process import GatewayProcess
from tests.pipeline import written
from tests.pipeline.canaries import Canaries
from tests.pipeline.canary_play import MARKS, NOTHING, USER, Played, play
from tests.pipeline.visitor import Visitor

SEALED = ("submission.events", "ticket.events", "conversation.log", "ticket.log", "reply.events")
"""Topics without personal data on which something must have come; `timers` may be empty so early."""


SPOILT = "0" * 32
"""Account of what nobody can read."""


@dataclass(frozen=True)
class Searched:
    """A gateway's folder after the play, and what it said while it ran."""

    data: Path
    played: Played
    answers: list[httpx.Response]
    metrics: bytes
    logs: bytes
    topics: dict[str, list[Record]]

    @property
    def canaries(self) -> Canaries:
        """The marks, with the secrets that came up."""
        return self.played.canaries

    def values(self, *topics: str) -> list[bytes]:
        """Values of every record of these topics."""
        return [record.message.value for topic in topics for record in self.topics.get(topic, [])]


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Searched:
    """Played once, and killed at the end: what write-ahead logs hold is searched as it lies there."""
    data = tmp_path_factory.mktemp("canary") / "data"
    gateway = GatewayProcess(data, GATEWAY_LOG_LEVEL="DEBUG").start().ready()
    try:
        with Visitor(gateway) as visitor:
            played = play(gateway, visitor)
            _spoil(data)
            _until_put_aside(data)
            metrics = visitor.ask("GET", "/metrics").content
            answers = visitor.answers
    finally:
        gateway.kill()
    return Searched(data, played, answers, metrics, gateway.log.read_bytes(), written.records(data))


def _spoil(data: Path) -> None:
    """Two records with a mark in them that no stage can read: dead letters, without a word in the logs.

    Of the second one the envelope is whole, so a stub takes its place.
    """
    mark = b'{"%s": 1}' % NOTHING.encode()
    raw = Raw(
        id=uuid4(),
        channel="web",
        intake=Intake.FORM,
        endpoint=SPOILT,
        account=SPOILT,
        received_at=datetime.now(UTC),
        trusted=False,
        content_type="application/json",
        personal=RawPersonal(payload=NOTHING.encode()),
    )

    async def publish() -> None:
        bus = open_bus(f"sqlite:///{DataFolder(data).bus}", "onlooker", clock=lambda: datetime.now(UTC))
        for value in (mark, raw.model_dump_json().encode()):
            await bus.publish(Message("raw.web", SPOILT, str(uuid4()), Raw.TYPE, "/test", datetime.now(UTC), value))
        await bus.close()

    asyncio.run(publish())


def _until_put_aside(data: Path) -> None:
    end = time.monotonic() + 20
    while SPOILT not in {record.message.key for record in written.records(data).get("submission.events", ())}:
        assert time.monotonic() < end
        time.sleep(0.05)


def test_the_search_finds_what_is_there(searched: Searched) -> None:
    contact = {"name", "phone", "email", "address", "content", "place"}
    assert searched.canaries.found_in(*searched.values("raw.web")) >= {*contact, "user", "reference", "file name"}
    assert searched.canaries.found_in(*searched.values("inbound")) >= {*contact, "file name"}
    assert searched.canaries.found_in(*searched.values("tickets")) >= contact
    queues = [topic for topic in searched.topics if topic.startswith("agency.")]
    assert searched.canaries.found_in(*searched.values(*queues)) >= contact
    assert searched.canaries.found_in(*searched.values("ticket.commands")) >= {"note", "answer", "answer's file name"}
    assert searched.canaries.found_in(*searched.values("replies.web")) >= {"answer", "answer's file name"}
    assert "stray" in searched.canaries.found_in(*searched.values("dlq"))
    assert len(searched.values("dlq")) == 2


@pytest.mark.parametrize("name", sorted(MARKS))
def test_the_search_knows_every_spelling_and_encoding(name: str) -> None:
    canaries = Canaries(MARKS)
    for text in (f"x{spelling}y" for spelling in MARKS[name]):
        for form in (text.encode(), text.upper().encode(), text.encode("utf-16-le"), json.dumps(text).encode()):
            assert name in canaries.found_in(b"\0\1" + form)
        for shift in range(3):
            assert name in canaries.found_in(base64.b64encode(b"-" * shift + text.encode()))
    assert not canaries.found_in(b"nothing of the kind")


def test_topics_without_personal_data_hold_none(searched: Searched) -> None:
    assert all(searched.values(topic) for topic in SEALED)
    free = [topic for topic in searched.topics if not _declared_personal(topic)]
    assert {*SEALED} <= {*free}
    found = {topic: searched.canaries.found_in(*searched.values(topic)) for topic in free}
    assert not any(found.values()), found


def test_keys_ids_subjects_sources_and_headers_hold_none(searched: Searched) -> None:
    for topic, records in searched.topics.items():
        assert records
        for record in records:
            message = record.message
            around = (topic, message.key, message.id, message.subject, message.source, message.type, record.partition)
            headers = json.dumps(message.headers(), ensure_ascii=False)
            assert not searched.canaries.found_in(*(text.encode() for text in (*around, headers))), topic


def test_logs_and_metrics_hold_none(searched: Searched) -> None:
    assert b'"dead_letter"' in searched.logs
    assert b"gateway_" in searched.metrics
    assert not searched.canaries.found_in(searched.logs, searched.metrics, searched.played.complaints)


def test_everything_kept_for_long_is_sealed(searched: Searched) -> None:
    folder = DataFolder(searched.data)
    databases = [folder.store, folder.vault, folder.documents, folder.file_catalogue]
    for database in databases:
        assert database.stat().st_size > 0
        for place, value in written.cells(database):
            assert not searched.canaries.found_in(value), f"{database.name} {place}"
    by_design = {folder.bus, folder.secrets}
    kept = [path for path in searched.data.rglob("*") if path.is_file() and not by_design & {*path.parents}]
    assert {path.name for path in kept} >= {"store.db-wal", "documents.db-wal", "files.db"}
    for path in kept:
        assert not searched.canaries.found_in(path.read_bytes(), str(path.relative_to(searched.data)).encode()), (
            path.name
        )


def test_submitted_files_lie_there_only_sealed(searched: Searched) -> None:
    """The photo's own bytes are a mark as well: of what lies on disk nothing may look like a picture."""
    cells = [value for _, value in written.cells(DataFolder(searched.data).file_catalogue)]
    assert any(len(value) > 1_000 for value in cells)
    assert not any(b"PNG\r\n" in value or b"WAVEfmt" in value for value in cells)


def test_refusals_addresses_and_headers_repeat_nothing(searched: Searched) -> None:
    """The secret stands on the receipt's page, and a form keeps what was typed into it; nothing else says it again."""
    refused = 0
    for answer in searched.answers:
        outside = [name + b": " + value for name, value in answer.headers.raw]
        assert not searched.canaries.found_in(*outside), answer.url.path
        problem = answer.headers.get("content-type", "").startswith("application/problem+json")
        kept_form = answer.status_code in (413, 422) and answer.url.path in ("/", "/tra-cuu")
        if answer.is_client_error and not kept_form:
            refused += problem
            assert not searched.canaries.found_in(answer.content), answer.status_code
    assert refused > 10


def test_an_agencys_queue_holds_its_own_tickets_only(searched: Searched) -> None:
    events = [TicketEvent.model_validate_json(value) for value in searched.values("ticket.events")]
    given = defaultdict(set)
    for event in events:
        if event.step == "transferred":
            given[f"agency.{event.agency}"].add(str(event.ticket_id))
    queues = {topic for topic in searched.topics if topic.startswith("agency.")}
    assert queues == {*given}
    assert len(queues) > 2
    for queue in queues:
        values = [json.loads(value) for value in searched.values(queue)]
        assert {f"agency.{value['agency']}" for value in values} == {queue}
        assert {value["ticket"]["id"] if "ticket" in value else value["ticket_id"] for value in values} == given[queue]
        assert {record.message.key for record in searched.topics[queue]} == given[queue]


def test_downstream_tells_citizens_apart_without_knowing_them(searched: Searched) -> None:
    accounts = {json.loads(value)["account"] for value in searched.values("submission.events")}
    assert len(accounts - {SPOILT}) == len(searched.played.receipts)
    assert not any(USER in account for account in accounts)


def _declared_personal(topic: str) -> bool:
    declared = topic_for(topic)
    assert declared is not None, topic
    return declared.personal
