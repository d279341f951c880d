"""Finds what an operator sees of a code: the projected document of the submission, or of its ticket."""

from collections.abc import Mapping
from typing import Any

from gateway.errors import Invalid
from gateway.projections.fold import SUBMISSION, TICKET
from gateway.projections.port import Document, Documents

Body = Mapping[str, Any]


async def submission_of(documents: Documents, code: str) -> Body:
    """The submission's document; raises `Invalid("unknown_code")`."""
    found = await documents.get(SUBMISSION, code)
    if found is None:
        raise Invalid("unknown_code", "No submission has this code (yet).")
    return found.body


async def ticket_of(documents: Documents, code: str) -> Body:
    """What is known of the ticket that this code or alias belongs to; raises `Invalid("no_ticket")`."""
    return (await ticket_document(documents, code)).body


async def ticket_document(documents: Documents, code: str) -> Document:
    """The document of the ticket that this code or alias belongs to; raises `Invalid("no_ticket")`."""
    found = await documents.find(TICKET, f"code:{code}", limit=1)
    if not found:
        raise Invalid("no_ticket", "No ticket has this code (yet); `gateway show` tells what became of it.")
    return found[0]
