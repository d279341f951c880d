"""Loads the words that the rules go by: data of the deployment, checked as a whole, compiled once."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

import yaml

from gateway.domain.vietnamese import fold
from gateway.errors import Invalid
from schemas.vocabulary import SUBFIELDS, Label
from services.normalizer.contact.whose import Whose, load_whose
from services.normalizer.contact.words import ContactWords
from services.normalizer.counted import Put, digest_of, load_counted
from services.normalizer.insults import Insults, compiled
from services.normalizer.language.tables import WordTables, load_tables
from services.normalizer.likeness import Likeness, terms_of
from services.normalizer.patterns import PatternSet
from services.normalizer.phrases import PhraseIndex, phrase
from services.normalizer.reading import Reading, form_of, key_of, read
from services.normalizer.trained import Trained
from services.normalizer.trained_file import load_trained

FILES = (
    "spellings",
    "contact",
    "scope",
    "examples",
    "emergency",
    "complaint",
    "clarity",
    "conduct",
    "urgency",
    "thresholds",
)
TRAINED = "trained.gz"
"""Trained on `emergency_examples.yaml`, `examples.yaml` and the labelled sets; see tests/judgement/README.md."""

FIELDS = "fields.tsv.gz"
"""Counted from the labelled sets, `examples.yaml`, `competence.yaml` and the phrases of `scope.yaml`, likewise."""

WHOSE = "whose.tsv.gz"
"""Trained on the numbers and places of the labelled sets, likewise."""

LoadedT = TypeVar("LoadedT")

WEIGHTS = {"strong": 4.0, "medium": 2.0, "weak": 1.0}


class LexiconInvalid(Invalid):
    """The lexicon cannot be used; `errors` holds every problem found, one sentence each."""

    def __init__(self, errors: Sequence[str]) -> None:
        """Take every problem."""
        super().__init__("lexicon_invalid", f"{len(errors)} problems in the lexicon")
        self.errors = tuple(errors)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Numbers of the rules; chosen on the development sets."""

    language_least_words: float
    language_least_margin: float
    scope_confident: float
    scope_point: float
    scope_named: float
    repetition: float
    clear_words: float
    emergency_lead: float
    complaint_possible: float
    complaint_legal: float


@dataclass(frozen=True)
class Lexicon:
    """The compiled lexicon; immutable."""

    tables: WordTables
    spellings: Mapping[str, str]
    contact: ContactWords
    whose: Whose
    scope: PatternSet
    likeness: Likeness
    emergency: PatternSet
    trained: Trained
    complaint: PatternSet
    clarity: PatternSet
    introductions: PhraseIndex
    conduct: Insults
    urgency: PatternSet
    foreign_danger: re.Pattern[str]
    thresholds: Thresholds

    def read(self, text: str) -> Reading:
        """Read a text with the chat spellings of this lexicon."""
        return read(text, self.spellings)


def load_lexicon(folder: Path) -> Lexicon:
    """Read and compile the lexicon of a deployment; raise LexiconInvalid with every problem."""
    errors: list[str] = []
    raw = {name: _load(folder / f"{name}.yaml", errors) for name in FILES}

    def built(name: str, make: Callable[[Any], Any]) -> Any:  # noqa: ANN401 - each file has its own shape
        try:
            return make(raw[name])
        except (KeyError, TypeError, ValueError, AttributeError, re.error) as error:
            errors.append(f"{name}.yaml: {type(error).__name__}: {error}")
            return None

    parts = {
        "spellings": built("spellings", _spellings),
        "contact": built("contact", _contact),
        "whose": _read(folder / WHOSE, load_whose, errors),
        "scope": built("scope", _scope),
        "likeness": _likeness(folder, raw, errors),
        "emergency": built("emergency", lambda data: _patterns(data, apart=True)),
        "trained": _read(folder / TRAINED, load_trained, errors),
        "complaint": built("complaint", _patterns),
        "clarity": built("clarity", _patterns),
        "introductions": built("clarity", _introductions),
        "conduct": built("conduct", compiled),
        "urgency": built("urgency", lambda data: _patterns(data, apart=True)),
        "foreign_danger": built("urgency", lambda data: re.compile("|".join(data["foreign"]), re.IGNORECASE)),
        "thresholds": built("thresholds", _thresholds),
    }
    if errors:
        raise LexiconInvalid(errors)
    parts["trained"] = parts["trained"].sharing(parts["likeness"].rows)
    return Lexicon(tables=load_tables(), **parts)


def _load(path: Path, errors: list[str]) -> Any:  # noqa: ANN401 - YAML
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except OSError:
        errors.append(f"{path.name}: cannot be read")
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        errors.append(f"{path.name}: not YAML" + (f" at line {mark.line + 1}" if mark else ""))
    return {}


