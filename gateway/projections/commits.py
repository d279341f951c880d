"""A stored commit as the message that the logs carry."""

import json

from gateway.domain.identity import message_id
from gateway.store.port import Commit
from schemas.log import CommitLogged

CONVERSATION_LOG = "conversation.log"
TICKET_LOG = "ticket.log"


def logged_commit(commit: Commit, topic: str) -> CommitLogged:
    """The commit, with its personal part sealed as it is stored; the same id whenever it is made again."""
    return CommitLogged(
        id=message_id(commit.cause, topic, 0),
        history=commit.history,
        version=commit.version,
        cause=commit.cause,
        owner=commit.owner,
        at=commit.at,
        events=tuple(json.loads(commit.events)),
        sealed=commit.sealed,
    )
