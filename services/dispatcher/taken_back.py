"""Leaves out of a ticket what its citizen deleted, so that no agency is shown it again; pure."""

from collections.abc import Sequence

from schemas.files import Attachment
from schemas.ticket import Ticket


def without(ticket: Ticket, deleted: Sequence[Attachment]) -> Ticket:
    """The ticket without these files, whatever their numbers in it; those that stay keep theirs."""
    addresses = {item.file.address for item in deleted if item.file is not None}
    links = {item.personal.source_url for item in deleted if item.personal.source_url}

    def is_deleted(item: Attachment) -> bool:
        stored = item.file is not None and item.file.address in addresses
        return stored or item.personal.source_url in links

    return ticket.model_copy(
        update={
            "attachments": tuple(item for item in ticket.attachments if not is_deleted(item)),
            "originals": tuple(file for file in ticket.originals if file.address not in addresses),
        }
    )
