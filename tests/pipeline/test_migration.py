"""From embedded to cluster: everything that must be kept is there, once, and the citizens notice nothing."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from typer.testing import Result

from gateway.errors import Invalid
from gateway.outbox.port import PartState
from gateway.runtime.deployment import open_deployment
from gateway.runtime.migration.moving import STEPS, compared
from gateway.runtime.reconciliation.mending import search
from gateway.runtime.settings import GatewaySettings
from services.dispatcher import wiring as dispatcher
from services.normalizer import wiring as normalizer
from tests.contract import bus_adapters
from tests.gateway_process import GatewayProcess
from tests.pipeline.moving_town import AN, CONTACT, WATER, Town, filled, in_the_cluster, record, refused
from tests.servers import kafka, mongo
from tests.unit.filled import Commands, environment, settings_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
ROOT = Path(__file__).parents[2]
CHILD_SECONDS = 180.0

KILLS = (
    ("key", 2, "after"),
    ("file", 1, "after"),
    ("commit", 4, "after"),
    ("letter", 1, "after"),
    ("let go", 1, "before"),
)
"""Where the move is ended as by a power cut, each time further on."""


@dataclass(frozen=True)
class Move:
    """A data folder, where it goes, and the commands of its operator."""

    data: Path
    bus: str
    store: str

    @property
    def settings(self) -> GatewaySettings:
        """Those of the cluster."""
        return settings_of(self.data).model_copy(update={"bus_url": self.bus, "store_url": self.store})

    @property
    def arguments(self) -> tuple[str, ...]:
        """What `migrate` is told."""
        return ("--to-bus", self.bus, "--to-store", self.store)

    def command(self, *arguments: str, cluster: bool = False) -> Result:
        """A command on the data folder, or on the cluster."""
        more: dict[str, Any] = {"GATEWAY_BUS_URL": self.bus, "GATEWAY_STORE_URL": self.store} if cluster else {}
        return Commands(self.data).run(*arguments, **more)

    def killed(self, runs: Sequence[tuple[str, int, str]]) -> list[tuple[str, int]]:
        """`migrate` run after run, each ended at a step; those steps with the exit status."""
        done = subprocess.run(
            [sys.executable, "-m", "tests.pipeline.moving_child", json.dumps(runs), *self.arguments],
            env={**os.environ, **environment(self.data)},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            timeout=CHILD_SECONDS,
            check=True,
        )
        lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("[")]
        return [(step, status) for step, status in lines]


def move_to_servers(folder: Path) -> Move:
    """A data folder, and an empty prefix and database; skips where there are no servers."""
    store = mongo.url_of(folder)
    broker = next(adapter for adapter in bus_adapters.ADAPTERS if adapter.name == "kafka")
    why = kafka.missing()
    if why is not None:
        pytest.skip(why)
    return Move(folder / "data", broker.url(folder), store)


@dataclass(frozen=True)
class Moved:
    """A move that was killed again and again, and in the end was not."""

    move: Move
    town: Town
    endings: list[tuple[str, int]]
    half_way: Result
    between: tuple[Result, Result]
    result: Result


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Moved:
    """Moved once for all tests of this file, which come in its order."""
    move = move_to_servers(tmp_path_factory.mktemp("move"))
    town = asyncio.run(filled(move.data))
    endings = move.killed(KILLS[:3])
    half_way = move.command("dlq", "list", cluster=True)
    endings += move.killed(KILLS[3:])
    between = move.command("dlq", "list"), move.command("dlq", "list", cluster=True)
    return Moved(move, town, endings, half_way, between, move.command("migrate", *move.arguments))


def test_a_move_that_was_killed_again_and_again_gets_to_its_end(moved: Moved) -> None:
    assert moved.endings == [(step, -signal.SIGKILL) for step, _, _ in KILLS]
    assert moved.result.exit_code == 0, moved.result.output
    assert "Everything is in the cluster" in moved.result.output


def test_at_no_time_the_old_and_the_new_gateway_can_both_be_started(moved: Moved) -> None:
    """The last kill came when the folder was marked and the target not let go yet."""
    assert "half_moved" in moved.half_way.output
    assert [("moved" in one.output.split(":")[0], one.exit_code) for one in moved.between] == [(True, 1), (True, 1)]


def test_the_old_data_folder_says_where_its_data_went(moved: Moved) -> None:
    where = f"set GATEWAY_BUS_URL to {moved.move.bus} and GATEWAY_STORE_URL to {moved.move.store}"
    tickets = moved.move.command("tickets")
    assert (tickets.exit_code, where in tickets.output) == (1, True)
    gateway = GatewayProcess(moved.move.data).start()
    assert gateway.wait() == 1
    assert where in gateway.logged()
    elsewhere = moved.move.command("migrate", "--to-bus", f"{moved.move.bus}2", "--to-store", moved.move.store)
    assert elsewhere.output.startswith("moved: ")
    again = moved.move.command("migrate", *moved.move.arguments)
    assert again.exit_code == 0, again.output


async def test_both_sides_hold_the_same_once(moved: Moved) -> None:
    """Compared once more, beside the command's own word."""
    target = await open_deployment(moved.move.settings)
    moved.move.data.joinpath("moved.json").rename(moved.move.data / "put.aside")
    source = await open_deployment(settings_of(moved.move.data))
    try:
        comparison = await compared(source, target, lambda _: None)
        rows = {row.kind: row for row in comparison.rows()}
        assert comparison.first is None, comparison.first
        assert all(row.equal and row.here > 0 for row in rows.values())
        assert {"data keys", "erased citizens", "files", "commits", "open timers", "claims"} <= rows.keys()
        assert [rows[kind].there for kind in ("replies", "forgotten replies", "dead letters")] == [3, 1, 1]
        assert await target.store.holder("zalo/token/oa/1") == b"sealed pair"
        assert await target.store.holder("lease/scheduler") is None
        assert await target.documents.get("mail_cursor", "INBOX") is not None
        assert await target.documents.newest("service") == []
    finally:
        await source.close()
        await target.close()
        moved.move.data.joinpath("put.aside").rename(moved.move.data / "moved.json")


