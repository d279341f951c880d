"""Tells a ticket that a message of its citizen says something else now, or was deleted; pure."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from gateway.domain.hygiene import MAX_TEXT
from schemas.commands import AdditionWords
from schemas.conversation import AddedToTicket
from schemas.files import Attachment
from schemas.inbound import Inbound
from services.normalizer.settle import Rules, addition
from services.normalizer.submission import Submission, original_of
from services.normalizer.tickets import as_file, content_of_ticket


def says_now(
    home: Submission, submission: Submission, old: Inbound, new: Inbound, rules: Rules, *, cause: UUID, now: datetime
) -> AddedToTicket:
    """A message as it stands now, for those who have the ticket; files that they have are not sent again.

    `home` is the submission with the ticket, `submission` the message's own, after the change.
    """
    known = {(item.kind, item.file, item.personal) for item in old.attachments}
    fresh = tuple(item for item in new.attachments if (item.kind, item.file, item.personal) not in known)
    added = addition(home, new.model_copy(update={"attachments": fresh}), rules.province, now, cause=cause)
    words = AdditionWords(text=_words(old, new), content=_content(home, submission, (new,), rules))
    update = {"corrects": True, "personal": words}
    return added.model_copy(update={"addition": added.addition.model_copy(update=update)})


def taken_back(
    home: Submission, submission: Submission, deleted: UUID, rules: Rules, *, cause: UUID, now: datetime
) -> AddedToTicket:
    """Word that the citizen deleted a message: its text stays in the record and is not shown again."""
    versions = [message for message in submission.inbounds if original_of(message) == deleted]
    files = [item for message in versions for item in _files(message)]
    bare = versions[0].model_copy(update={"attachments": ()})
    added = addition(home, bare, rules.province, now, cause=cause)
    words = AdditionWords(content=_content(home, submission, versions, rules))
    update = {"inbound_id": deleted, "withdrawn": True, "attachments": tuple(files), "personal": words}
    return added.model_copy(update={"addition": added.addition.model_copy(update=update)})


def _content(home: Submission, submission: Submission, versions: Sequence[Inbound], rules: Rules) -> str | None:
    """The ticket's own words from now on; None where the message came to the ticket only as an addition."""
    if home.ticket is None or home.code != submission.code:
        return None
    if not any(message.id in home.ticket.inbound_ids for message in versions):
        return None
    return content_of_ticket(submission, home.ticket, rules.province)


def _files(message: Inbound) -> tuple[Attachment, ...]:
    return (*message.attachments, *((as_file(message.original, 0),) if message.original is not None else ()))


def _words(old_message: Inbound, new_message: Inbound) -> str:
    """The text; below it the contact and the place, as far as they are said otherwise now."""
    old, new = old_message.personal, new_message.personal
    contact = (new.contact.name, new.contact.phone, new.contact.email, new.contact.address)
    below = [", ".join(item for item in contact if item)] if new.contact != old.contact else []
    below += [new.place] if new.place and new.place != old.place else []
    end = "".join(f"\n{line}" for line in below if line)
    return (new.text[: MAX_TEXT - len(end)] + end).strip()
