"""Builds the projected documents anew from the histories, which are the truth."""

from collections.abc import AsyncIterator

from gateway.projections.commits import CONVERSATION_LOG, TICKET_LOG, logged_commit
from gateway.projections.consumer import FOLDED, Projector
from gateway.projections.fold import SUBMISSION, TICKET
from gateway.projections.port import Documents
from gateway.projections.withdrawals import WITHDRAWAL
from gateway.store.port import Store
from schemas.conversation import HISTORY_PREFIX as CONVERSATIONS
from schemas.ticket_history import HISTORY_PREFIX as TICKETS


async def rebuild(store: Store, documents: Documents) -> int:
    """Forget the folded documents and fold every commit again; returns how many commits.

    Nobody else may project meanwhile: the caller holds the lock of the projections. What is still in the logs is
    skipped afterwards, because the documents are already further.
    """
    projector = Projector(documents, store)
    for kind in (FOLDED, SUBMISSION, TICKET, WITHDRAWAL):
        await documents.clear(kind)
    count = 0
    async for history in _names(store, CONVERSATIONS):
        for commit in await store.commits(history):
            await projector.conversation(logged_commit(commit, CONVERSATION_LOG))
            count += 1
    async for history in _names(store, TICKETS):
        for commit in await store.commits(history):
            await projector.ticket(logged_commit(commit, TICKET_LOG))
            count += 1
    return count


async def _names(store: Store, prefix: str) -> AsyncIterator[str]:
    last = ""
    while names := await store.histories(prefix, after=last):
        for name in names:
            yield name
        last = names[-1]
