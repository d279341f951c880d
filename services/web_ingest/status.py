"""What a citizen with code and secret gets to see of their submission: projected documents folded into one view."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.domain.file_names import shown_name
from gateway.errors import Invalid
from gateway.outbox.payload import Payload, unpacked
from gateway.projections.port import Document, Documents
from gateway.vault.port import Vault
from schemas.files import AnswerFile, FileRef
from services.web_ingest.send import KIND, context_of

CHECKING = "checking"
ADDABLE = frozenset({"pending_supplement", "accepted", "needs_review"})
"""Outcomes to which a citizen may still add something."""


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A file that an answer brought; its address names it in links, and names nobody."""

    name: str
    ref: FileRef


@dataclass(frozen=True, slots=True)
class ShownReply:
    """One reply, opened."""

    kind: str
    language: str
    at: datetime
    text: str
    articles: tuple[str, ...]
    files: tuple[ShownFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened, by its machine-readable name."""

    step: str
    at: datetime
    agency: str | None


@dataclass(frozen=True, slots=True)
class Status:
    """A submission as its citizen may see it; `state` is an outcome's kind, or `checking` before there is one.

    `code` is the one that was asked for, `main` the submission's own, `account` is None before there is one and after
    its citizen's data was erased. `until` is the end of the time for answering
    a supplement request, `late` whether the agency's clock has run out (Điều 10.2).
    `label` and `subfield` are the field, or of a redirected matter where it belongs.
    """

    code: str
    state: str
    main: str = ""
    account: str | None = None
    reason: str | None = None
    articles: tuple[str, ...] = ()
    label: str | None = None
    subfield: str | None = None
    missing: tuple[str, ...] = ()
    received_at: datetime | None = None
    decided_at: datetime | None = None
    agency: str | None = None
    due_at: datetime | None = None
    late: bool = False
    until: datetime | None = None
    transferred_at: datetime | None = None
    answered_at: datetime | None = None
    replies: tuple[ShownReply, ...] = ()
    steps: tuple[Step, ...] = ()
    files: tuple[ShownFile, ...] = ()
    """Of the answer to whom another channel brought its words."""

    def file(self, address: str) -> ShownFile | None:
        """The file of this address, if it is one of this submission's."""
        brought = (*(one for reply in self.replies for one in reply.files), *self.files)
        return next((one for one in brought if one.ref.address == address), None)

    @property
    def can_add(self) -> bool:
        """Whether the citizen may add to it or answer a supplement request."""
        return self.account is not None and self.state in ADDABLE


async def status_of_code(documents: Documents, vault: Vault, code: str) -> Status:
    """The view of a code that is known to be ours; without documents yet it is being checked."""
    submission = await _submission(documents, code)
    if submission is None:
        return Status(code=code, state=CHECKING)
    body = submission.body
    main = str(body["code"])
    ticket = await _ticket(documents, main, body)
    outcome: Mapping[str, Any] = body.get("outcome") or {}
    account = str(body["account"])
    replies = await _replies(documents, vault, {code, main}, account)
    elsewhere = outcome.get("label")
    return Status(
        code=code,
        main=main,
        state=str(outcome.get("kind", CHECKING)),
        account=None if await vault.is_erased(account) else account,
        reason=outcome.get("reason"),
        articles=tuple(body.get("articles") or outcome.get("articles") or ()),
        label=elsewhere or body.get("label"),
        subfield=None if elsewhere else body.get("subfield"),
        missing=tuple(body.get("missing") or ()),
        received_at=_moment(body.get("received_at")),
        decided_at=_moment(body.get("decided_at")),
        agency=ticket.get("agency"),
        due_at=_moment(ticket.get("due_at")),
        late=bool(ticket.get("late")),
        until=_moment(body.get("until")),
        transferred_at=_moment(ticket.get("transferred_at")),
        answered_at=_moment(ticket.get("answered_at")),
        replies=replies,
        steps=_steps(body, ticket),
        files=_brought_elsewhere(ticket, replies, account, main),
    )


async def _submission(documents: Documents, code: str) -> Document | None:
    """The submission of a code, followed once to what it was merged into, if that is the same citizen's."""
    found = await documents.get("submission", code)
    if found is None:
        under_alias = await documents.find("submission", f"code:{code}", limit=1)
        return under_alias[0] if under_alias else None
    into = (found.body.get("outcome") or {}).get("into")
    main = await documents.get("submission", str(into)) if into else None
    return main if main is not None and main.body["account"] == found.body["account"] else found


async def _ticket(documents: Documents, code: str, submission: Mapping[str, Any]) -> Mapping[str, Any]:
    ticket_id = submission.get("ticket_id")
    if ticket_id:
        found = await documents.get("ticket", str(ticket_id))
        return found.body if found else {}
    under_code = await documents.find("ticket", f"code:{code}", limit=1)
    return under_code[0].body if under_code else {}


async def _replies(documents: Documents, vault: Vault, codes: set[str], account: str) -> tuple[ShownReply, ...]:
    """Replies about the submission that went to this very account, oldest first; erased ones are gone."""
    shown: dict[str, ShownReply] = {}
    for code in sorted(codes):
        for document in await documents.find(KIND, f"code:{code}", limit=100):
            if document.owner == account:
                shown[document.key] = await _opened(vault, document)
    return tuple(sorted((reply for reply in shown.values() if reply.text), key=lambda reply: reply.at))


async def _opened(vault: Vault, document: Document) -> ShownReply:
    body = document.body
    try:
        said = unpacked(await vault.open(document.owner, document.sealed, context=context_of(document.key)))
    except Invalid as error:
        if error.reason != "erased":
            raise
        said = Payload()
    return ShownReply(
        kind=str(body["kind"]),
        language=str(body["language"]),
        at=datetime.fromisoformat(str(body["at"])),
        text=said.text,
        articles=tuple(body["articles"]),
        files=tuple(_named(one) for one in said.files),
    )


def _named(file: AnswerFile) -> ShownFile:
    return ShownFile(file.personal.name, file.file)


def _brought_elsewhere(
    ticket: Mapping[str, Any], replies: tuple[ShownReply, ...], account: str, code: str
) -> tuple[ShownFile, ...]:
    """Files of an answer whose words went over another channel: by number, for documents hold no names."""
    known = {file.ref.address for reply in replies for file in reply.files}
    refs = [FileRef.model_validate(one) for one in ticket.get("files") or ()]
    return tuple(
        ShownFile(f"{code}-{shown_name('', ref.media_type, number)}", ref)
        for number, ref in enumerate(refs)
        if ref.owner == account and ref.address not in known
    )


def _steps(*bodies: Mapping[str, Any]) -> tuple[Step, ...]:
    found = [
        Step(str(step["step"]), datetime.fromisoformat(str(step["at"])), step.get("agency"))
        for body in bodies
        for step in body.get("steps") or ()
    ]
    return tuple(sorted(found, key=lambda step: step.at))


def _moment(text: object) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None
