"""The judgement on three labelled sets of our own writing; they guard against going back.

The development set was written with the lexicon, which was improved on it. The second set was written blind, before a
rule was read, and gave when first measured: outcome 0.946, label 0.856, subfield 0.788, phone 0.992, names 0.939,
communes 0.975, language 0.989, emergencies 31 of 35 with 7 false; causes were then mended and its messages became
examples. The third set was written after that; one of its misses (giặt đồ without
tones) was mended with its kind after it was measured. Its first figures (outcome 0.961, label 0.942,
subfield 0.870, phone, names and communes 1.000, conduct 0.987, emergencies 7 of 7 with 1 false) are the estimate for
unseen messages, as far as one writer's messages can give one.
"""

from pathlib import Path

import pytest

from tests.judgement.judging import judged, lexicon, province
from tests.judgement.measure import Score, cases, measure

FOLDER = Path(__file__).parents[1] / "judgement"
LEAST = {
    "development": {
        "outcome": 0.98, "label": 0.98, "subfield": 0.97, "language": 0.99, "phone": 0.99, "name": 0.97,
        "commune": 0.97, "missing": 0.98, "conduct": 0.99, "urgent": 0.98,
    },
    "second": {
        "outcome": 0.97, "label": 0.96, "subfield": 0.95, "language": 0.98, "phone": 0.99, "name": 0.97,
        "commune": 0.96, "missing": 0.98, "conduct": 0.99, "urgent": 0.98,
    },
    "third": {
        "outcome": 0.93, "label": 0.90, "subfield": 0.82, "language": 0.97, "phone": 0.97, "name": 0.92,
        "commune": 0.92, "missing": 0.95, "conduct": 0.96, "urgent": 0.94,
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def measured() -> dict[str, tuple[dict[str, Score], str]]:
    found = {}
    for name in LEAST:
        scores, confusion = measure(cases(FOLDER / f"{name}.jsonl"), province(), lexicon())
        wrong = [f"{wanted} taken for {got}: {count}" for (wanted, got), count in confusion.items() if wanted != got]
        found[name] = scores, "\n".join(wrong)
    return found


@pytest.mark.parametrize(("chosen", "name"), [(chosen, name) for chosen in LEAST for name in LEAST[chosen]])
def test_labelled_set(measured: dict[str, tuple[dict[str, Score], str]], chosen: str, name: str) -> None:
    scores, confusion = measured[chosen]
    score = scores[name]
    assert score.share >= LEAST[chosen][name], "\n".join([*score.misses, "confusion:", confusion])


@pytest.mark.parametrize(
    "innocent",
    [
        "xe buyt dang chay ma tai xe bam dien thoai", "xe may chay lan tuyen xe o to",
        "duong kho chay qua troi mua la lay",
        "cap xe buyt mien phi cho nguoi gia", "xe can duoc rua truoc khi ra khoi cong trinh",
        "moi nguoi chay xe qua day deu than duong xau", "xin treo co to quoc sao cho dung",
    ],
)  # fmt: skip
def test_words_that_lost_their_tones_are_no_emergency(innocent: str) -> None:
    assert judged(innocent).emergency is None


@pytest.mark.parametrize(
    "innocent",
    ["con ngu khong duoc vi karaoke", "khi nao cho lam can cuoc", "xe bon cho xang", "mat cho dong xoai", "the deo co",
     "thang cho thue nha khong dang ky tam tru", "lam sao cho de hieu thu tuc nay", "xác chó chết hôi thối"],
)  # fmt: skip
def test_words_that_lost_their_tones_are_no_insult(innocent: str) -> None:
    assert not judged(innocent).conduct


def test_set_is_broad() -> None:
    labelled = cases(FOLDER / "development.jsonl")
    fields = {field for case in labelled for field in case.get("fields", [])}
    assert len(labelled) >= 250
    assert len({field.split(".")[0] for field in fields}) == 11
    assert len(fields) >= 45
