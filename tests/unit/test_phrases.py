"""Phrases put together of parts are the phrases that their words would have made."""

from dataclasses import astuple

import pytest

from services.normalizer.phrases import joined, phrase


@pytest.mark.parametrize("head", ["thằng", "=bọn", "cái đám"])
@pytest.mark.parametrize("tail", ["chó", "=ngu ngốc", "ăn hại của dân"])
def test_joined_parts_are_one_phrase(head: str, tail: str) -> None:
    exact = "=" * (head.startswith("=") or tail.startswith("="))
    whole = phrase(f"{exact}{head.lstrip('=')} {tail.lstrip('=')}", "insult")
    assert astuple(joined(phrase(head, "insult"), phrase(tail, "other"))) == astuple(whole)
