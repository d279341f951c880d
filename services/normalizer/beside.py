"""Records what stands in a conversation and puts no matter: staff's own words, and a citizen's empty messages; pure."""

from gateway.domain.draft import Draft
from schemas.conversation import ConversationEvent, MessageIgnored, StaffWrote
from schemas.inbound import Ignored, StaffMessage
from services.normalizer.conversation import Conversation
from services.normalizer.settle import ConversationDraft


def on_staff_message(state: Conversation, message: StaffMessage) -> ConversationDraft:
    """What staff wrote by hand: kept with the matter (Điều 7), without an outcome and without a reply."""
    wrote: tuple[ConversationEvent, ...] = (StaffWrote(submission=state.beside(), message=message),)
    return Draft(wrote)


def on_ignored(state: Conversation, ignored: Ignored) -> ConversationDraft:
    """What a citizen sent that puts no matter; the reason is all that becomes of it."""
    recorded: tuple[ConversationEvent, ...] = (MessageIgnored(submission=state.beside(), ignored=ignored),)
    return Draft(recorded)
