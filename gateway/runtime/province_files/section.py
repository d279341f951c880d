"""Reads YAML with the line of every value, and notes what is missing, unknown, twice or of the wrong kind."""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

import yaml

from gateway.domain.province import Words
from gateway.runtime.province_files.problems import Problems

Choice = TypeVar("Choice", bound=StrEnum)

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The C parser where PyYAML has it: a start must not wait for the data."""


class Section:
    """One mapping of a YAML file.

    Values are taken as they are written, so `no` stays a word and `6.10` keeps its zero. A value that is missing or
    wrong is noted in `problems` and replaced by an empty one, so that reading goes on. `unused` notes what nobody
    asked for: a misspelt key would otherwise be silently without effect.
    """

    def __init__(self, node: yaml.Node, file: str, problems: Problems) -> None:
        """Take a node of a composed document."""
        self.file = file
        self.problems = problems
        self.line = node.start_mark.line + 1
        self._members: dict[str, yaml.Node] = {}
        self._asked: set[str] = set()
        if not isinstance(node, yaml.MappingNode):
            problems.add(self.source, "a mapping is expected here")
            return
        for key, value in node.value:
            name = str(key.value)
            if name in self._members:
                self._note(key, name, "the key stands twice")
            self._members[name] = value

    @property
    def source(self) -> str:
        """Where it stands: `file:line`."""
        return f"{self.file}:{self.line}"

    def note(self, key: str, what: str) -> None:
        """Note a problem at one of its keys."""
        node = self._members.get(key)
        self.problems.add(self.source if node is None else f"{self.file}:{node.start_mark.line + 1}", f"{key}: {what}")

    def has(self, key: str) -> bool:
        """Whether the key is there with a value."""
        return _plain(self._members.get(key)) != ""

    def names(self) -> tuple[str, ...]:
        """The keys as written; all count as asked for."""
        self._asked.update(self._members)
        return tuple(self._members)

    def text(self, key: str) -> str:
        """A text that must be there."""
        found = self.optional(key)
        if not found:
            self.note(key, "a text is missing")
        return found

    def optional(self, key: str) -> str:
        """A text, empty when it is not there."""
        node = self._ask(key)
        found = _plain(node)
        if found is None:
            self.note(key, "a text is expected, not a list or mapping")
        return found or ""

    def day(self, key: str) -> date | None:
        """An ISO date, None when it is not there."""
        found = self.optional(key)
        try:
            return date.fromisoformat(found) if found else None
        except ValueError:
            self.note(key, "not a date like 2021-02-26")
            return None

    def number(self, key: str, *, least: float, most: float) -> float:
        """A number within bounds."""
        try:
            found = float(self.text(key) or least)
        except ValueError:
            found = float("nan")
        if not least <= found <= most:
            self.note(key, f"not a number from {least:g} to {most:g}")
            return float(least)
        return found

    def whole(self, key: str, *, least: int, most: int) -> int:
        """A whole number within bounds."""
        found = self.number(key, least=least, most=most)
        if not found.is_integer():
            self.note(key, "not a whole number")
        return int(found)

    def choice(self, key: str, kind: type[Choice]) -> Choice:
        """One of a closed set of words."""
        found = self.text(key)
        try:
            return kind(found)
        except ValueError:
            self.note(key, f"unknown; known are {', '.join(kind)}")
            return next(iter(kind))

    def list(self, key: str) -> tuple[str, ...]:
        """A list of texts; one text alone is a list of one; empty when it is not there."""
        node = self._ask(key)
        if isinstance(node, yaml.SequenceNode) and all(isinstance(item, yaml.ScalarNode) for item in node.value):
            return tuple(str(item.value) for item in node.value)
        if isinstance(node, yaml.SequenceNode | yaml.MappingNode):
            self.note(key, "a list of texts is expected")
        found = _plain(node)
        return (found,) if found else ()

    def words(self, key: str) -> Words:
        """A text in both languages, as a mapping with `vi` and `en`."""
        section = self.section(key)
        if section is None:
            return Words("", "")
        found = Words(section.text("vi").strip(), section.text("en").strip())
        section.unused()
        return found

    def is_mapping(self, key: str) -> bool:
        """Whether a mapping stands under the key."""
        return isinstance(self._members.get(key), yaml.MappingNode)

    def section(self, key: str) -> "Section | None":
        """The mapping under a key that must be there."""
        node = self._ask(key)
        if node is None:
            self.note(key, "is missing")
            return None
        return Section(node, self.file, self.problems)

    def sections(self, key: str) -> "Iterator[Section]":
        """The mappings in the list under a key; none when it is not there."""
        node = self._ask(key)
        if node is not None and not isinstance(node, yaml.SequenceNode):
            self.note(key, "a list is expected")
        if isinstance(node, yaml.SequenceNode):
            for item in node.value:
                yield Section(item, self.file, self.problems)

    def unused(self) -> None:
        """Note every key that nobody asked for."""
        for key in self._members:
            if key not in self._asked:
                self.note(key, "unknown key")

    def _ask(self, key: str) -> yaml.Node | None:
        self._asked.add(key)
        return self._members.get(key)

    def _note(self, node: yaml.Node, key: str, what: str) -> None:
        self.problems.add(f"{self.file}:{node.start_mark.line + 1}", f"{key}: {what}")


def _plain(node: yaml.Node | None) -> str | None:
    """A scalar as written, empty for none at all, None for a list or mapping."""
    if node is None:
        return ""
    if not isinstance(node, yaml.ScalarNode):
        return None
    return "" if node.tag == "tag:yaml.org,2002:null" else str(node.value)


def read_section(folder: Path, name: str, problems: Problems) -> Section | None:
    """The top mapping of a YAML file; None, with the problem noted, when it cannot be read at all."""
    try:
        text = (folder / name).read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=_LOADER)
    except OSError as error:
        problems.add(name, f"cannot be read ({type(error).__name__})")
        return None
    except UnicodeDecodeError:
        problems.add(name, "is not UTF-8")
        return None
    except yaml.MarkedYAMLError as error:
        line = "" if error.problem_mark is None else f":{error.problem_mark.line + 1}"
        problems.add(f"{name}{line}", f"is not YAML: {error.problem}")
        return None
    except yaml.YAMLError:
        problems.add(name, "is not YAML")
        return None
    if node is None:
        problems.add(name, "is empty")
        return None
    return Section(node, name, problems)
