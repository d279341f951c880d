"""The stage between raw and inbound on real adapters: originals filed, correspondents noted, echoes told."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from gateway.bus.port import Record
from gateway.files.local import LocalFiles
from gateway.outbox.opening import open_outbox
from gateway.outbox.port import Outbox, Part, PartState, token_of
from gateway.store.port import Commit
from gateway.vault.provider import FileKeyProvider
from gateway.vault.sqlite import SqliteVault
from schemas.conversation import history_of
from schemas.envelope import Message
from schemas.inbound import Ignored, Inbound, Withdrawn
from schemas.raw import Raw
from schemas.vocabulary import ReplyKind
from services.facebook_ingest.correspondence import PLACES_KEPT, Correspondence, places_with
from services.facebook_ingest.page import Page
from services.facebook_ingest.read import Read
from tests.channels.facebook.desk import Desk
from tests.channels.facebook.reading import PAGE, PERSON, captured, changes, message, messaging, raw_of

COMMENT_ACCOUNT = "cd" * 16
EXPECTED_MEMBERS = {"id": "a", "by": "comment_id", "at": "2026-11-26T01:30:00+00:00"}


class Stage:
    """The stage under test, and what it writes."""

    def __init__(self, desk: Desk, outbox: Outbox, files: LocalFiles, vault: SqliteVault) -> None:
        """Take the ports."""
        self.desk, self.outbox, self.files, self.vault = desk, outbox, files, vault
        self.met: list[str] = []
        ports = desk.ports
        page = Page(PAGE.id, PAGE.app_id, PAGE.silent_postbacks)
        self.read = Read(
            page=page,
            identity=ports.identity,
            successors=ports.successors,
            files=files,
            correspondence=Correspondence(
                ports.correspondents, ports.store, outbox, ports.identity, page, ports.successors
            ),
            metrics=ports.metrics,
            met=lambda user, _account: self.met.append(user),
        )

    async def messages(self, payload: object) -> list[Message]:
        """What a request leads to."""
        raw = raw_of(payload)
        value = raw.model_dump_json().encode()
        sent = Message("raw.facebook", PAGE.id, str(raw.id), Raw.TYPE, "/tests", raw.received_at, value)
        return list(await self.read(Record(sent, "p", 1, raw.received_at)))

    async def said(self, payload: object) -> list[Any]:
        """The same as records."""
        kinds = {one.TYPE: one for one in (Inbound, Withdrawn, Ignored)}
        return [kinds[one.type].model_validate_json(one.value) for one in await self.messages(payload)]

    async def file_part(self, account: str) -> Part:
        """A reply that is being handed over."""
        now = self.desk.clock()
        part = Part(uuid4(), 0, 1, "facebook", account, "conversation/x", ReplyKind.ACCEPTANCE, None, now, now, b"s")
        await self.outbox.file([part])
        tenure = await self.outbox.take_over("facebook", now)
        assert await self.outbox.begin(part, now, epoch=tenure.epoch)
        return part


@pytest.fixture
async def stage(desk: Desk, tmp_path: Path) -> AsyncIterator[Stage]:
    vault = SqliteVault(tmp_path / "vault.db", FileKeyProvider(tmp_path / "master.key"))
    files = LocalFiles(tmp_path / "files", vault, b"f" * 32)
    outbox = open_outbox(f"sqlite:///{tmp_path / 'outbox.db'}")
    yield Stage(desk, outbox, files, vault)
    for port in (outbox, files, vault):
        await port.close()


async def test_each_messages_own_part_of_the_request_is_filed_under_its_account(stage: Stage) -> None:
    one, two = message("Một", "m_1"), {**message("Hai", "m_2"), "sender": {"id": "7421003344550002"}}
    first, second = await stage.said(messaging(one, two))
    assert first.account != second.account
    for said, event in ((first, one), (second, two)):
        assert said.original is not None
        assert said.original.owner == said.account
        assert json.loads(await stage.files.open(said.original)) == event
    assert stage.met == [PERSON, "7421003344550002"]


async def test_messages_are_keyed_by_account_and_carry_nothing_of_the_citizen_beside_their_value(stage: Stage) -> None:
    for found in await stage.messages(captured("entries_of_several_kinds")):
        for beside in (found.key, found.id, found.subject, found.source):
            assert PERSON not in beside
    again = await stage.messages(captured("message_text"))
    assert again == await stage.messages(captured("message_text"))


async def test_an_echo_settles_the_part_and_tells_whom_the_next_word_answers(stage: Stage) -> None:
    part = await stage.file_part(COMMENT_ACCOUNT)
    payload = captured("echo_ours")
    payload["entry"][0]["messaging"][0]["message"]["metadata"] = token_of(part.reply_id, 0)
    [ignored] = await stage.said(payload)
    assert isinstance(ignored, Ignored)
    settled = await stage.outbox.part(part.reply_id, 0)
    assert settled is not None
    assert settled.state is PartState.SENT
    assert (await stage.desk.ports.correspondents.of(COMMENT_ACCOUNT))["psid"] == PERSON
    [answer] = await stage.said(captured("message_text"))
    assert answer.account == COMMENT_ACCOUNT


async def test_an_echo_of_none_of_our_parts_changes_nothing(stage: Stage) -> None:
    await stage.said(captured("echo_ours"))
    [said] = await stage.said(captured("message_text"))
    assert said.account == stage.desk.inbox


async def test_a_comment_that_is_removed_without_a_name_is_withdrawn_from_its_author(stage: Stage) -> None:
    [comment] = await stage.said(captured("comment_add"))
    [removed] = await stage.said(captured("comment_remove"))
    assert isinstance(removed, Withdrawn)
    assert (removed.account, removed.message) == (comment.account, comment.id)


async def test_where_a_comment_can_be_answered_is_noted_by_its_code_in_whatever_order_they_come(stage: Stage) -> None:
    value = captured("comment_add")["entry"][0]["changes"][0]["value"]
    later = {**value, "comment_id": "122_2", "created_time": value["created_time"] + 600}
    first = await stage.said(changes(later))
    second = await stage.said(changes(value))
    known = await stage.desk.ports.correspondents.of(first[0].account)
    assert known["name"] == "Nguyễn Thị Hạnh"
    assert {code: place["id"] for code, place in known["places"].items()} == {
        first[0].code: "122_2",
        second[0].code: value["comment_id"],
    }


async def test_somebody_who_was_erased_writes_again_under_another_account(stage: Stage) -> None:
    before, other = message("Một", "m_1"), {**message("Hai", "m_2"), "sender": {"id": "7421003344550002"}}
    [first] = await stage.said(messaging(before))
    await stage.vault.erase(stage.desk.inbox)
    again, stays = await stage.said(messaging(message("Ba", "m_3"), other))
    assert isinstance(again, Inbound)
    assert again.account not in (first.account, stays.account)
    assert (again.personal.text, stays.personal.text) == ("Ba", "Hai")
    assert again.original is not None
    assert "Ba" in (await stage.files.open(again.original)).decode()
    known = await stage.desk.ports.correspondents.of(again.account)
    assert known["psid"] == PERSON
    await stage.vault.erase(again.account)
    [third] = await stage.said(messaging(message("Bốn", "m_4")))
    assert third.account not in (again.account, first.account)


async def test_what_was_taken_before_an_erasure_and_comes_again_is_not_kept(stage: Stage) -> None:
    sent = message("Một", "m_1")
    [first] = await stage.said(messaging(sent))
    history = history_of(first.account)
    await stage.desk.ports.store.record(Commit(first.id, history, 1, first.received_at, first.account, b"[]"))
    await stage.vault.erase(first.account)
    [repeated, fresh] = await stage.said(messaging(sent, message("Hai", "m_2")))
    assert isinstance(repeated, Ignored)
    assert (repeated.reason, repeated.account) == ("erased", None)
    assert isinstance(fresh, Inbound)


async def test_a_policy_warning_sets_the_alarm(stage: Stage) -> None:
    await stage.said(captured("policy_enforcement"))
    assert stage.desk.alarm("policy_enforcement") == 1


def test_only_the_newest_places_are_kept_and_a_followup_is_a_new_place_for_the_first_matter() -> None:
    at = "2026-11-26T01:30:00+00:00"
    places: dict[str, Any] = {}
    for number in range(PLACES_KEPT + 5):
        places = places_with(places, {"code": str(number), "id": "a", "by": "comment_id", "at": at, "answers": None})
    assert len(places) == PLACES_KEPT
    assert "0" not in places
    assert places["24"] == EXPECTED_MEMBERS
    followed = places_with(places, {"code": "x", "id": "b", "by": "comment_id", "at": at, "answers": "20"})
    assert followed["20"]["id"] == followed["x"]["id"] == "b"
    stranger = places_with(places, {"code": "y", "id": "c", "by": "comment_id", "at": at, "answers": "none of ours"})
    assert "none of ours" not in stranger
