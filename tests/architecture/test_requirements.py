"""What is installed is what is used: every requirement is imported, every import is required, every pin has a hash."""

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

from tests.architecture.test_layout import PACKAGES, PRODUCT, PYTHON, ROOT

USED_WITHOUT_IMPORT = {
    "httptools": "uvicorn's HTTP parser",
    "tzdata": "the time zones of the standard library, where the system has none",
    "setuptools": "installs the project itself",
    "mypy": "command",
    "ruff": "command",
    "import-linter": "command",
    "pip-tools": "command",
    "pytest-timeout": "plugin",
    "types-pyyaml": "types",
    "types-jsonschema": "types",
}
"""Requirements that no module imports, each with who uses them."""

NOT_REQUIRED = {"wordfreq": "remakes a table of the language rule, in an environment of its own"}
"""What is imported by a module that a running gateway never imports."""

FAKES = sorted((ROOT / "tests" / "fakes").rglob("*.py"))
"""`gateway demo` runs them, in an environment that holds nothing for tests."""


def required(name: str) -> set[str]:
    lines = (ROOT / "requirements" / name).read_text(encoding="utf-8").splitlines()
    return {normal(re.split(r"[<>=!~\[ ]", line)[0]) for line in lines if line and line[0].isalpha()}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def imported(paths: list[Path]) -> set[str]:
    """Distributions whose packages these modules import."""
    owners = packages_distributions()
    found: set[str] = set()
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            for name in (name.partition(".")[0] for name in names):
                if name not in sys.stdlib_module_names and name not in (*PACKAGES, "deploy", "tests"):
                    found.update(normal(owner) for owner in owners.get(name, [name]))
    return found - NOT_REQUIRED.keys()


def test_the_product_imports_exactly_what_it_requires() -> None:
    assert imported([*PRODUCT, *FAKES]) == required("runtime.in") - USED_WITHOUT_IMPORT.keys()


def test_tests_import_exactly_what_they_require_besides() -> None:
    needed = imported(PYTHON) - required("runtime.in")
    assert needed == required("develop.in") - USED_WITHOUT_IMPORT.keys()


def test_every_pin_has_a_hash_and_no_file_names_a_host() -> None:
    for name in ("runtime.txt", "develop.txt"):
        text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
        pins = re.split(r"\n(?=[a-z0-9])", text.partition("\n#\n")[2] or text)
        pinned = [pin for pin in pins if "==" in pin]
        assert len(pinned) > 20
        assert [pin.splitlines()[0] for pin in pinned if "--hash=sha256:" not in pin] == []
        assert "://" not in text
        assert "--find-links" not in text


def test_tests_run_on_what_production_runs() -> None:
    def pins(name: str) -> dict[str, str]:
        text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
        return dict(re.findall(r"^([A-Za-z0-9_.-]+)==(\S+)", text, flags=re.MULTILINE))

    assert pins("runtime.txt").items() <= pins("develop.txt").items()
