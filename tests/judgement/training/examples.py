"""Everything that the model learns from: reports of emergencies, legal complaints, and all else that citizens write."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from gateway.domain.hygiene import clean_text
from gateway.domain.province import Province
from schemas.vocabulary import EMERGENCIES, Label
from services.normalizer.judge import words_in
from services.normalizer.lexicon import Lexicon
from services.normalizer.reading import Reading
from services.normalizer.rules.contact import contact_of
from services.normalizer.rules.signs import signs_in
from services.normalizer.trained import terms_of
from services.normalizer.trained_file import KINDS
from tests.judgement.evaluation.sets import LABELLED, Case, cases, matter_of

LEXICON = "lexicon"
"""The examples of the lexicon, as a file beside the labelled sets."""

UNLABELLED = ("contact", "language")
"""Sets of ordinary matters that are labelled for something else."""


@dataclass(frozen=True, slots=True)
class Told:
    """A message: the set it is of, which of `KINDS` it is if any, its terms as written and as without tones."""

    source: str
    text: str
    labels: frozenset[Label]
    terms: tuple[str, ...]
    bare: tuple[str, ...]


def every_example(folder: Path, province: Province, lexicon: Lexicon) -> list[Told]:
    """The examples of the lexicon's folder and of every labelled set, in the order of their texts."""
    found = [_of_lexicon(label, text, lexicon) for label, text in _lexicon_examples(folder)]
    for name in LABELLED:
        found += [_of_case(name, case, province, lexicon) for case in cases(name) if case["text"].strip()]
    found += _unlabelled(lexicon)
    return sorted(found, key=lambda one: (one.text, one.source, sorted(one.labels)))


def _unlabelled(lexicon: Lexicon) -> list[Told]:
    """Ordinary matters of sets that say nothing of emergencies, without those in which a pattern speaks for one."""
    found = []
    for name in UNLABELLED:
        for text in dict.fromkeys(str(case["text"]) for case in cases(name)):
            reading = lexicon.read(clean_text(text))
            if reading.words and not any("_" in one.tag for one in lexicon.emergency.find(reading)):
                found.append(_told(name, text, frozenset(), reading, frozenset(), lexicon))
    return found


def told_lines(told: Iterable[Told]) -> list[str]:
    """What the digest of them is made of."""
    return [f"{'|'.join(sorted(one.labels))}\t{one.text}\n" for one in told]


def digest(lines: Iterable[str]) -> str:
    """One number for all examples: whether a model was trained on just these."""
    return hashlib.sha256("".join(sorted(lines)).encode()).hexdigest()[:16]


def _lexicon_examples(folder: Path) -> list[tuple[str, str]]:
    found = []
    for name in ("emergency_examples", "examples"):
        data = yaml.safe_load((folder / f"{name}.yaml").read_text(encoding="utf-8"))
        found += [(label, text) for label, texts in data.items() for text in texts]
    return found


def _of_lexicon(label: str, text: str, lexicon: Lexicon) -> Told:
    labels = frozenset({Label(label)}) if label in EMERGENCIES else frozenset()
    return _told(LEXICON, text, labels, lexicon.read(clean_text(text)), frozenset(), lexicon)


def _of_case(name: str, case: Case, province: Province, lexicon: Lexicon) -> Told:
    labels = frozenset(Label(field.partition(".")[0]) for field in case.get("fields", ())) & KINDS
    reading = lexicon.read(clean_text(case["text"]))
    masked = words_in(reading, contact_of(reading, matter_of(case), province, lexicon).spans)
    return _told(name, case["text"], labels, reading, masked, lexicon)


def _told(
    source: str, text: str, labels: frozenset[Label], reading: Reading, masked: frozenset[int], lexicon: Lexicon
) -> Told:
    terms = _terms(reading, masked, lexicon)
    if not any(word.toned_line for word in reading.words):
        return Told(source, text, labels, terms, ())
    words = [word._replace(key=word.form + "0", toned_line=False) for word in reading.words]
    bare = Reading(reading.text, reading.folded, tuple(words))
    return Told(source, text, labels, terms, _terms(bare, masked, lexicon))


def _terms(reading: Reading, masked: frozenset[int], lexicon: Lexicon) -> tuple[str, ...]:
    return (*dict.fromkeys(terms_of(reading, masked)), *signs_in(reading, masked, lexicon).terms)


def labelled_files(told: Sequence[Told]) -> list[str]:
    """The sets that the examples are of, without the lexicon's own."""
    return sorted({one.source for one in told} - {LEXICON, *UNLABELLED})