async def test_replies_stand_as_they_stood(moved: Moved) -> None:
    target = await open_deployment(moved.move.settings)
    try:
        outbox, parts, now = target.outbox, moved.town.parts, target.clock()
        states = {name: await outbox.part(reply, 0) for name, reply in parts.items()}
        found = {name: part.state for name, part in states.items() if part is not None}
        sending = PartState.SENDING
        assert found == {"unknown": PartState.UNKNOWN, "behind": PartState.WAITING, "under way": sending}
        assert await outbox.due("zalo", now, limit=10) == [], "an echo of the unknown one may still come"
        (due,) = await outbox.due("zalo", now + timedelta(minutes=10), limit=10)
        assert (due.reply_id, due.account) == (parts["behind"], AN)
        assert (await outbox.take_over("zalo", now)).interrupted == 1
    finally:
        await target.close()


def test_dead_letters_lie_on_the_new_topic_once(moved: Moved) -> None:
    found = moved.move.command("dlq", "list", "--json", cluster=True)
    (letter,) = [json.loads(line) for line in found.stdout.splitlines() if line.startswith("{")]
    assert (letter["topic"], letter["put_back_at"]) == ("raw.web", None)


async def test_reconciliation_misses_nothing_of_what_was_handled_before(moved: Moved) -> None:
    target = await open_deployment(moved.move.settings)
    try:
        for writer in (normalizer.writer(target), dispatcher.writer(target)):
            looking = search(target, writer, grace=timedelta(), rest=0)
            since = target.clock() - timedelta(days=60)
            assert [found.commit.history async for found in looking.missed(since)] == []
    finally:
        await target.close()


