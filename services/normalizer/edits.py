"""Decides what a citizen's edit of a message means, whichever of the two comes first; pure."""

from datetime import datetime

from gateway.domain.draft import Draft
from schemas.conversation import ConversationEvent, MessageReceived
from schemas.inbound import Inbound
from services.normalizer.amend import says_now
from services.normalizer.belonging import alone_judged
from services.normalizer.conversation import Conversation, fold
from services.normalizer.judged_anew import is_for_the_rules, judged_anew
from services.normalizer.settle import ConversationDraft, Rules, case_of, settled
from services.normalizer.submission import Submission, original_of
from services.normalizer.withdraw import NOTHING_LEFT


def on_version(
    state: Conversation, submission: Submission | None, inbound: Inbound, rules: Rules, now: datetime
) -> ConversationDraft | None:
    """What another version of a message leads to; None where it is decided like any message.

    `submission` is that of the version that is known. A ticket is told; what the rules decided they judge anew; what
    was deleted stays deleted. What is still open takes it in like any message. After an operator's verdict it is a
    message of its own, because the citizen may write again; so is an emergency, which no ticket may keep waiting.
    """
    original = original_of(inbound)
    if submission is None:
        return _deleted_before_it_came(state, inbound, rules, now) if original in state.deleted else None
    received = MessageReceived(submission=submission.code, opens=False, inbound=inbound)
    if original in submission.withdrawn:
        return _recorded(received)
    after = fold(state, received)
    joined = after.submission(submission.code)
    if joined is None:
        raise ValueError("a received message belongs to no submission")
    old, new = submission.says(original), joined.says(original)
    if old is None or new is None or _same(old, new):
        return _recorded(received)
    home = after.ticket_of(joined)
    if home is not None:
        if alone_judged(state, inbound, rules).emergency is not None:
            return None
        return _recorded(received, says_now(home, joined, old, new, rules, cause=inbound.id, now=now))
    if joined.open or (joined.decided is not None and joined.decided.by != "rules"):
        return None
    if not is_for_the_rules(joined):
        return _recorded(received)
    draft = judged_anew(after, joined, rules, cause=inbound.id, now=now)
    return Draft((received, *draft.events), draft.timers_set, draft.timers_cancelled, _terms(received))


def _same(old: Inbound, new: Inbound) -> bool:
    """Whether nothing is said that was not said before."""
    return (old.personal, old.attachments) == (new.personal, new.attachments)


def _deleted_before_it_came(state: Conversation, inbound: Inbound, rules: Rules, now: datetime) -> ConversationDraft:
    """Platforms tell in any order: it is on record, and closed without anybody being told."""
    received = MessageReceived(submission=inbound.code, opens=True, inbound=inbound)
    after = fold(state, received)
    submission = after.submission(inbound.code)
    if submission is None:
        raise ValueError("a received message belongs to no submission")
    draft = settled(case_of(after, submission, rules), NOTHING_LEFT, rules, cause=inbound.id, now=now)
    return Draft((received, *draft.events), draft.timers_set, draft.timers_cancelled, _terms(received))


def _recorded(received: MessageReceived, *more: ConversationEvent) -> ConversationDraft:
    return Draft((received, *more), terms=_terms(received))


def _terms(received: MessageReceived) -> tuple[str, ...]:
    return tuple(dict.fromkeys((f"code:{received.inbound.code}", f"code:{received.submission}")))