def _spellings(data: Mapping[str, str]) -> dict[str, str]:
    return {fold(str(key)): str(value) for key, value in data.items()}


def _contact(data: Mapping[str, Any]) -> ContactWords:
    surnames = [str(name) for name in data["surnames"]]
    return ContactWords(
        frozenset(key_of(name) for name in surnames),
        frozenset(form_of(fold(name)) for name in surnames),
        frozenset(key_of(str(name)) for name in data["rare_surnames"]),
        frozenset(form_of(fold(name)) for name in data["common_surnames"]),
        frozenset(form_of(fold(word)) for word in data["name_stops"].split()),
        frozenset(key_of(word) for word in (data["name_stops"] + " " + data["name_stops_toned"]).split()),
        frozenset(" ".join(form_of(fold(part)) for part in name.split()) for name in data["street_names"]),
        frozenset(_pair(one) for one in data["no_names"]),
        frozenset(tuple(form_of(fold(part)) for part in str(name).split()) for name in data["elsewhere"]),
        re.compile(r"(?<!\w)(?:" + "|".join(re.escape(fold(str(name))) for name in data["elsewhere"]) + r")(?!\w)"),
        frozenset(form_of(fold(word)) for word in data["by_names"]),
        frozenset(key_of(word) for word in data["no_given_names"].split()),
        frozenset(form_of(fold(word)) for word in data["no_given_names"].split()),
    )


def _pair(phrase: str) -> tuple[str, str]:
    first, second = phrase.split()
    return form_of(fold(first)), form_of(fold(second))


def _patterns(data: Mapping[str, Any], *, apart: bool = False) -> PatternSet:
    return PatternSet(_texts(data.get("classes") or {}), _texts(data["tags"]), apart=apart)


def _texts(data: Mapping[str, Any]) -> dict[str, list[str]]:
    found = {}
    for name, values in data.items():
        if not isinstance(values, list) or not all(isinstance(value, str) and value.strip("=~ ") for value in values):
            raise ValueError(f"{name}: a list of phrases is expected")
        found[name] = values
    return found


def _scope(data: Mapping[str, Any]) -> PatternSet:
    tags: dict[str, list[str]] = {}
    for field, weights in data["fields"].items():
        _known_field(field)
        unknown = set(weights) - set(WEIGHTS)
        if unknown:
            raise ValueError(f"{field}: unknown weights {', '.join(sorted(unknown))}")
        for weight, values in _texts(weights).items():
            tags[f"{field}|{weight}"] = values
    return PatternSet(_texts(data.get("classes") or {}), tags)


def _known_field(field: str) -> None:
    label, _, subfield = field.partition(".")
    if subfield not in SUBFIELDS[Label(label)]:
        raise ValueError(f"{field}: no such subfield")


def _read(path: Path, load: Callable[[Path], LoadedT], errors: list[str]) -> LoadedT | None:
    """A model that was trained on the labelled sets."""
    try:
        return load(path)
    except OSError:
        errors.append(f"{path.name}: cannot be read")
    except (ValueError, EOFError) as error:
        errors.append(f"{path.name}: {error}")
    return None


def _likeness(folder: Path, raw: Mapping[str, Any], errors: list[str]) -> Likeness | None:
    """What was counted, and the lines of `examples.yaml` that were added since: they count from the next start on."""
    try:
        counted = load_counted(folder / FIELDS)
        for field in counted.fields:
            _known_field(field)
    except OSError:
        errors.append(f"{FIELDS}: cannot be read")
        return None
    except (ValueError, EOFError) as error:
        errors.append(f"{FIELDS}: {error}")
        return None
    try:
        spellings = _spellings(raw["spellings"])
        added: list[Put] = []
        for field, written in _texts(raw["examples"]).items():
            _known_field(field)
            new = [one for one in written if digest_of(field, one) not in counted.texts]
            added.extend((field, one, terms_of(read(one, spellings))) for one in new)
        return Likeness.of(counted.and_also(added) if added else counted)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        errors.append(f"examples.yaml: {type(error).__name__}: {error}")
        return None


def _introductions(data: Mapping[str, Any]) -> PhraseIndex:
    return PhraseIndex(phrase(one, "introduction") for one in _texts({"": data["introductions"]})[""])


def _thresholds(data: Mapping[str, Any]) -> Thresholds:
    known = {one.name for one in fields(Thresholds)}
    if set(data) != known:
        raise ValueError(f"expected exactly {', '.join(sorted(known))}")
    return Thresholds(**{name: float(value) for name, value in data.items()})
