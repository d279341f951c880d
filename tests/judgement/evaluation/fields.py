"""Outcomes, labels, subfields and what is asked for: right, abstained, confused, and how sure the rules were."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from schemas.vocabulary import EMERGENCIES, Label, OutcomeKind
from tests.judgement.evaluation.sets import Judged
from tests.judgement.evaluation.tally import Figure, Tally, share_of, wrong_of

NOTHING = "-"
_ASKED_OF = (OutcomeKind.ACCEPTED, OutcomeKind.PENDING_SUPPLEMENT)
"""Whoever is redirected, turned away or read by a person is asked for nothing."""

ABSTAINED = "abstained"
BINS = 10


@dataclass(frozen=True, slots=True)
class Precision:
    """One label: of those said to be it, how many were; of those that were it, how many were said to be."""

    label: str
    wanted: int
    got: int
    both: int

    @property
    def precision(self) -> float:
        """Right among those that were given the label."""
        return self.both / self.got if self.got else 1.0

    @property
    def recall(self) -> float:
        """Right among those that have the label."""
        return self.both / self.wanted if self.wanted else 1.0


@dataclass(frozen=True, slots=True)
class Bin:
    """Cases whose confidence lies in one tenth: their mean confidence and how many were right."""

    confidence: float
    right: float
    of: int


def outcomes(found: list[Judged], name: str) -> list[Figure]:
    """Outcome, what is missing, conduct and urgency of one set of labelled messages."""
    outcome, missing, urgent = Tally(), Tally(), Tally()
    for one in found:
        outcome.count(one.outcome_right, one.text, wanted=one.case["outcome"], got=one.shown["outcome"])
        if "missing" in one.case and one.case["outcome"] in _ASKED_OF:
            wanted, got = sorted(one.case["missing"]), sorted(one.shown["missing"])
            missing.count(wanted == got, one.text, wanted=wanted, got=got)
        if one.case["outcome"] != OutcomeKind.REDIRECTED:
            urgent.count(
                one.judgement.urgent == one.case["urgent"],
                one.text,
                wanted=one.case["urgent"],
                got=one.judgement.urgent,
            )
    return [
        share_of(f"outcome.{name}", f"outcome, {name}", outcome, 0.90),
        share_of(f"missing.{name}", f"what is asked for, {name}", missing),
        share_of(f"urgent.{name}", f"urgency, {name}", urgent),
    ]


def labels(found: list[Judged], name: str) -> list[Figure]:
    """Label and subfield of one set, and how many were left to an operator.

    Left to an operator counts as right only where a person is needed: where the case itself is labelled for review.
    """
    label, subfield, kept, abstained = Tally(), Tally(), Tally(), Tally()
    for one in _with_field(found):
        got = predicted(one)
        needed = one.case["outcome"] == OutcomeKind.NEEDS_REVIEW
        right = got in one.labels or (got == ABSTAINED and needed)
        label.count(right, one.text, wanted="|".join(one.labels), got=_shown(one, got))
        abstained.count(got != ABSTAINED or needed, one.text, wanted="|".join(one.labels), got=_shown(one, got))
        if got != ABSTAINED:
            kept.count(got in one.labels, one.text, wanted="|".join(one.labels), got=got)
        full = f"{one.shown['label']}.{one.shown['subfield']}"
        exact = any(full == field or ("." not in field and one.shown["label"] == field) for field in one.case["fields"])
        subfield.count(exact, one.text, wanted="|".join(one.case["fields"]), got=full)
    return [
        share_of(f"label.{name}", f"label, {name}", label, 0.88),
        share_of(f"label_decided.{name}", f"label where the rules decided, {name}", kept),
        wrong_of(f"abstained.{name}", f"left to an operator, {name}", abstained, 0.12),
        share_of(f"subfield.{name}", f"subfield of the best guess, {name}", subfield),
    ]


def predicted(one: Judged) -> str:
    """The label that was acted on; `ABSTAINED` where an operator would choose, `NOTHING` where there was no matter."""
    label = one.shown["label"]
    if label is None:
        return NOTHING
    if one.shown["outcome"] == OutcomeKind.REDIRECTED or one.judgement.confident:
        return str(label)
    return ABSTAINED


def confusion(found: Iterable[Judged]) -> Counter[tuple[str, str]]:
    """How often each label was taken for which: (wanted, got)."""
    return Counter((got if (got := predicted(one)) in one.labels else one.labels[0], got) for one in _with_field(found))


def precisions(found: Iterable[Judged]) -> list[Precision]:
    """Precision and recall of every label, in the vocabulary's order."""
    table = confusion(found)
    return [
        Precision(
            label,
            wanted=sum(count for (wanted, _), count in table.items() if wanted == label),
            got=sum(count for (_, got), count in table.items() if got == label),
            both=table[label, label],
        )
        for label in Label
    ]


