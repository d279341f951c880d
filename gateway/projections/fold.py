"""Folds logged commits into the documents that lookups and lists read; pure, and without personal data."""

from collections.abc import Mapping
from typing import Any

from gateway.projections.port import Document
from schemas.log import CommitLogged

SUBMISSION = "submission"
TICKET = "ticket"
MESSAGE = "message"

Body = Mapping[str, Any]


def submissions_touched(commit: CommitLogged) -> tuple[str, ...]:
    """Receipt codes of the submissions that a conversation's commit changes."""
    return tuple(dict.fromkeys(code for event in commit.events for code in _named(event)))


def folded_submission(before: Document | None, code: str, commit: CommitLogged) -> Document:
    """The submission's document after a commit of its conversation."""
    body: dict[str, Any] = dict(before.body) if before is not None else _new_submission(code, commit)
    for event in commit.events:
        if code in _named(event):
            body = _submission_after(body, event, commit.at.isoformat())
    terms = [f"account:{body['account']}", *(f"code:{alias}" for alias in (code, *body["aliases"]))]
    outcome = body["outcome"]
    if outcome is not None:
        terms.append(f"outcome:{outcome['kind']}")
    if body["alert"] or body.get("data_withdrawn"):
        terms.append("alert:yes")
    return Document(SUBMISSION, code, commit.version, body, owner=commit.owner, terms=tuple(dict.fromkeys(terms)))


def folded_ticket(before: Document | None, commit: CommitLogged) -> Document | None:
    """The ticket's document after a commit of its history; None while no ticket is in it."""
    body: dict[str, Any] = dict(before.body) if before is not None else {}
    for event in commit.events:
        body = _ticket_after(body, event, commit.at.isoformat())
    if not body:
        return None
    terms = [f"code:{body['code']}", f"state:{body['state']}", *(f"code:{alias}" for alias in body["aliases"])]
    if body["agency"] is not None:
        terms.append(f"agency:{body['agency']}")
    return Document(TICKET, body["ticket_id"], commit.version, body, owner=commit.owner, terms=tuple(terms))


def _named(event: Body) -> tuple[str, ...]:
    """The submissions that an event is about: one, or for what concerns the citizen all that were known."""
    one = event.get("submission")
    return (one,) if one else tuple(event.get("submissions") or ())


def _new_submission(code: str, commit: CommitLogged) -> dict[str, Any]:
    return {
        "code": code,
        "aliases": [],
        "account": commit.owner,
        "channel": None,
        "intake": None,
        "language": None,
        "outcome": None,
        "revision": 0,
        "received_at": commit.at.isoformat(),
        "decided_at": None,
        "label": None,
        "subfield": None,
        "ticket_id": None,
        "missing": [],
        "articles": [],
        "alert": False,
        "data_withdrawn": [],
        "trial": False,
        "inbound_ids": [],
        "steps": [],
    }


def _submission_after(body: dict[str, Any], event: Body, at: str) -> dict[str, Any]:
    match event["event"]:
        case "message_received":
            return _received(body, event["inbound"], at, opens=event["opens"])
        case "stub_received":
            return _received(body, event["stub"], at, opens=event["opens"])
        case "decided":
            return _decided(body, event, at)
        case "ticket_opened":
            return {**body, "ticket_id": event["ticket"]["id"]}
        case "added_to_ticket":
            return _step(body, at, _added(event))
        case "corrected":
            return _step(body, at, "read_again", by=event["by"], run=event["run"])
        case "gathered":
            return _step(body, at, "gathered")
        case _:
            return _beside(body, event, at)


def _beside(body: dict[str, Any], event: Body, at: str) -> dict[str, Any]:
    """What stands beside the matter: staff's words, empty messages, and what the citizen takes back."""
    match event["event"]:
        case "staff_wrote":
            return _step(body, at, "staff_wrote", by="staff")
        case "message_ignored":
            return _step(body, at, "message_ignored", by="citizen", reason=event["ignored"]["reason"])
        case "message_withdrawn":
            return _step(body, at, "message_withdrawn", by="citizen")
        case "data_withdrawn":
            wishes = [*body.get("data_withdrawn", ()), event["withdrawn"]["id"]]
            return _step({**body, "data_withdrawn": wishes}, at, "data_withdrawn", by="citizen")
        case "withdrawal_settled":
            wishes = [one for one in body.get("data_withdrawn", ()) if one != event["withdrawal"]]
            return _step({**body, "data_withdrawn": wishes}, at, "withdrawal_settled", by=event["by"])
        case _:
            return body


