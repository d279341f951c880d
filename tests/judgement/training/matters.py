"""Every text that the fields are told by: labelled messages, and the lexicon's examples, competences and phrases."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from gateway.domain.hygiene import clean_text
from gateway.domain.province import Province
from schemas.vocabulary import OutcomeKind
from services.normalizer.counted import Counted, nothing_of
from services.normalizer.judge import words_in
from services.normalizer.lexicon import Lexicon
from services.normalizer.likeness import TONED, terms_of
from services.normalizer.reading import written_as
from services.normalizer.rules.contact import contact_of
from services.normalizer.rules.scope import idle_words
from tests.judgement.evaluation.sets import LABELLED, Case, cases, matter_of
from tests.judgement.training.examples import LEXICON

_UNCLASSIFIED = (OutcomeKind.REDIRECTED, OutcomeKind.REJECTED)
"""What becomes of no matter of a field: its words would only blur those of the fields."""

_PHRASE_PARTS = " + "
_CLASS = "@"


@dataclass(frozen=True, slots=True)
class Matter:
    """A text, the set it is of, every field that is right for it, and its terms."""

    source: str
    text: str
    fields: tuple[str, ...]
    terms: tuple[str, ...]


def every_matter(folder: Path, province: Province, lexicon: Lexicon) -> list[Matter]:
    """The texts of the lexicon's folder and of every labelled set."""
    found = list(_of_lexicon(folder, lexicon))
    for name in LABELLED:
        for case in cases(name):
            fields = _fields_of(case)
            if fields:
                found.append(Matter(name, case["text"], fields, _terms_of_case(case, province, lexicon)))
    return found


def counted(matters: Sequence[Matter]) -> Counted:
    """In how many texts of each field each term stands; a text of two fields counts for both."""
    fields = [field for one in matters for field in one.fields]
    return nothing_of(fields).and_also((field, one.text, one.terms) for one in matters for field in one.fields)


def matter_lines(matters: Sequence[Matter]) -> list[str]:
    """What the digest of them is made of."""
    return [f"{'|'.join(one.fields)}\t{one.text}\n" for one in matters]


def _fields_of(case: Case) -> tuple[str, ...]:
    """The subfields of Điều 4 that a case is labelled with; what only a label tells says nothing of them."""
    if case["outcome"] in _UNCLASSIFIED:
        return ()
    return tuple(field for field in case.get("fields", ()) if "." in field)


def _terms_of_case(case: Case, province: Province, lexicon: Lexicon) -> tuple[str, ...]:
    reading = lexicon.read(clean_text(case["text"]))
    masked = words_in(reading, contact_of(reading, matter_of(case), province, lexicon).spans)
    return terms_of(reading, idle_words(reading, masked, lexicon))


def _of_lexicon(folder: Path, lexicon: Lexicon) -> Iterator[Matter]:
    for field, texts in _data(folder, "examples").items():
        for text in texts:
            yield Matter(LEXICON, text, (field,), terms_of(lexicon.read(text)))
    for field, text in _data(folder, "competence").items():
        yield Matter(LEXICON, text, (field,), terms_of(lexicon.read(text)))
    for field, weights in _data(folder, "scope")["fields"].items():
        for phrase in (one.lstrip("=~") for each in weights.values() for one in each if _CLASS not in one):
            yield Matter(LEXICON, phrase, (field,), _terms_of_phrase(phrase))


def _data(folder: Path, name: str) -> Mapping[str, Any]:
    data: Mapping[str, Any] = yaml.safe_load((folder / f"{name}.yaml").read_text(encoding="utf-8"))
    return data


def _terms_of_phrase(written: str) -> tuple[str, ...]:
    """The terms of a phrase, whose parts are joined by " + "; it has its tones and no chat spelling."""
    terms: dict[str, None] = {}
    for part in written.split(_PHRASE_PARTS):
        words = [written_as(word) for word in part.split()]
        for form, key in words:
            terms |= dict.fromkeys((form, TONED + key))
        for (form, key), (next_form, next_key) in pairwise(words):
            terms |= dict.fromkeys((f"{form} {next_form}", f"{TONED}{key} {next_key}"))
    return tuple(terms)
