"""Documents follow from logged commits alone, step by step."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from gateway.projections.fold import folded_submission, folded_ticket, submissions_touched
from gateway.projections.port import Document
from schemas.log import CommitLogged

AT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
ACCOUNT = "0123456789abcdef0123456789abcdef"
CODE = "2222-2222-2222"
OTHER = "3333-3333-3333"


def logged(version: int, *events: dict[str, Any], history: str = f"conversation/{ACCOUNT}") -> CommitLogged:
    return CommitLogged(
        id=uuid4(),
        history=history,
        version=version,
        cause=uuid4(),
        owner=ACCOUNT,
        at=AT,
        events=events,
        sealed=b"sealed",
    )


def received(code: str = CODE, *, opens: bool = True) -> dict[str, Any]:
    return {
        "event": "message_received",
        "submission": code,
        "opens": opens,
        "inbound": {
            "id": "m1",
            "channel": "web",
            "intake": "form",
            "received_at": AT.isoformat(),
            "language_chosen": "vi",
            "trial": True,
            "operator": None,
        },
    }


def decided(kind: str, revision: int, code: str = CODE, **outcome: object) -> dict[str, Any]:
    return {
        "event": "decided",
        "submission": code,
        "revision": revision,
        "outcome": {"kind": kind, **outcome},
        "language": "vi",
        "classification": {"ranked": [{"label": "public_service", "subfield": "waste", "confidence": 0.9}]},
        "articles": ["6.3"],
        "alert": False,
        "by": "rules",
    }


def test_a_submission_is_known_from_its_first_message() -> None:
    document = folded_submission(None, CODE, logged(1, received()))
    assert document.body["outcome"] is None
    assert document.body["channel"] == "web"
    assert document.body["trial"] is True
    assert f"account:{ACCOUNT}" in document.terms


def test_the_current_outcome_and_what_is_missing_are_shown() -> None:
    before = folded_submission(None, CODE, logged(1, received()))
    asked = folded_submission(before, CODE, logged(2, decided("pending_supplement", 1, missing=["phone"])))
    assert asked.body["missing"] == ["phone"]
    assert "outcome:pending_supplement" in asked.terms
    done = folded_submission(asked, CODE, logged(3, decided("accepted", 2)))
    assert done.body["missing"] == []
    assert done.body["revision"] == 2
    assert [step["step"] for step in done.body["steps"]] == ["received", "pending_supplement", "accepted"]
    assert "outcome:pending_supplement" not in done.terms


def test_a_commit_changes_only_the_submissions_it_names() -> None:
    commit = logged(5, received(OTHER), decided("merged", 1, OTHER, into=CODE))
    assert submissions_touched(commit) == (OTHER,)
    assert folded_submission(None, OTHER, commit).body["outcome"] == {"kind": "merged", "into": CODE}


def stub_received(*, opens: bool = True) -> dict[str, Any]:
    stub = {"id": "m1", "channel": "web", "intake": "app", "received_at": AT.isoformat(), "trial": True}
    return {"event": "stub_received", "submission": CODE, "opens": opens, "stub": stub}


def test_a_stub_is_a_message_received_and_what_is_read_later_is_the_same_one() -> None:
    stubbed = folded_submission(None, CODE, logged(1, stub_received()))
    assert (stubbed.body["channel"], stubbed.body["intake"], stubbed.body["trial"]) == ("web", "app", True)
    read = folded_submission(stubbed, CODE, logged(2, received(opens=False)))
    assert read.body["inbound_ids"] == ["m1"]
    assert read.body["language"] == "vi"
    assert read.body["intake"] == "app"
    assert [step["step"] for step in read.body["steps"]] == ["received", "read"]


def opened() -> dict[str, Any]:
    return {
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


def ticket_after(*events: dict[str, Any]) -> Document:
    document = None
    for version, event in enumerate(events, start=1):
        document = folded_ticket(document, logged(version, event, history="ticket/t1"))
    assert document is not None
    return document


TRANSFERRED = {
    "event": "transferred",
    "agency": "waste_company",
    "role": "focal_officer",
    "due_at": AT.isoformat(),
    "at": AT.isoformat(),
    "reason": {"rule": "waste", "articles": [], "competing": []},
    "revision": 1,
    "by": "rules",
}


def test_a_ticket_is_found_under_its_agency_and_state() -> None:
    document = ticket_after(opened(), TRANSFERRED)
    assert {"agency:waste_company", "state:with_focal_officer", f"code:{CODE}"} <= set(document.terms)
    assert document.body["due_at"] == AT.isoformat()


def test_a_merged_code_leads_to_the_ticket() -> None:
    document = ticket_after(opened(), {"event": "added", "addition": {"alias": OTHER}})
    assert f"code:{OTHER}" in document.terms


def test_an_answered_ticket_has_no_due_time() -> None:
    answered = {"event": "answered", "agency": "waste_company", "by": "waste_company", "revision": 2}
    document = ticket_after(opened(), TRANSFERRED, answered)
    assert document.body["state"] == "answered"
    assert document.body["due_at"] is None


def test_no_document_without_a_ticket() -> None:
    assert folded_ticket(None, logged(1, {"event": "timer_closed"}, history="ticket/t1")) is None
