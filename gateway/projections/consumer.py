"""Keeps the projected documents in step with the logs of conversations and tickets."""

from collections.abc import Sequence

from pydantic import ValidationError

from gateway.bus.port import Record
from gateway.errors import Invalid
from gateway.projections.fold import SUBMISSION, TICKET, folded_submission, folded_ticket, submissions_touched
from gateway.projections.port import Documents
from schemas.envelope import Message
from schemas.log import CommitLogged


class Projector:
    """Two handlers, one per log; each commit is folded once, in the order of its history."""

    def __init__(self, documents: Documents) -> None:
        """Take the documents it writes."""
        self._documents = documents

    async def conversation_log(self, record: Record) -> Sequence[Message]:
        """A commit of a conversation changes the submissions it names."""
        await self.conversation(_commit(record))
        return ()

    async def ticket_log(self, record: Record) -> Sequence[Message]:
        """A commit of a ticket changes the ticket."""
        await self.ticket(_commit(record))
        return ()

    async def conversation(self, commit: CommitLogged) -> None:
        """Fold one commit of a conversation."""
        for code in submissions_touched(commit):
            before = await self._documents.get(SUBMISSION, code)
            if before is None or before.version < commit.version:
                await self._documents.put(folded_submission(before, code, commit))

    async def ticket(self, commit: CommitLogged) -> None:
        """Fold one commit of a ticket."""
        before = await self._documents.get(TICKET, commit.history.removeprefix("ticket/"))
        if before is None or before.version < commit.version:
            after = folded_ticket(before, commit)
            if after is not None:
                await self._documents.put(after)


def _commit(record: Record) -> CommitLogged:
    try:
        return CommitLogged.model_validate_json(record.message.value)
    except ValidationError as error:
        raise Invalid("malformed", "Not a logged commit.") from error
