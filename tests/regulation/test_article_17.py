"""Điều 17 of the regulation: conduct of those who write in."""

import pytest

from tests.judgement.judging import COMPLETE, decided, judged

MATTER = "đèn đường hẻm 5 hỏng cả tuần nay"


@pytest.mark.parametrize("insult", ["đcm", "đ.m", "lũ ăn hại", "đồ chó đẻ", "vcl"])
def test_17_2_insults_are_flagged_and_change_no_outcome(insult: str) -> None:
    """Khoản 2: "sử dụng từ ngữ thô tục, có nội dung bôi nhọ, xúc phạm đến người khác": only flagged."""
    plain, rude = decided(MATTER, contact=COMPLETE), decided(f"{MATTER} {insult}", contact=COMPLETE)
    assert judged(f"{MATTER} {insult}").conduct
    assert rude.outcome == plain.outcome
    assert "conduct" in rude.hits
    assert "17.2" in rude.articles


@pytest.mark.parametrize("innocent", ["cây lớn", "cay lon", "deo khan quang", "cho em hoi", "ngu trua", "các con"])
def test_17_2_innocent_words_are_not(innocent: str) -> None:
    """Khoản 2: "từ ngữ thô tục" are not the words that only look so once their tones are gone."""
    assert not judged(f"{innocent} {MATTER}").conduct
