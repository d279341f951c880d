"""The trained model of emergencies is of the committed examples, told by words and tones, and the same every time."""

import math
from pathlib import Path

import pytest

from schemas.vocabulary import Label
from services.normalizer.alarms import (
    NO_WORDS,
    SCALE,
    SPREAD,
    Alarms,
    terms_of,
)
from services.normalizer.alarms_file import learnt_from, load_alarms, write_alarms
from services.normalizer.lexicon import ALARMS, LexiconInvalid, load_lexicon
from services.normalizer.reading import read
from tests.judgement.evaluation.sets import cases
from tests.judgement.judging import FOLDER, lexicon, province
from tests.judgement.training.examples import Told, digest, every_example, told_lines
from tests.judgement.training.learning import learnt

FIRE = frozenset({Label.EMERGENCY_FIRE_RESCUE})


def told(text: str, labels: frozenset[Label] = frozenset()) -> Told:
    return Told("any", text, labels, tuple(text.split()), ())


@pytest.fixture(scope="module")
def small() -> Alarms:
    return learnt([told("fire burns", FIRE), told("lamp broken"), told("fire", FIRE), told("lamp")] * 3)


def test_model_was_trained_on_the_committed_examples() -> None:
    examples = every_example(FOLDER / "lexicon", province(), lexicon())
    assert learnt_from(FOLDER / "lexicon" / ALARMS) == digest(told_lines(examples)), (
        "train it: python -m tests.judgement.training"
    )


def test_same_examples_give_the_same_model(small: Alarms) -> None:
    assert small == learnt([told("fire burns", FIRE), told("lamp broken"), told("fire", FIRE), told("lamp")] * 3)
    assert small.lead(read("fire", {}), frozenset()) > 0 > small.lead(read("lamp", {}), frozenset())


def test_masked_words_say_nothing(small: Alarms) -> None:
    assert small.lead(read("fire", {}), frozenset({0})) == small.lead(read("", {}), frozenset())


def test_a_model_is_read_as_it_was_written(tmp_path: Path, small: Alarms) -> None:
    path = tmp_path / ALARMS
    write_alarms(path, small, "examples")
    written = path.read_bytes()
    write_alarms(path, load_alarms(path), "examples")
    assert load_alarms(path) == small
    assert path.read_bytes() == written


@pytest.mark.parametrize("content", [b"", b"no gzip", b"\x1f\x8b\x08"])
def test_a_broken_model_is_refused(tmp_path: Path, content: bytes) -> None:
    for one in (FOLDER / "lexicon").iterdir():
        (tmp_path / one.name).write_bytes(content if one.name == ALARMS else one.read_bytes())
    with pytest.raises(LexiconInvalid) as caught:
        load_lexicon(tmp_path)
    assert [error for error in caught.value.errors if error.startswith(ALARMS)] == list(caught.value.errors)


def test_every_term_of_a_text_is_weighed_once() -> None:
    alarms = lexicon().alarms
    weights = alarms.weights()
    for one in cases("body"):
        reading = lexicon().read(one["text"])
        masked = frozenset({2, 5})
        weighed = [weights[term] for term in terms_of(reading, masked) if term in weights]
        share = SPREAD / math.sqrt(max(1, len(weighed)))
        lead = (weights[NO_WORDS][0] + share * sum(each[0] for each in weighed)) / SCALE
        assert alarms.lead(reading, masked) == pytest.approx(lead)


def test_tones_tell_words_apart_that_are_written_alike_without() -> None:
    def lead(text: str) -> float:
        return lexicon().alarms.lead(read(text, {}), frozenset())

    assert lead("xe cháy trước nhà") > lead("xe chạy trước nhà")
