"""The trained model is of the committed examples, told by words and tones, and the same every time."""

import gzip
import math
from pathlib import Path

import pytest

from schemas.vocabulary import Label
from services.normalizer.lexicon import TRAINED, WHOSE, LexiconInvalid, load_lexicon
from services.normalizer.reading import read
from services.normalizer.trained import (
    NO_WORDS,
    SCALE,
    SPREAD,
    Trained,
    terms_of,
)
from services.normalizer.trained_file import learnt_from, load_trained, write_trained
from tests.judgement.evaluation.sets import cases
from tests.judgement.judging import FOLDER, lexicon, province
from tests.judgement.training.examples import Told, digest, every_example, told_lines
from tests.judgement.training.learning import learnt

FIRE = frozenset({Label.EMERGENCY_FIRE_RESCUE})


def told(text: str, labels: frozenset[Label] = frozenset()) -> Told:
    return Told("any", text, labels, tuple(text.split()), ())


@pytest.fixture(scope="module")
def small() -> Trained:
    return learnt([told("fire burns", FIRE), told("lamp broken"), told("fire", FIRE), told("lamp")] * 3)


def test_model_was_trained_on_the_committed_examples() -> None:
    examples = every_example(FOLDER / "lexicon", province(), lexicon())
    assert learnt_from(FOLDER / "lexicon" / TRAINED) == digest(told_lines(examples)), (
        "train it: python -m tests.judgement.training"
    )


def test_same_examples_give_the_same_model(small: Trained) -> None:
    assert small == learnt([told("fire burns", FIRE), told("lamp broken"), told("fire", FIRE), told("lamp")] * 3)
    assert (
        small.leads(read("fire", {}), frozenset()).emergency > 0 > small.leads(read("lamp", {}), frozenset()).emergency
    )


def test_masked_words_say_nothing(small: Trained) -> None:
    assert small.leads(read("fire", {}), frozenset({0})) == small.leads(read("", {}), frozenset())


def test_a_model_is_read_as_it_was_written(tmp_path: Path, small: Trained) -> None:
    path = tmp_path / TRAINED
    write_trained(path, small, "examples")
    written = path.read_bytes()
    write_trained(path, load_trained(path), "examples")
    assert load_trained(path) == small
    assert path.read_bytes() == written


@pytest.mark.parametrize(("was", "becomes", "why"), [(b"lamp\n", b"fire\n", "twice"), (b"lamp\n", b"", "missing")])
def test_a_model_with_a_term_too_many_or_too_few_is_refused(
    tmp_path: Path, small: Trained, was: bytes, becomes: bytes, why: str
) -> None:
    path = tmp_path / TRAINED
    write_trained(path, small, "examples")
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()).replace(b"\n" + was, b"\n" + becomes, 1)))
    with pytest.raises(ValueError, match=why):
        load_trained(path)


@pytest.mark.parametrize("weight", [-(2**15) - 1, 2**15])
def test_a_weight_that_takes_more_than_two_bytes_is_refused(weight: int) -> None:
    with pytest.raises(OverflowError):
        Trained.of(tuple(FIRE), [("", (0, 0)), ("fire", (0, weight))])


@pytest.mark.parametrize("model", [TRAINED, WHOSE])
@pytest.mark.parametrize("content", [b"", b"no gzip", b"\x1f\x8b\x08"])
def test_a_broken_model_is_refused(tmp_path: Path, model: str, content: bytes) -> None:
    for one in (FOLDER / "lexicon").iterdir():
        (tmp_path / one.name).write_bytes(content if one.name == model else one.read_bytes())
    with pytest.raises(LexiconInvalid) as caught:
        load_lexicon(tmp_path)
    assert [error for error in caught.value.errors if error.startswith(model)] == list(caught.value.errors)


def test_every_term_of_a_text_is_weighed_once() -> None:
    alarms = lexicon().trained
    weights = alarms.weights()
    for one in cases("body"):
        reading = lexicon().read(one["text"])
        masked = frozenset({2, 5})
        weighed = [weights[term] for term in set(terms_of(reading, masked)) if term in weights]
        share = SPREAD / math.sqrt(max(1, len(weighed)))
        lead = (weights[NO_WORDS][0] + share * sum(each[0] for each in weighed)) / SCALE
        assert alarms.leads(reading, masked).emergency == pytest.approx(lead)


def test_tones_tell_words_apart_that_are_written_alike_without() -> None:
    def lead(text: str) -> float:
        return lexicon().trained.leads(read(text, {}), frozenset()).emergency

    assert lead("xe cháy trước nhà") > lead("xe chạy trước nhà")
