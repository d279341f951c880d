"""What becomes of a submission when nobody answered the request in time (Điều 15.4, 18.2)."""

from schemas.outcome import IgnoredOutcome
from schemas.vocabulary import IgnoreReason
from services.normalizer.judgement import Clarity
from services.normalizer.policy import Verdict, verdict
from services.normalizer.settle import Case

LAPSED_WITHOUT_MATTER = "lapsed_without_matter"

NO_MATTER = frozenset({Clarity.GREETING, Clarity.EMPTY, Clarity.THANKS})


def lapsed(case: Case) -> Verdict:
    """What becomes of a submission when the time for answering the request is over."""
    if case.judgement.clarity in NO_MATTER:
        return Verdict(IgnoredOutcome(reason=IgnoreReason.GREETING_ONLY), ("6.2",), (LAPSED_WITHOUT_MATTER,), False)
    return verdict(case.judgement, case.matter, asked=True)