def _received(body: dict[str, Any], message: Body, at: str, *, opens: bool) -> dict[str, Any]:
    """A message or a stub; a message that is read after its stub was received when the stub was."""
    by = message.get("operator") or "citizen"
    language = body["language"] or message.get("language_chosen")
    if message["id"] in body["inbound_ids"]:
        return _step({**body, "language": language}, at, "read", by=by)
    body = {**body, "inbound_ids": [*body["inbound_ids"], message["id"]]}
    if opens:
        body |= {
            "channel": message["channel"],
            "intake": message["intake"],
            "received_at": message["received_at"],
            "language": language,
            "trial": message["trial"],
        }
    return _step(body, at, "received", by=by)


def _decided(body: dict[str, Any], event: Body, at: str) -> dict[str, Any]:
    outcome = event["outcome"]
    best = (event.get("classification") or {"ranked": [{}]})["ranked"][0]
    body = {
        **body,
        "outcome": outcome,
        "revision": event["revision"],
        "decided_at": at,
        "language": event["language"] or body["language"],
        "label": best.get("label"),
        "subfield": best.get("subfield"),
        "missing": outcome.get("missing", []),
        "articles": event["articles"],
        "alert": event["alert"],
        "until": event.get("until"),
    }
    return _step(body, at, outcome["kind"], by=event["by"], articles=event["articles"])


def _ticket_after(body: dict[str, Any], event: Body, at: str) -> dict[str, Any]:
    kind = event["event"]
    if kind == "opened":
        return _step(_opened(event["ticket"], at), at, "opened")
    if not body:
        return body
    match kind:
        case "held":
            body |= {"state": "held", "proposed": event["proposed"]}
            return _step(body, at, "held", agency=event["proposed"], reason=event["reason"]["rule"])
        case "transferred":
            return _transferred(body, event, at)
        case "added":
            alias = event["addition"].get("alias")
            aliases = [*body["aliases"], alias] if alias and alias not in body["aliases"] else body["aliases"]
            deleted = body.get("citizen_deleted", False) or bool(event["addition"].get("withdrawn"))
            return _step({**body, "aliases": aliases, "citizen_deleted": deleted}, at, _added(event))
        case "answered":
            body |= {"state": "answered", "answered_at": at, "due_at": None, "revision": event["revision"]}
            body["files"] = [one["file"] for one in event.get("files", ())]
            return _step(body, at, "answered", agency=event["agency"], by=event["by"])
        case "due_reached":
            return _step({**body, "late": True}, at, "due_reached", role=event["role"], due_at=event["due_at"])
        case "command_refused":
            return _step(body, at, "command_refused", by=event["by"], reason=event["reason"])
        case _:
            return body


def _added(event: Body) -> str:
    """What a message says otherwise, or that it was deleted, is nothing that the citizen added."""
    if event["addition"].get("withdrawn"):
        return "message_withdrawn"
    return "corrected" if event["addition"].get("corrects") else "added"


def _opened(ticket: Body, at: str) -> dict[str, Any]:
    best = ticket["classification"]["ranked"][0]
    return {
        "ticket_id": ticket["id"],
        "code": ticket["code"],
        "aliases": list(ticket["aliases"]),
        "channel": ticket["channel"],
        "intake": ticket["intake"],
        "state": "opened",
        "label": best["label"],
        "subfield": best.get("subfield"),
        "locality": ticket.get("locality"),
        "urgent": ticket["urgent"],
        "conduct": ticket["conduct"],
        "agency": None,
        "proposed": None,
        "role": None,
        "due_at": None,
        "late": False,
        "citizen_deleted": False,
        "revision": 0,
        "received_at": ticket["received_at"],
        "opened_at": at,
        "transferred_at": None,
        "answered_at": None,
        "trial": ticket["trial"],
        "steps": [],
    }


def _transferred(body: dict[str, Any], event: Body, at: str) -> dict[str, Any]:
    body |= {
        "state": "with_head" if event["role"] == "head" else "with_focal_officer",
        "agency": event["agency"],
        "proposed": None,
        "role": event["role"],
        "due_at": event["due_at"],
        "late": False,
        "revision": event["revision"],
        "transferred_at": event["at"],
    }
    return _step(
        body,
        at,
        "transferred",
        agency=event["agency"],
        role=event["role"],
        due_at=event["due_at"],
        reason=event["reason"]["rule"],
        by=event["by"],
    )


def _step(body: dict[str, Any], at: str, step: str, **more: object) -> dict[str, Any]:
    return {**body, "steps": [*body["steps"], {"at": at, "step": step, **more}]}
