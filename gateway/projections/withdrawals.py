"""Folds citizens' wishes for erasure or restriction into documents that operators work off; no personal data."""

from collections.abc import Sequence

from gateway.projections.port import Document
from schemas.log import CommitLogged

WITHDRAWAL = "withdrawal"
OPEN = "open:yes"


def asked_for(commit: CommitLogged) -> Sequence[Document]:
    """A document for each wish that a conversation's commit brings."""
    return [
        Document(
            WITHDRAWAL,
            event["withdrawn"]["id"],
            commit.version,
            {
                "id": event["withdrawn"]["id"],
                "account": commit.owner,
                "channel": event["withdrawn"]["channel"],
                "received_at": event["withdrawn"]["received_at"],
                "codes": list(event["submissions"]),
                "settled_at": None,
                "settled_by": None,
                "trial": event["withdrawn"]["trial"],
            },
            owner=commit.owner,
            terms=(OPEN, f"account:{commit.owner}"),
        )
        for event in commit.events
        if event["event"] == "data_withdrawn"
    ]


def seen_to(commit: CommitLogged) -> dict[str, str]:
    """Which wishes the commit settles, each with the operator's code."""
    return {event["withdrawal"]: event["by"] for event in commit.events if event["event"] == "withdrawal_settled"}


def settled(before: Document, by: str, commit: CommitLogged) -> Document:
    """The document of a wish that an operator has seen to."""
    body = {**before.body, "settled_at": commit.at.isoformat(), "settled_by": by}
    return Document(
        WITHDRAWAL, before.key, commit.version, body, owner=before.owner, terms=(f"account:{before.owner}",)
    )
