"""Keeps the projected documents in step with the logs of conversations and tickets."""

from collections.abc import Sequence

from pydantic import ValidationError

from gateway.bus.port import Record
from gateway.errors import Invalid
from gateway.projections.commits import CONVERSATION_LOG, TICKET_LOG, logged_commit
from gateway.projections.fold import SUBMISSION, TICKET, folded_submission, folded_ticket, submissions_touched
from gateway.projections.port import Document, Documents
from gateway.projections.withdrawals import WITHDRAWAL, asked_for, seen_to, settled
from gateway.store.port import Store
from schemas.envelope import Message
from schemas.log import CommitLogged
from schemas.upcasting import upcast

FOLDED = "folded"
"""Kind of the documents that say how far a history is folded."""


class Projector:
    """Two handlers, one per log; each commit is folded once, in the order of its history.

    A history's commits may reach the log out of order, because its writer handles several topics side by side. What a
    logged commit skips is therefore taken from the store, which has every commit before it is published.
    """

    def __init__(self, documents: Documents, store: Store) -> None:
        """Take the documents it writes, and the store that knows every commit."""
        self._documents = documents
        self._store = store

    async def conversation_log(self, record: Record) -> Sequence[Message]:
        """A commit of a conversation changes the submissions it names."""
        await self.conversation(_commit(record))
        return ()

    async def ticket_log(self, record: Record) -> Sequence[Message]:
        """A commit of a ticket changes the ticket."""
        await self.ticket(_commit(record))
        return ()

    async def conversation(self, commit: CommitLogged) -> None:
        """Fold a conversation up to this commit."""
        for step in await self._not_folded(commit, CONVERSATION_LOG):
            for code in submissions_touched(step):
                before = await self._documents.get(SUBMISSION, code)
                if before is None or before.version < step.version:
                    await self._documents.put(folded_submission(before, code, step))
            await self._withdrawals(step)
            await self._documents.put(Document(FOLDED, step.history, step.version, {}))

    async def ticket(self, commit: CommitLogged) -> None:
        """Fold a ticket up to this commit."""
        key = commit.history.removeprefix("ticket/")
        for step in await self._not_folded(commit, TICKET_LOG):
            before = await self._documents.get(TICKET, key)
            if before is None or before.version < step.version:
                after = folded_ticket(before, step)
                if after is not None:
                    await self._documents.put(after)
            await self._documents.put(Document(FOLDED, step.history, step.version, {}))

    async def _withdrawals(self, commit: CommitLogged) -> None:
        for document in asked_for(commit):
            await self._documents.put(document)
        for withdrawal, by in seen_to(commit).items():
            before = await self._documents.get(WITHDRAWAL, withdrawal)
            if before is not None:
                await self._documents.put(settled(before, by, commit))

    async def _not_folded(self, commit: CommitLogged, topic: str) -> Sequence[CommitLogged]:
        """The commits between what is folded and this one, itself included; none when it is folded already."""
        folded = await self._documents.get(FOLDED, commit.history)
        version = 0 if folded is None else folded.version
        if commit.version <= version + 1:
            return [_today(commit)] if commit.version > version else []
        stored = await self._store.commits(commit.history, after=version)
        return [_today(logged_commit(step, topic)) for step in stored if step.version <= commit.version]


def _today(commit: CommitLogged) -> CommitLogged:
    """The commit with its events as today's release writes them, whichever release recorded it."""
    return commit.model_copy(update={"events": tuple(upcast(commit.history, commit.events))})


def _commit(record: Record) -> CommitLogged:
    try:
        return CommitLogged.model_validate_json(record.message.value)
    except ValidationError as error:
        raise Invalid("malformed", "Not a logged commit.") from error
