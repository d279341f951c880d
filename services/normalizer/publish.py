"""What a conversation's commit puts on topics: a pure function of the commit, so a repeat publishes the same."""

from collections.abc import Sequence

from gateway.domain.identity import message_id
from gateway.projections.commits import CONVERSATION_LOG
from gateway.runtime.histories import Recorded, to_message
from schemas.conversation import AddedToTicket, ConversationEvent, Decided, ReplyRendered, TicketOpened
from schemas.envelope import Message
from schemas.events import SubmissionEvent

SOURCE = "normalizer"


def messages_of(recorded: Recorded[ConversationEvent]) -> Sequence[Message]:
    """The commit itself, and what its events say to other services."""
    at = recorded.commit.at
    found = [recorded.logged(CONVERSATION_LOG, SOURCE)]
    for number, event in enumerate(recorded.events):
        match event:
            case Decided():
                told = _submission_event(recorded, event, number)
                found.append(to_message("submission.events", told.account, told, source=SOURCE, at=at))
            case TicketOpened(ticket=ticket):
                found.append(to_message("tickets", str(ticket.id), ticket, source=SOURCE, at=at))
            case AddedToTicket(addition=added):
                found.append(to_message("ticket.commands", str(added.ticket_id), added, source=SOURCE, at=at))
            case ReplyRendered(reply=reply):
                found.append(to_message(f"replies.{reply.channel}", reply.account, reply, source=SOURCE, at=at))
            case _:
                # The remaining events concern the history alone; the log carries them.
                continue
    return found


def _submission_event(recorded: Recorded[ConversationEvent], decided: Decided, number: int) -> SubmissionEvent:
    return SubmissionEvent(
        id=message_id(recorded.commit.cause, "submission.events", number),
        account=decided.account,
        code=decided.submission,
        inbound_ids=decided.inbound_ids,
        channel=decided.channel,
        intake=decided.intake,
        language=decided.language,
        outcome=decided.outcome,
        revision=decided.revision,
        alert=decided.alert,
        at=recorded.commit.at,
        trial=decided.trial,
    )