def calibration(found: Iterable[Judged]) -> list[Bin]:
    """The best guess's confidence beside how often it was right, by tenths; redirects carry no confidence."""
    sums: dict[int, tuple[float, int, int]] = {}
    for one in _with_field(found):
        best = one.judgement.classification.best if one.judgement.classification else None
        if best is None or one.case["outcome"] == OutcomeKind.REDIRECTED:
            continue
        number = min(BINS - 1, int(best.confidence * BINS))
        total, right, of = sums.get(number, (0.0, 0, 0))
        sums[number] = (total + best.confidence, right + (best.label.value in one.labels), of + 1)
    return [Bin(total / of, right / of, of) for _, (total, right, of) in sorted(sums.items())]


def emergencies(found: list[Judged]) -> list[Figure]:
    """Recall and precision of the redirect to 113, 114 and 115, and whether it was the right one of them."""
    recall, precision, number = Tally(), Tally(), Tally()
    for one in found:
        wanted = {label for label in one.labels if label in EMERGENCIES}
        got = one.judgement.emergency
        if wanted:
            recall.count(got is not None, one.text, wanted="|".join(wanted), got=got)
        if got is not None:
            precision.count(bool(wanted), one.text, wanted="|".join(one.labels), got=got)
        if wanted and got is not None:
            number.count(got.value in wanted, one.text, wanted="|".join(wanted), got=got)
    return [
        share_of("emergency.recall", "emergencies, recall", recall, 0.98),
        share_of("emergency.precision", "emergencies, precision", precision, 0.90),
        share_of("emergency.number", "emergencies, the right number of the three", number),
    ]


def complaints(found: list[Judged]) -> list[Figure]:
    """Legal complaints sent to their own procedure, and everyday ones that were not."""
    legal, everyday = Tally(), Tally()
    for one in found:
        redirected = one.shown["outcome"] == OutcomeKind.REDIRECTED and one.judgement.emergency is None
        if Label.COMPLAINT_DENUNCIATION in one.labels and one.case["outcome"] == OutcomeKind.REDIRECTED:
            legal.count(redirected, one.text, wanted="redirected", got=one.shown["outcome"])
        elif one.case["outcome"] != OutcomeKind.REDIRECTED:
            everyday.count(not redirected, one.text, wanted=one.case["outcome"], got="redirected")
    return [
        share_of("complaint.recall", "legal complaints redirected", legal),
        wrong_of("complaint.false", "other matters redirected as legal complaints", everyday),
    ]


def conduct(found: list[Judged]) -> list[Figure]:
    """Insults flagged, and clean messages that were flagged."""
    flagged, clean = Tally(), Tally()
    for one in found:
        tally = flagged if one.case["conduct"] else clean
        tally.count(one.judgement.conduct == one.case["conduct"], one.text, wanted=one.case["conduct"], got="other")
    return [
        share_of("conduct.recall", "insults flagged", flagged, 0.75),
        wrong_of("conduct.false", "clean messages flagged", clean, 0.003),
    ]


def rejections(found: list[Judged]) -> Figure:
    """Acceptable messages that the machine turned away at once."""
    tally = Tally()
    for one in found:
        if one.case["outcome"] != OutcomeKind.REJECTED:
            got = one.shown["outcome"]
            tally.count(got != OutcomeKind.REJECTED, one.text, wanted=one.case["outcome"], got=got)
    return wrong_of("rejected.wrongly", "acceptable messages rejected by the machine", tally, 0.001)


def _with_field(found: Iterable[Judged]) -> Iterable[Judged]:
    """Cases whose field is judged: what is turned away for its language (Điều 6.1) is not classified."""
    return (one for one in found if one.case.get("fields") and one.case["outcome"] != OutcomeKind.REJECTED)


def _shown(one: Judged, got: str) -> str:
    return f"{ABSTAINED} ({one.shown['label']} {one.shown['confidence']:.2f})" if got == ABSTAINED else got
