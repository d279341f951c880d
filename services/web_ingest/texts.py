"""The words of the pages in both languages, read from data and checked to say the same things."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from gateway.errors import Invalid
from schemas.vocabulary import Language
from services.web_ingest.faults import FieldFault

FOLDER = Path(__file__).parent / "texts"
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class PageTexts:
    """Every sentence of the pages by key, in Vietnamese and English."""

    words: Mapping[Language, Mapping[str, str]]

    def say(self, language: Language, key: str, **values: str) -> str:
        """A sentence with its values filled in; raises `KeyError` for an unknown key."""
        text = self.words[language][key]
        return _PLACEHOLDER.sub(lambda found: values[found.group(1)], text)

    def knows(self, key: str) -> bool:
        """Whether there is a sentence under this key."""
        return key in self.words[Language.VI]

    def fault(self, language: Language, fault: FieldFault, **values: str) -> str:
        """What is wrong with a field, in plain words: the field's own sentence if it has one, else the reason's."""
        own = f"fault_{fault.field}_{fault.reason}"
        general = f"fault_{fault.reason}"
        key = own if self.knows(own) else general if self.knows(general) else "fault_other"
        return self.say(language, key, **values)


def load_texts(folder: Path = FOLDER) -> PageTexts:
    """Read `vi.yaml` and `en.yaml`; raises `Invalid` when one lacks a key or placeholder of the other."""
    words = {language: _read(folder / f"{language}.yaml") for language in (Language.VI, Language.EN)}
    vi, en = words[Language.VI], words[Language.EN]
    wrong = sorted(vi.keys() ^ en.keys()) or sorted(key for key in vi if _names(vi[key]) != _names(en[key]))
    if wrong:
        raise Invalid("page_texts_differ", ", ".join(wrong)[:300])
    return PageTexts(words)


def _read(path: Path) -> dict[str, str]:
    found = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(found, dict) or not all(isinstance(text, str) and text.strip() for text in found.values()):
        raise Invalid("page_texts_unreadable", f"{path.name} must map keys to sentences.")
    return {str(key): str(text).strip() for key, text in found.items()}


def _names(text: str) -> set[str]:
    return set(_PLACEHOLDER.findall(text))