async def test_citizens_notice_nothing(moved: Moved) -> None:
    """Lookups, a due time, a supplement, a late answer, a retry: all go on where they were."""
    town = moved.town
    async with in_the_cluster(moved.move.settings) as app:
        for user in ("served", "answered", "gone"):
            assert await app.status(town.receipts[user]) == town.seen[user]
        assert await refused(app.deployment, town) == "erased"

        lapsed = await app.until(town.receipts["late"], lambda seen: seen["outcome"] != "pending_supplement")
        assert lapsed["outcome"] == "rejected"
        (answered,) = [await app.until(town.receipts["agency"], lambda seen: seen["answered_at"] is not None)]
        assert answered["transferred_at"] == town.seen["agency"]["transferred_at"]
        await app.transferred(town.receipts["unread"])

        await app.add(town.receipts["asked"], contact=CONTACT)
        await app.transferred(town.receipts["asked"])

        before = await record(app.deployment)
        assert await app.submit("served", WATER, CONTACT, once="served") == town.receipts["served"]
        last = await app.submit("new", WATER, CONTACT, once="new")
        await app.transferred(last)
        after = await record(app.deployment)
        served = app.deployment.identity.account("web", "app:served")
        (spoken,) = [name for name in before if name.endswith(served)]
        assert after[spoken] == before[spoken]
        assert (
            len([name for name in after if name.startswith("ticket/")])
            == len([name for name in before if name.startswith("ticket/")]) + 1
        )


def damage(store: str, collection: str, change: dict[str, object]) -> dict[str, Any]:
    """Change one document of a collection behind everybody's back; returns it as it was."""
    with MongoClient[dict[str, Any]](store) as client:
        found = client.get_default_database()[collection]
        before = found.find_one(WANTED.get(collection, {}))
        assert before is not None
        assert found.update_one({"_id": before["_id"]}, change).modified_count == 1
        return before


def mend(store: str, collection: str, before: dict[str, Any]) -> None:
    """Put a document back."""
    with MongoClient[dict[str, Any]](store) as client:
        client.get_default_database()[collection].replace_one({"_id": before["_id"]}, before)


WANTED: dict[str, dict[str, object]] = {"timers": {"state": "open"}, "claims": {"_id": "zalo/token/oa/1"}}

PLANTED: dict[str, tuple[str, dict[str, object]]] = {
    "data keys": ("vault_keys", {"$set": {"wrapped": bytes(60)}}),
    "files": ("files.chunks", {"$set": {"data": b"other"}}),
    "commits": ("commits", {"$set": {"events": b"[]"}}),
    "open timers": ("timers", {"$set": {"due_at": 1}}),
    "claims": ("claims", {"$set": {"value": b"other"}}),
    "replies": ("outbox_replies", {"$set": {"told": 7}}),
    "documents": ("documents", {"$set": {"version": 99}}),
}
"""What is done to the copy, by the kind in which it must be found."""


async def test_a_damaged_copy_is_found(tmp_path: Path) -> None:
    move = move_to_servers(tmp_path)
    await filled(move.data)
    source = await open_deployment(settings_of(move.data))
    target = await open_deployment(move.settings, moving=True)
    try:
        for step in STEPS:
            await step.copy(source, target)
        assert (await compared(source, target, lambda _: None)).first is None
        for kind, (collection, change) in PLANTED.items():
            before = damage(move.store, collection, change)
            try:
                found = await compared(source, target, lambda _: None)
            except Invalid as error:
                assert (kind, error.reason) == ("files", "file_damaged")  # noqa: PT017 - either way it is found
            else:
                assert found.first is not None
                assert found.first.kind == kind
                assert [row.kind for row in found.rows() if not row.equal] == [kind]
            mend(move.store, collection, before)
        assert (await compared(source, target, lambda _: None)).first is None
    finally:
        await source.close()
        await target.close()
