"""Shows a judgement and its verdict as plain values, for `gateway explain`."""

from typing import Any

from gateway.domain.province import Province
from schemas.outcome import PendingSupplement, Redirected
from schemas.vocabulary import Label
from services.normalizer.judge import judge
from services.normalizer.judgement import Complaint, Judgement, Matter
from services.normalizer.lexicon import Lexicon
from services.normalizer.policy import Verdict, verdict

_CERTAIN = 0.95
_DOUBTFUL = 0.5


def explain(matter: Matter, province: Province, lexicon: Lexicon) -> dict[str, Any]:
    """The line of `gateway explain --jsonl`, all but the agency; absent items are None.

    A redirected matter's label is that of its redirect; `missing` is what the citizen is asked for.
    """
    judgement = judge(matter, province, lexicon)
    return explained(judgement, verdict(judgement, matter))


def explained(judgement: Judgement, decided: Verdict) -> dict[str, Any]:
    """A judgement and its verdict as plain values."""
    label, subfield, confidence = _field(judgement, decided)
    outcome = decided.outcome
    asked = outcome.missing if isinstance(outcome, PendingSupplement) else judgement.missing
    contact = judgement.contact
    return {
        "language": judgement.language.value if judgement.language else None,
        "label": label,
        "subfield": subfield,
        "confidence": confidence,
        "evidence": [
            {"text": one.text, "start": one.start, "end": one.end, "rule": one.rule} for one in judgement.evidence
        ],
        "outcome": outcome.kind.value,
        "missing": [item.value for item in asked],
        "contact": {
            "name": contact.name, "phone": contact.phone, "email": contact.email, "address": contact.address,
        },
        "conduct": judgement.conduct,
        "urgent": judgement.urgent,
        "articles": list(decided.articles),
    }  # fmt: skip


def _field(judgement: Judgement, decided: Verdict) -> tuple[str | None, str | None, float | None]:
    if isinstance(decided.outcome, Redirected):
        return decided.outcome.label.value, None, _CERTAIN
    best = judgement.classification.best if judgement.classification else None
    if judgement.complaint is not Complaint.NONE and (best is None or best.label is Label.OTHER):
        return Label.COMPLAINT_DENUNCIATION.value, None, _DOUBTFUL
    if best is None:
        return None, None, None
    return best.label.value, best.subfield, best.confidence
