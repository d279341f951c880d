"""Judges a submission anew whose messages say something else than when they were judged; pure."""

from datetime import datetime
from uuid import UUID

from gateway.domain.draft import Draft
from schemas.conversation import ConversationEvent, Decided
from schemas.outcome import Merged
from services.normalizer.conversation import Conversation
from services.normalizer.policy import Verdict, verdict
from services.normalizer.replies import rendered, says_the_same
from services.normalizer.settle import Case, ConversationDraft, Rules, case_of, decision, settled
from services.normalizer.submission import Phase, Submission
from services.normalizer.unanswered import LAPSED_WITHOUT_MATTER, lapsed


def is_for_the_rules(submission: Submission) -> bool:
    """Whether the rules decided it, and neither more words nor a person are waited for."""
    decided = submission.decided
    if decided is None or submission.quiet_until is not None or submission.unjudged:
        return False
    return decided.by == "rules" and not isinstance(decided.outcome, Merged)


def judged_anew(
    state: Conversation, submission: Submission, rules: Rules, *, cause: UUID, now: datetime
) -> ConversationDraft:
    """The decision on a submission as it stands, at the point of the dialogue at which it was decided before.

    Only what the citizen does not know yet is told. Raises ValueError for one that was never decided.
    """
    before = submission.decided
    if before is None:
        raise ValueError("the submission was not decided yet")
    case = case_of(state, submission, rules)
    found = _verdict(case, before)
    if found.outcome.kind is not before.outcome.kind:
        return settled(case, found, rules, cause=cause, now=now)
    # The same kind of outcome: what the citizen was given time for goes on as it was set.
    decided = decision(case, found, rules, now).model_copy(update={"until": before.until})
    events: list[ConversationEvent] = [decided]
    if not says_the_same(before.outcome, found.outcome):
        reply = rendered(submission, decided, rules.province, cause=cause, now=now, first_answer=not state.told)
        events.extend([] if reply is None else [reply])
    return Draft(tuple(events))


def _verdict(case: Case, before: Decided) -> Verdict:
    if LAPSED_WITHOUT_MATTER in before.hits:
        return lapsed(case)
    waiting = case.submission.phase is Phase.PENDING
    return verdict(case.judgement, case.matter, asked=case.submission.asked and not waiting)
