"""Runs every measure over the sets: what `make eval` prints and what the guarding test compares."""

from collections import Counter
from dataclasses import dataclass

from services.normalizer.settle import Rules
from tests.judgement.evaluation import fields
from tests.judgement.evaluation.contact import contacts
from tests.judgement.evaluation.dialogues import dialogues
from tests.judgement.evaluation.fields import Bin, Precision
from tests.judgement.evaluation.language import languages
from tests.judgement.evaluation.sets import KEPT_APART, LABELLED, Judged, cases, judged
from tests.judgement.evaluation.tally import Figure


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Everything that was measured on some labelled messages."""

    title: str
    figures: tuple[Figure, ...]
    precisions: tuple[Precision, ...]
    confusion: Counter[tuple[str, str]]
    calibration: tuple[Bin, ...]


def development(rules: Rules) -> Evaluation:
    """The sets that anybody may look at and improve on."""
    sets = {name: judged(cases(name), rules.province, rules.lexicon) for name in LABELLED}
    messages = [one for some in sets.values() for one in some]
    told = judged(cases("contact"), rules.province, rules.lexicon)
    figures = [figure for name, some in sets.items() for figure in _of_set(some, name)]
    figures += _of_all(messages, "all", rules, told)
    figures += languages(cases("language"), [one.case for one in messages], rules.lexicon)
    figures += dialogues(cases("dialogues"), rules)
    return _evaluation("Development sets", messages, figures)


def kept_apart(name: str, rules: Rules) -> Evaluation:
    """A set that is run once per release."""
    messages = judged(cases(name), rules.province, rules.lexicon)
    figures = _of_all(messages, name, rules, [])
    figures += languages([], [one.case for one in messages], rules.lexicon)
    return _evaluation(KEPT_APART[name], messages, figures)


def _of_set(found: list[Judged], name: str) -> list[Figure]:
    return [*fields.outcomes(found, name), *fields.labels(found, name)]


def _of_all(messages: list[Judged], name: str, rules: Rules, told: list[Judged]) -> list[Figure]:
    return [
        *_of_set(messages, name),
        *contacts(messages + told, rules.province, rules.lexicon),
        *fields.emergencies(messages),
        *fields.complaints(messages),
        *fields.conduct(messages),
        fields.rejections(messages),
    ]


def _evaluation(title: str, messages: list[Judged], figures: list[Figure]) -> Evaluation:
    return Evaluation(
        title,
        tuple(figures),
        tuple(fields.precisions(messages)),
        fields.confusion(messages),
        tuple(fields.calibration(messages)),
    )
