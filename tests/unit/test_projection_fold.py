"""Documents follow from logged commits alone, step by step."""

from dataclasses import replace
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


def test_an_answers_files_are_known_without_their_names() -> None:
    ref = {"address": "0f" * 32, "owner": ACCOUNT, "size": 7, "media_type": "application/pdf"}
    files = [{"number": 0, "kind": "document", "file": ref}]
    answered = {"event": "answered", "agency": "waste_company", "by": "waste_company", "revision": 2}
    assert ticket_after(opened(), TRANSFERRED, {**answered, "files": files}).body["files"] == [ref]
    assert ticket_after(opened(), TRANSFERRED, answered).body["files"] == []


def test_no_document_without_a_ticket() -> None:
    assert folded_ticket(None, logged(1, {"event": "timer_closed"}, history="ticket/t1")) is None


WITHDRAWN = {"id": "w1", "channel": "zalo", "received_at": AT.isoformat(), "trial": False}


def test_a_wish_for_erasure_marks_every_submission_until_it_is_seen_to() -> None:
    asked = logged(2, {"event": "data_withdrawn", "submissions": [CODE, OTHER], "withdrawn": WITHDRAWN})
    assert submissions_touched(asked) == (CODE, OTHER)
    marked = folded_submission(folded_submission(None, CODE, logged(1, received())), CODE, asked)
    assert marked.body["data_withdrawn"] == ["w1"]
    assert "alert:yes" in marked.terms
    done = logged(3, {"event": "withdrawal_settled", "submissions": [CODE, OTHER], "withdrawal": "w1", "by": "op_lan"})
    settled = folded_submission(marked, CODE, done)
    assert settled.body["data_withdrawn"] == []
    assert "alert:yes" not in settled.terms
    assert settled.body["steps"][-1] == {"at": AT.isoformat(), "step": "withdrawal_settled", "by": "op_lan"}


def test_documents_of_an_earlier_release_know_no_withdrawals() -> None:
    before = folded_submission(None, CODE, logged(1, received()))
    body = {name: value for name, value in before.body.items() if name != "data_withdrawn"}
    old = replace(before, body=body)
    after = folded_submission(old, CODE, logged(2, decided("accepted", 1)))
    assert "alert:yes" not in after.terms


def test_what_stands_beside_a_matter_are_steps_that_name_nobody() -> None:
    events = (
        {"event": "staff_wrote", "submission": CODE, "message": {"channel": "zalo"}},
        {"event": "message_ignored", "submission": CODE, "ignored": {"reason": "sticker"}},
        {"event": "message_withdrawn", "submission": CODE, "withdrawn": WITHDRAWN},
    )
    document = folded_submission(folded_submission(None, CODE, logged(1, received())), CODE, logged(2, *events))
    steps = [(step["step"], step["by"]) for step in document.body["steps"]]
    assert steps[1:] == [("staff_wrote", "staff"), ("message_ignored", "citizen"), ("message_withdrawn", "citizen")]
    assert submissions_touched(logged(3, {"event": "staff_wrote", "submission": None, "message": {}})) == ()


def test_a_ticket_says_that_its_citizen_deleted_a_message() -> None:
    deletion = {"event": "added", "addition": {"alias": None, "withdrawn": True}}
    document = ticket_after(opened(), TRANSFERRED, deletion)
    assert document.body["citizen_deleted"] is True
    assert document.body["steps"][-1]["step"] == "message_withdrawn"
