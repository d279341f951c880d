"""What is left to show of a submission whose citizen was erased: steps and times, out of documents that name nobody."""

from collections.abc import Mapping
from typing import Any

from cli.documents_of_code import submission_of
from gateway.projections.fold import TICKET
from gateway.runtime.deployment import Deployment


async def remains_of(deployment: Deployment, code: str) -> dict[str, Any]:
    """Outcome, ticket and steps, oldest first; raises `Invalid("unknown_code")`."""
    body = await submission_of(deployment.documents, code)
    found = await deployment.documents.find(TICKET, f"code:{code}", limit=1)
    ticket: Mapping[str, Any] = found[0].body if found else {}
    steps = sorted((*body["steps"], *ticket.get("steps", ())), key=lambda step: str(step["at"]))
    return {
        "code": body["code"],
        "erased": True,
        "outcome": body["outcome"],
        "ticket_id": body["ticket_id"],
        "state": ticket.get("state"),
        "agency": ticket.get("agency"),
        "history": steps,
    }
