"""What decides has no clock, chance or files in it, and importing anything does nothing."""

import ast
import configparser
import os
import subprocess
import sys
from pathlib import Path

from tests.architecture.test_layout import PRODUCT, ROOT, named

IMPURE_CALLS = {"now", "utcnow", "today", "uuid1", "uuid4", "urandom", "getenv"}
IMPURE_BUILTINS = {"open", "print", "input"}
SHELL = {"schemas/__main__.py": "writes the generated files"}
"""Modules inside pure packages that are a command of their own."""

NEEDS_MORE = {"services.normalizer.language.build_tables": "remakes a table from a package that nothing else needs"}
"""Modules that a running gateway never imports."""


def pure_modules() -> list[Path]:
    config = configparser.ConfigParser()
    config.read(ROOT / ".importlinter")
    prefixes = [name.replace(".", "/") for name in config["importlinter:contract:pure"]["source_modules"].split()]
    return [
        path
        for path in PRODUCT
        if any(named(path) == f"{prefix}.py" or named(path).startswith(f"{prefix}/") for prefix in prefixes)
        and named(path) not in SHELL
    ]


def test_pure_modules_ask_no_clock_chance_or_file() -> None:
    modules = pure_modules()
    assert len(modules) > 40
    found = []
    for path in modules:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                function = node.func
                method = isinstance(function, ast.Attribute) and function.attr in IMPURE_CALLS
                builtin = isinstance(function, ast.Name) and function.id in IMPURE_BUILTINS
                if method or builtin:
                    found.append(f"{named(path)}:{node.lineno}")
    assert found == []


WATCHED = """
import importlib, sys

seen = []

def watch(event, arguments):
    writing = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
    if writing or event in ("socket.connect", "socket.bind", "subprocess.Popen", "os.mkdir", "os.remove"):
        seen.append(f"{event} {arguments[0]!r}")

names = sys.stdin.read().split()
sys.addaudithook(watch)
for name in names:
    before = len(seen)
    importlib.import_module(name)
    if len(seen) > before:
        print(name, seen[before:])
import threading
if threading.active_count() > 1:
    print("threads were started")
"""


def test_importing_any_module_touches_neither_network_nor_files(tmp_path: Path) -> None:
    names = [
        named(path).removesuffix(".py").replace("/", ".").removesuffix(".__init__")
        for path in PRODUCT
        if path.name != "__main__.py"
    ]
    names = [name for name in names if name not in NEEDS_MORE]
    done = subprocess.run(
        [sys.executable, "-c", WATCHED],
        input="\n".join(names),
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == ""
    assert list(tmp_path.iterdir()) == []
