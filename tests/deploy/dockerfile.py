"""Reads a Dockerfile and .dockerignore as far as the project uses them: instructions by stage, and what is copied."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

from tests.architecture.test_layout import ROOT


@dataclass(frozen=True)
class Instruction:
    """One instruction: `name` in capitals, `rest` with continuations joined."""

    name: str
    rest: str

    @property
    def words(self) -> list[str]:
        """The rest as words, or the members of its JSON form."""
        found: list[str] = json.loads(self.rest) if self.rest.startswith("[") else self.rest.split()
        return found


@dataclass
class Stage:
    """A stage: its name, what it starts from, and its instructions in order."""

    name: str
    base: str
    instructions: list[Instruction] = field(default_factory=list)

    def named(self, name: str) -> list[Instruction]:
        """Its own instructions of this name."""
        return [one for one in self.instructions if one.name == name]


def stages(path: Path) -> list[Stage]:
    """Every stage in order; instructions before the first are left out."""
    found: list[Stage] = []
    for instruction in _instructions(path.read_text(encoding="utf-8")):
        if instruction.name == "FROM":
            base, _, name = instruction.rest.partition(" AS ")
            found.append(Stage(name.strip(), base.strip()))
        elif found:
            found[-1].instructions.append(instruction)
    return found


def lineage(path: Path, name: str) -> list[Stage]:
    """A stage with those it is built from, the first one first."""
    by_name = {stage.name: stage for stage in stages(path)}
    chain = [by_name[name]]
    while chain[0].base in by_name:
        chain.insert(0, by_name[chain[0].base])
    return chain


def copied(stage: Stage) -> list[tuple[list[str], str]]:
    """Sources in the context and the target of every COPY that takes something from there."""
    copies = [one.words for one in stage.named("COPY")]
    return [(words[:-1], words[-1]) for words in copies if not words[0].startswith("--from")]


def in_context(path: str) -> bool:
    """Whether .dockerignore lets a file of the project reach the engine: the last pattern that fits decides."""
    patterns = [
        line for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line and line[0] != "#"
    ]
    taken = True
    for pattern in patterns:
        if _fits(pattern.removeprefix("!"), path):
            taken = pattern.startswith("!")
    return taken


def _fits(pattern: str, path: str) -> bool:
    """A pattern fits a path and everything below it; `**/` stands for any folders, `*` for what has no slash."""
    quoted = re.escape(pattern).replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*")
    return re.fullmatch(f"{quoted}(?:/.*)?", path) is not None


def _instructions(text: str) -> list[Instruction]:
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [Instruction(*line.split(maxsplit=1)) for line in joined.splitlines()]
