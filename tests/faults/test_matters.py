"""What the crash test's citizens write becomes tickets: a count of what is lost means nothing where it does not."""

from datetime import date

import pytest

from cli.judging import Judge, Message
from gateway.runtime.province_folder import load_province
from tests.faults.matters import MATTERS, Citizen
from tests.read_once import load_lexicon
from tests.unit.filled import PROVINCE

TODAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge(load_province(PROVINCE), load_lexicon(PROVINCE / "lexicon"))


def test_every_matter_is_accepted_and_goes_to_an_agency(judge: Judge) -> None:
    for place in range(len(MATTERS)):
        text = Citizen(0, 1022, "zalo").text(place)
        found = judge.explain(Message(text, "zalo", TODAY))
        assert found["outcome"] == "accepted", text
        assert found["agency"], text


def test_a_house_that_bears_the_polices_number_makes_no_matter_doubtful(judge: Judge) -> None:
    """One in a thousand lives at 113, and a clear report was once kept for an operator: the run counted it as lost."""
    text = Citizen(2536, 251618, "email").text(1)
    assert "số 113 hẻm 76" in text
    assert judge.explain(Message(text, "email", TODAY))["outcome"] == "accepted"
