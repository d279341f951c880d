"""Rules on files that no linter knows: they are short, say why they exist, and name no machine."""

import ast
import configparser
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("schemas", "gateway", "services", "cli")
LONGEST = 300
LONGEST_TEST = 450
"""The suite of a port is one list of promises, which reads better in one piece."""

NORMAL = 200


def tracked(*endings: str) -> list[Path]:
    """Files of the project with one of these endings, whether or not they are committed yet."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    paths = [ROOT / name for name in listed.stdout.splitlines() if name.endswith(endings)]
    return sorted(path for path in paths if path.is_file())


PYTHON = tracked(".py")
PRODUCT = [path for path in PYTHON if path.relative_to(ROOT).parts[0] in PACKAGES]
TEXTS = tracked(".py", ".md", ".yaml", ".yml", ".toml", ".html", ".css", ".txt", ".in", ".cfg", "Makefile", "run")


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_there_is_something_to_look_at() -> None:
    assert len(PRODUCT) > 100
    assert {path.relative_to(ROOT).parts[0] for path in PRODUCT} == set(PACKAGES)


def test_every_module_opens_with_one_sentence_that_says_why() -> None:
    without = []
    for path in PYTHON:
        docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
        if not docstring or not docstring.splitlines()[0].endswith((".", ":")):
            without.append(named(path))
    assert without == []


def length(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_no_file_is_too_long() -> None:
    assert {named(path): length(path) for path in PRODUCT if length(path) > LONGEST} == {}
    assert {named(path): length(path) for path in PYTHON if length(path) > LONGEST_TEST} == {}


def test_files_are_short_as_a_rule() -> None:
    long = {named(path): length(path) for path in PRODUCT if length(path) > NORMAL}
    assert len(long) <= len(PRODUCT) * 0.05, long


def test_no_file_is_named_for_nothing() -> None:
    vague = {"utils", "util", "common", "helpers", "helper", "manager", "misc", "base_service"}
    assert [named(path) for path in PRODUCT if path.stem in vague or path.parent.name in vague] == []


# Each is put together here, so that this file does not hold what it forbids.
FORBIDDEN = {
    "unfinished": re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b"),
    "a stub": re.compile(r"\bNot" + r"ImplementedError\b"),
    "a machine's path": re.compile(r"(?<![\w.])/(?:wor" + r"k|ho" + r"me|ro" + r"ot|op" + r"t)/[\w.]"),
    "a registry's host": re.compile(r"pypi\.(?:org|python)|files\.python" + r"hosted|index-" + r"url\s*="),
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_holds(what: str) -> None:
    found = [
        f"{named(path)}:{number}"
        for path in TEXTS
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if FORBIDDEN[what].search(line)
    ]
    assert found == []


NOQA = re.compile(r"#\s*noqa\b")
NOQA_WITH_REASON = re.compile(r"#\s*noqa: [A-Z0-9, ]+ - \S")
IGNORE = re.compile(r"#\s*type:\s*ignore")
IGNORE_WITH_REASON = re.compile(r"#\s*type: ignore\[[a-z-]+(?:, ?[a-z-]+)*\]\s+# \S")


def lines_of(paths: list[Path]) -> list[tuple[str, str]]:
    return [
        (f"{named(path)}:{number}", line)
        for path in paths
        if path != Path(__file__)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
    ]


def test_every_exemption_from_a_check_has_its_reason() -> None:
    bare = [place for place, line in lines_of(PYTHON) if NOQA.search(line) and not NOQA_WITH_REASON.search(line)]
    assert bare == []
    bare = [place for place, line in lines_of(PRODUCT) if IGNORE.search(line) and not IGNORE_WITH_REASON.search(line)]
    assert bare == []


def test_every_pure_package_of_the_domain_stands_in_the_contract() -> None:
    config = configparser.ConfigParser()
    config.read(ROOT / ".importlinter")
    sources = config["importlinter:contract:pure"]["source_modules"].split()
    assert {"schemas", "gateway.domain", "services.normalizer.rules"} <= set(sources)
    for source in sources:
        path = ROOT / source.replace(".", "/")
        assert path.is_dir() or path.with_suffix(".py").is_file(), source
