"""Likeness goes by tones where they are written, and learns the same from texts in any order, added later or not."""

import gzip
import shutil
from pathlib import Path

import pytest
import yaml

from schemas.vocabulary import SUBFIELDS, Label
from services.normalizer.counted import Counted, load_counted, nothing_of, write_counted
from services.normalizer.judge import judge
from services.normalizer.lexicon import FIELDS, LexiconInvalid, load_lexicon
from services.normalizer.likeness import Likeness, terms_of
from services.normalizer.reading import read
from services.normalizer.trained_file import learnt_from
from tests.judgement.judging import FOLDER, lexicon, matter, province
from tests.judgement.training.examples import digest
from tests.judgement.training.matters import every_matter, matter_lines

TEXTS = [("fire", "cháy quá"), ("fire", "nhà cháy"), ("ordinary", "xe chạy"), ("ordinary", "chạy quá nhanh")]


def counted(texts: list[tuple[str, str]]) -> Counted:
    fields = (field for field, _ in texts)
    return nothing_of(fields).and_also((field, text, terms_of(read(text, {}))) for field, text in texts)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER / "lexicon", tmp_path / "lexicon"))


@pytest.mark.parametrize(("text", "likelier"), [("cháy", "fire"), ("chạy", "ordinary")])
def test_tones_tell_words_apart_that_are_written_alike_without(text: str, likelier: str) -> None:
    votes = Likeness.of(counted(TEXTS)).vote(read(text, {}), frozenset())
    assert max(votes, key=lambda field: votes[field]) == likelier
    assert len(set(votes.values())) > 1


def test_order_of_texts_does_not_matter() -> None:
    assert Likeness.of(counted(TEXTS)) == Likeness.of(counted(TEXTS[::-1]))


def test_what_is_added_later_counts_as_if_it_had_been_there() -> None:
    more = [(field, text, terms_of(read(text, {}))) for field, text in TEXTS[2:]]
    assert counted([*TEXTS[:2], ("ordinary", "")]).and_also(more) == counted([*TEXTS, ("ordinary", "")])


def test_texts_without_a_known_word_get_no_vote() -> None:
    assert Likeness.of(counted(TEXTS)).vote(read("zzz", {}), frozenset()) == {}


def test_fields_were_counted_from_the_committed_texts() -> None:
    matters = every_matter(FOLDER / "lexicon", province(), lexicon())
    told = "count them: python -m tests.judgement.training"
    assert learnt_from(FOLDER / "lexicon" / FIELDS) == digest(matter_lines(matters)), told


def test_every_field_is_counted() -> None:
    every = {f"{label}.{one}" for label, subfields in SUBFIELDS.items() for one in subfields}
    assert set(load_counted(FOLDER / "lexicon" / FIELDS).fields) == every


def test_counts_are_read_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / FIELDS
    write_counted(path, counted(TEXTS), "texts")
    written = path.read_bytes()
    assert load_counted(path) == counted(TEXTS)
    write_counted(path, load_counted(path), "texts")
    assert path.read_bytes() == written
    assert learnt_from(path) == "texts"


def test_a_line_that_operators_add_counts_from_the_next_start(copied: Path) -> None:
    text = "máng xối nhà hàng xóm chĩa qua sân nhà em"
    path = copied / "examples.yaml"
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    for _ in range(3):
        data["other.other"].append(text)
    before = judge(matter(text), province(), lexicon()).classification
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    after = judge(matter(text), province(), load_lexicon(copied)).classification
    assert before is not None
    assert after is not None
    assert before.best.label is not Label.OTHER
    assert (after.best.label, after.best.subfield) == (Label.OTHER, "other")


@pytest.mark.parametrize(
    "content",
    [b"", b"no gzip", b"\x1f\x8b\x08", gzip.compress(b"digest\tother.unheard_of\n\n0:1\tterm", mtime=0), None],
)
def test_broken_counts_are_refused(copied: Path, content: bytes | None) -> None:
    if content is None:
        (copied / FIELDS).unlink()
    else:
        (copied / FIELDS).write_bytes(content)
    with pytest.raises(LexiconInvalid) as caught:
        load_lexicon(copied)
    assert [error for error in caught.value.errors if error.startswith(FIELDS)] == list(caught.value.errors)


@pytest.mark.parametrize("line", ["99:1\tterm", "0:0\tterm", "none\tterm"])
def test_counts_of_no_field_are_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / FIELDS).write_bytes(gzip.compress(f"digest\tfire\n\n{line}".encode()))
    with pytest.raises(ValueError, match=r"count|int"):
        load_counted(tmp_path / FIELDS)
