"""Projected documents are discardable: the histories give the same ones again."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from gateway.projections.commits import logged_commit
from gateway.projections.consumer import Projector
from gateway.projections.port import Document
from gateway.projections.sqlite import SqliteDocuments
from gateway.runtime.rebuild import rebuild
from gateway.store.port import Commit
from gateway.store.sqlite import SqliteStore
from schemas.upcasting import UPCASTERS

AT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
ACCOUNT = "0123456789abcdef0123456789abcdef"
CODE = "2222-2222-2222"

RECEIVED = {
    "event": "message_received",
    "submission": CODE,
    "opens": True,
    "inbound": {
        "id": "m1",
        "channel": "web",
        "intake": "form",
        "received_at": AT.isoformat(),
        "trial": False,
        "operator": None,
    },
}
DECIDED = {
    "event": "decided",
    "submission": CODE,
    "revision": 1,
    "outcome": {"kind": "accepted"},
    "language": "vi",
    "classification": {"ranked": [{"label": "public_service", "subfield": "waste", "confidence": 0.9}]},
    "articles": ["8.3"],
    "alert": False,
    "by": "rules",
}
OPENED = {
    "event": "opened",
    "ticket": {
        "id": "t1",
        "code": CODE,
        "aliases": [],
        "channel": "web",
        "intake": "form",
        "classification": {"ranked": [{"label": "public_service", "subfield": "waste", "confidence": 0.9}]},
        "locality": None,
        "urgent": False,
        "conduct": False,
        "received_at": AT.isoformat(),
        "trial": False,
    },
}


def a_commit(history: str, version: int, event: dict[str, Any]) -> Commit:
    return Commit(
        cause=uuid4(), history=history, version=version, at=AT, owner=ACCOUNT, events=json.dumps([event]).encode()
    )


async def both(documents: SqliteDocuments) -> tuple[Document | None, Document | None]:
    return await documents.get("submission", CODE), await documents.get("ticket", "t1")


async def test_rebuilding_gives_the_same_documents(tmp_path: Path) -> None:
    store, documents = SqliteStore(tmp_path / "store.db"), SqliteDocuments(tmp_path / "documents.db")
    projector = Projector(documents, store)
    conversation = f"conversation/{ACCOUNT}"
    for commit in (a_commit(conversation, 1, RECEIVED), a_commit(conversation, 2, DECIDED)):
        await projector.conversation(logged_commit(await store.record(commit), "conversation.log"))
    await projector.ticket(logged_commit(await store.record(a_commit("ticket/t1", 1, OPENED)), "ticket.log"))
    before = await both(documents)
    await documents.put(Document("submission", "3333-3333-3333", 9, {"code": "left over"}))

    assert await rebuild(store, documents) == 3

    assert await both(documents) == before
    assert before[0] is not None
    assert await documents.get("submission", "3333-3333-3333") is None
    await documents.close()
    await store.close()


async def test_what_an_earlier_release_recorded_is_projected_as_todays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, documents = SqliteStore(tmp_path / "store.db"), SqliteDocuments(tmp_path / "documents.db")
    old = {**OPENED, "event": "arrived"}
    monkeypatch.setitem(UPCASTERS, ("ticket/", "arrived", 1), lambda event: {**event, "event": "opened"})
    commit = await store.record(a_commit("ticket/t1", 1, old))
    await Projector(documents, store).ticket(logged_commit(commit, "ticket.log"))
    from_log = await both(documents)
    assert from_log[1] is not None
    await rebuild(store, documents)
    assert await both(documents) == from_log
    await documents.close()
    await store.close()


ANSWERED = {"event": "answered", "agency": "waste_company", "by": "waste_company", "revision": 1}


@pytest.mark.parametrize("order", [(1, 2, 3), (1, 3, 2), (3, 1, 2), (3, 2, 1, 3)])
async def test_commits_that_reach_the_log_out_of_order_are_folded_in_order(tmp_path: Path, order: list[int]) -> None:
    store, documents = SqliteStore(tmp_path / "store.db"), SqliteDocuments(tmp_path / "documents.db")
    projector = Projector(documents, store)
    closed = {"event": "reply_ended", "reply_id": str(uuid4()), "state": "sent", "reason": None}
    events: tuple[dict[str, Any], ...] = (OPENED, ANSWERED, closed)
    commits = [await store.record(a_commit("ticket/t1", at, event)) for at, event in enumerate(events, start=1)]
    for version in order:
        await projector.ticket(logged_commit(commits[version - 1], "ticket.log"))
    document = await documents.get("ticket", "t1")
    assert document is not None
    assert document.body["state"] == "answered"
    assert [step["step"] for step in document.body["steps"]] == ["opened", "answered"]
    await documents.close()
    await store.close()
