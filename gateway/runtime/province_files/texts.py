"""Reads the reply texts: every key in both languages, with no blank but those declared for it."""

from collections.abc import Mapping
from pathlib import Path

from gateway.domain.province import PLACEHOLDERS, Texts
from gateway.domain.province.texts import blanks
from gateway.errors import Invalid
from gateway.runtime.province_files.problems import Problems
from gateway.runtime.province_files.section import Section, read_section


def read_texts(folder: Path, problems: Problems) -> Texts:
    """The texts of `texts/vi.yaml` and `texts/en.yaml`."""
    return Texts(vi=_language(folder, "texts/vi.yaml", problems), en=_language(folder, "texts/en.yaml", problems))


def _language(folder: Path, name: str, problems: Problems) -> Mapping[str, str]:
    section = read_section(folder, name, problems)
    if section is None:
        return {}
    found = {}
    for key in PLACEHOLDERS:
        template = section.text(key).strip()
        _check(section, key, template)
        found[key] = template
    section.unused()
    return found


def _check(section: Section, key: str, template: str) -> None:
    try:
        unknown = blanks(template) - PLACEHOLDERS[key]
    except Invalid as error:
        section.note(key, error.detail)
        return
    if unknown:
        section.note(
            key, f"unknown blank {', '.join(sorted(unknown))}; known are {', '.join(sorted(PLACEHOLDERS[key]))}"
        )
