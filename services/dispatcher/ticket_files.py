"""Which file of a ticket an attachment is: one number names it in the ticket and in whatever is added; pure."""

from collections.abc import Sequence

from gateway.domain.ticket_room import fitting
from schemas.files import MOST_NUMBER, Attachment, AttachmentState
from schemas.ticket import Ticket


def numbered(ticket: Ticket, added: Sequence[Attachment]) -> tuple[Attachment, ...]:
    """Attachments of a message with their numbers in the ticket.

    One that was fetched or lost meanwhile has the number of the pending one it settles, a new one the next number.
    """
    waiting = [item for item in ticket.attachments if item.state is AttachmentState.PENDING]
    following = max((item.number for item in ticket.attachments), default=-1) + 1
    found = []
    for item in added:
        settles = next((other for other in waiting if _is_same(other, item)), None)
        if settles is not None:
            waiting.remove(settles)
            found.append(item.model_copy(update={"number": settles.number}))
        else:
            found.append(item.model_copy(update={"number": min(following, MOST_NUMBER)}))
            following += 1
    return tuple(found)


def merged(present: Sequence[Attachment], added: Sequence[Attachment]) -> tuple[Attachment, ...]:
    """The ticket's attachments after an addition whose attachments are numbered.

    Those for which it has no room went to the agency with the addition.
    """
    settled = {item.number: item for item in added if item.state is not AttachmentState.PENDING}
    kept = []
    for item in present:
        waits = item.state is AttachmentState.PENDING
        kept.append(settled.pop(item.number, item) if waits else item)
    fresh = [item for item in added if item.state is AttachmentState.PENDING or item.number in settled]
    return max(tuple(kept), fitting((*kept, *fresh)), key=len)


def _is_same(waiting: Attachment, item: Attachment) -> bool:
    """The same link of the same kind: attachments carry no id, and a platform gives every file its own link."""
    return item.state is not AttachmentState.PENDING and waiting.kind == item.kind and waiting.personal == item.personal
