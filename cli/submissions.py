"""Lists submissions by outcome, so that operators find what waits for them; documents hold no personal data."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from cli.screen import local, print_json, print_rows, table
from cli.session import opened
from gateway.projections.fold import SUBMISSION
from gateway.projections.port import Document, Documents
from schemas.vocabulary import OutcomeKind

PAGE = 500


def command(
    *,
    outcome: Annotated[OutcomeKind | None, typer.Option(help="Only those with this outcome now.")] = None,
    alert: Annotated[bool, typer.Option("--alert", help="Only those that operators are to look at at once.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="Most that are listed.")] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """List submissions.

    `--outcome needs_review` is the operators' queue: `gateway show CODE` tells the matter, `gateway review CODE`
    decides it.
    """
    bodies, timezone = asyncio.run(_found(outcome, limit, alert=alert))
    if as_json:
        for body in bodies:
            print_json(body)
        return
    made = table("Submissions", "code", "received", "by", "outcome", "why", "field", "marks")
    print_rows(made, [_row(body, timezone) for body in bodies], empty="No submissions.")


async def _found(outcome: OutcomeKind | None, limit: int, *, alert: bool) -> tuple[list[Mapping[str, Any]], str]:
    async with opened() as deployment:
        documents = await _documents(deployment.documents, outcome, limit, alert=alert)
        bodies = sorted((document.body for document in documents), key=_received, reverse=True)
        return bodies[:limit], deployment.province.timezone


async def _documents(
    documents: Documents, outcome: OutcomeKind | None, limit: int, *, alert: bool
) -> Sequence[Document]:
    if outcome is None and not alert:
        return await documents.newest(SUBMISSION, limit=limit)
    term = "alert:yes" if alert else f"outcome:{outcome}"
    found: list[Document] = []
    after = ""
    while page := await documents.find(SUBMISSION, term, limit=PAGE, after=after):
        found.extend(document for document in page if outcome is None or f"outcome:{outcome}" in document.terms)
        after = page[-1].key
    return found


def _received(body: Mapping[str, Any]) -> str:
    return str(body["received_at"])


def _row(body: Mapping[str, Any], timezone: str) -> list[str]:
    marks = [name for name in ("alert", "data_withdrawn", "trial") if body.get(name)]
    outcome = body["outcome"] or {"kind": "gathering"}
    why = outcome.get("reasons") or outcome.get("missing") or [outcome.get("reason") or outcome.get("into") or "-"]
    field = "-" if body["label"] is None else f"{body['label']}.{body['subfield'] or '-'}"
    by = str(body["intake"] or "-")
    received = local(body["received_at"], timezone)
    return [body["code"], received, by, outcome["kind"], ", ".join(why), field, " ".join(marks)]
