"""Any text gives a judgement: no error, spans inside the text, the same each time, within a bound of time."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.domain.hygiene import clean_text
from gateway.domain.vietnamese import fold
from services.normalizer.explain import explain
from services.normalizer.judge import judge
from tests.cpu_time import cpu_seconds
from tests.judgement.evaluation.sets import cases, matter_of
from tests.judgement.judging import judged, lexicon, matter, province

SET = "development"
PIECES = st.sampled_from(
    [case["text"] for case in cases(SET)[:120]]
    + [
        "🔥",
        "\u202e",
        "\u0301" * 40,
        "\ud800",
        "\x00",
        "0912 345 678",
        "@",
        "x" * 60,
        "Ǆ",
        "İ",
        "ß",
        "ﬁ",
        "\n\n",
        "१२३",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=300), st.lists(PIECES, max_size=6).map(" ".join)))
def test_any_text_is_judged(text: str) -> None:
    found = judged(text)
    cleaned = clean_text(text)
    for one in found.evidence:
        assert 0 <= one.start <= one.end <= len(cleaned)
        assert cleaned[one.start : one.end] == one.text
        assert one.rule
    assert found == judged(text)
    assert explain(matter(text), province(), lexicon())["outcome"]


HOSTILE = [
    "a " * 10_000, "0912345678 " * 1_800, "ấp 3 xã Tân Hưng " * 1_200, "a@" * 10_000, "1" * 20_000, "(" * 20_000,
    "tôi tên là " * 1_800, "Nguyễn Văn A, " * 1_400, "cháy nhà đang " * 1_500, "0 9 1 2 " * 2_500, "áàạ" * 6_600,
    "đ.m " * 5_000, "tôi ở " * 3_300, "e\u0301" * 10_000,
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:12])
def test_hostile_text_is_bounded(text: str) -> None:
    judged("mất điện")
    # It takes about 0.05 s; a rule that is not linear in the text takes minutes.
    assert cpu_seconds(lambda: judged(text[:20_000]), bound=0.5) < 2.0


def test_tones_make_little_difference() -> None:
    labelled = [case for case in cases(SET) if not case["text"].isascii()]
    same = 0
    for case in labelled:
        toned = matter_of(case)
        bare = replace(toned, text=fold(case["text"]))
        first, second = (judge(one, province(), lexicon()) for one in (toned, bare))
        labels = [one.classification.best.label if one.classification else None for one in (first, second)]
        same += labels[0] == labels[1] and first.emergency == second.emergency
    assert same / len(labelled) >= 0.88
