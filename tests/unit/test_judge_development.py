"""The judgement on the development set: 415 messages of our own writing, on which the lexicon was also improved.

It guards against going back; it is no estimate for unseen messages, which is lower.
"""

from pathlib import Path

import pytest

from tests.judgement.judging import lexicon, province
from tests.judgement.measure import Score, cases, measure

SET = Path(__file__).parents[1] / "judgement" / "development.jsonl"
LEAST = {
    "outcome": 0.96, "label": 0.96, "subfield": 0.93, "language": 0.98, "phone": 0.98, "name": 0.95, "commune": 0.95,
    "missing": 0.96, "conduct": 0.99, "urgent": 0.97,
}  # fmt: skip


@pytest.fixture(scope="module")
def measured() -> tuple[dict[str, Score], str]:
    scores, confusion = measure(cases(SET), province(), lexicon())
    wrong = [f"{wanted} taken for {got}: {count}" for (wanted, got), count in confusion.most_common() if wanted != got]
    return scores, "\n".join(wrong)


@pytest.mark.parametrize("name", LEAST)
def test_development_set(measured: tuple[dict[str, Score], str], name: str) -> None:
    scores, confusion = measured
    score = scores[name]
    assert score.share >= LEAST[name], "\n".join([*score.misses, "confusion:", confusion])


def test_set_is_broad() -> None:
    labelled = cases(SET)
    fields = {field for case in labelled for field in case.get("fields", [])}
    assert len(labelled) >= 250
    assert len({field.split(".")[0] for field in fields}) == 11
    assert len(fields) >= 45
