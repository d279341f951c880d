"""The operators' manual names commands, topics and files that exist."""

import re
import shlex
from pathlib import Path

import pytest
import typer

from cli.__main__ import COMMANDS, make_app, wanted_command
from schemas.topics import TOPICS
from tests.architecture.test_layout import ROOT
from tests.deploy import promised

MANUAL = ROOT / "docs" / "operating.md"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
COMING: frozenset[str] = frozenset()
"""Commands that pages name before they are there."""


IN_A_CONSOLE = re.compile(
    r"^[$#] (?:.* (?:run --rm --no-deps|exec) \w+ )?(?:\.venv/bin/)?(gateway [a-z].*)$", flags=re.MULTILINE
)
IN_A_SENTENCE = re.compile(r"`(gateway [a-z][^`]*)`")
BLOCK = re.compile(r"^```.*?^```$", flags=re.MULTILINE | re.DOTALL)


def commands(path: Path) -> list[str]:
    """Every `gateway …` of a page, each once: in a line of a console, or as code within a sentence."""
    text = path.read_text(encoding="utf-8").replace("\\\n", " ")
    found = [*IN_A_CONSOLE.findall(text), *IN_A_SENTENCE.findall(BLOCK.sub("", text))]
    return list(dict.fromkeys(re.sub(r"\s+", " ", command) for command in found))


ALL = [
    pytest.param(command, id=f"{path.stem}: {command}") for path in PAGES for command in dict.fromkeys(commands(path))
]


@pytest.mark.parametrize("command", ALL)
def test_a_command_that_is_named_is_one(command: str) -> None:
    words = [word for word in shlex.split(command)[1:] if word != "…"]
    if words[0] in COMING:
        return
    assert words[0] in COMMANDS
    parse(words)


def parse(words: list[str]) -> None:
    """Follow the words through the command line, without running anything; raises `AssertionError` where they leave it.

    A sentence may leave out what a command needs besides, but names no command and no option that is not there.
    """
    command = typer.main.get_command(make_app(wanted_command(words)))
    for position, word in enumerate(words):
        below = getattr(command, "commands", None)
        if below is None:
            given = {option.partition("=")[0] for option in words[position:] if option.startswith("-")}
            assert given <= {name for parameter in command.params for name in parameter.opts}, words
            return
        assert word in below, words
        command = below[word]


def test_a_command_that_is_not_one_would_be_found() -> None:
    with pytest.raises(AssertionError):
        parse(["dlq", "forget"])
    with pytest.raises(AssertionError):
        parse(["status", "--everything"])


def test_what_is_announced_is_not_there_yet() -> None:
    assert not COMING & COMMANDS.keys()


def test_the_table_of_topics_is_the_registry_s() -> None:
    rows = re.findall(
        r"^\| `([^`]+)` \| ([^|]+) \| ([^|]+) \| (\d+) days \| (\d+) \|$", MANUAL.read_text("utf-8"), re.MULTILINE
    )
    assert rows == [
        (
            topic.name,
            ", ".join(topic.producers),
            ", ".join(topic.consumers),
            str(topic.retention.days),
            str(topic.partitions),
        )
        for topic in TOPICS
    ]


def test_variables_that_are_named_exist() -> None:
    text = MANUAL.read_text(encoding="utf-8")
    named = set(re.findall(r"\b(?:GATEWAY|WEB|ZALO|FACEBOOK|EMAIL|KAFKA|NORMALIZER)_[A-Z_]+\b", text))
    assert named <= promised.VARIABLES


def test_files_that_are_named_exist() -> None:
    text = MANUAL.read_text(encoding="utf-8")
    made = {"deploy/compose/secrets", "deploy/compose/secrets/grafana_admin_password"}
    for name in set(re.findall(r"\bdeploy/[\w./-]*\w", text)) - made:
        assert (ROOT / name).exists(), name


def test_every_alarm_s_page_is_the_runbook_s() -> None:
    assert "`runbook.md`" in MANUAL.read_text(encoding="utf-8")
    assert (MANUAL.parent / "runbook.md").is_file()
