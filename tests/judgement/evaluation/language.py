"""Language by strata: who is turned away, who is let in, and what is left open."""

import unicodedata
from collections import defaultdict
from collections.abc import Callable

from gateway.domain.hygiene import clean_text
from gateway.domain.vietnamese import fold
from schemas.vocabulary import Language
from services.normalizer.lexicon import Lexicon
from services.normalizer.rules.language import language_of
from tests.judgement.evaluation.sets import Case
from tests.judgement.evaluation.tally import Figure, Tally, share_of, wrong_of

_ENOUGH_WORDS = 5
_ENOUGH_SIGNS = 10
"""Signs that stand for the five words in scripts that write none."""

_TONED = 4
"""Words from which on a text that lost its tones is a text."""


def languages(texts: list[Case], labelled: list[Case], lexicon: Lexicon) -> list[Figure]:
    """Figures over the texts by strata and every labelled message.

    Those messages also as they look without diacritics, with each accent as a sign of its own, and with the spaces
    doubled, which is how phones and copied documents deliver them.
    """
    strata: dict[str, list[Case]] = defaultdict(list)
    for one in texts:
        strata[one["stratum"]].append(one)
    messages = [one for one in labelled if one["text"] and one["language"] is not None]
    strata["messages"] = messages
    toned = [one for one in messages if one["language"] == "vi" and fold(one["text"]) != one["text"].lower()]
    strata["messages_stripped"] = _changed(toned, fold)
    strata["messages_decomposed"] = _changed(toned, lambda text: unicodedata.normalize("NFD", text))
    strata["messages_spaced"] = _changed(toned, lambda text: text.replace(" ", "  ").replace(",", " ,"))
    told = {
        name: [(one, language_of(clean_text(one["text"]), lexicon)) for one in some]
        for name, some in sorted(strata.items())
    }
    return [*_rejected(told), _let_in(told), _stripped(told), _short(told), *_strata(told)]


Told = dict[str, list[tuple[Case, Language | None]]]


def _rejected(told: Told) -> list[Figure]:
    tallies = {"vi": Tally(), "en": Tally()}
    for some in told.values():
        for case, got in some:
            if case["language"] in tallies:
                tally = tallies[case["language"]]
                tally.count(got is not Language.OTHER, case["text"], wanted=case["language"], got=got)
    return [
        wrong_of("language.vi_rejected", "Vietnamese taken for another language", tallies["vi"], 0.002),
        wrong_of("language.en_rejected", "English taken for another language", tallies["en"], 0.003),
    ]


def _let_in(told: Told) -> Figure:
    tally = Tally()
    for some in told.values():
        for case, got in some:
            if case["language"] == "other" and _long(case["text"]):
                tally.count(got in (Language.OTHER, None), case["text"], wanted="other", got=got)
    return wrong_of("language.foreign_let_in", "foreign texts of five words or more let in", tally, 0.005)


def _long(text: str) -> bool:
    return len(text.split()) >= _ENOUGH_WORDS or (not text.isascii() and len(text) >= _ENOUGH_SIGNS)


def _stripped(told: Told) -> Figure:
    tally = Tally()
    for case, got in told.get("vi_undiacritised", []):
        tally.count(got is Language.VI, case["text"], wanted="vi", got=got)
    return share_of("language.undiacritised", "Vietnamese typed without diacritics recognised", tally, 0.98)


def _short(told: Told) -> Figure:
    tally = Tally()
    for case, got in told.get("short", []):
        tally.count(got is not Language.OTHER, case["text"], wanted="unsure", got=got)
    return share_of("language.short", "very short texts not taken for another language", tally, 1.0)


def _strata(told: Told) -> list[Figure]:
    found = []
    for name, some in told.items():
        tally = Tally()
        for case, got in some:
            if case["language"] is not None:
                tally.count(got == case["language"], case["text"], wanted=case["language"], got=got)
        if tally.of:
            found.append(share_of(f"language.of.{name}", f"language told, {name}", tally))
    return found


def _changed(some: list[Case], change: Callable[[str], str]) -> list[Case]:
    return [{**one, "text": change(one["text"])} for one in some if len(one["text"].split()) >= _TONED]
