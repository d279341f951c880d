"""What the Dockerfile copies is there and is enough to run; nothing in the image is root's or unpinned."""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from cli.demo import fakes
from gateway.runtime.secret_files import trial_token
from tests.architecture.test_layout import ROOT, tracked
from tests.deploy import promised
from tests.deploy.dockerfile import copied, in_context, lineage, stages
from tests.gateway_process import OURS, GatewayProcess

DOCKERFILE = promised.DEPLOY / "Dockerfile"
FILES = [str(path.relative_to(ROOT)) for path in tracked("")]
LEFT_OUT = (".env", ".git/config", "var/secrets/master.key", "deploy/compose/secrets/mongo_root_password")


def below(source: str) -> list[str]:
    """Files of the project that a COPY of this source takes."""
    return [file for file in FILES if file == source or file.startswith(f"{source}/")]


def test_everything_that_is_copied_is_there_and_reaches_the_engine() -> None:
    for stage in stages(DOCKERFILE):
        for sources, _ in copied(stage):
            for source in sources:
                assert below(source), source
                assert [file for file in below(source) if not in_context(file)] == []


@pytest.mark.parametrize("path", LEFT_OUT)
def test_no_secret_reaches_it(path: str) -> None:
    assert not in_context(path)


def test_nothing_reaches_it_that_is_not_copied() -> None:
    taken = {
        file for stage in stages(DOCKERFILE) for sources, _ in copied(stage) for one in sources for file in below(one)
    }
    assert {file for file in FILES if in_context(file)} == taken


def test_the_default_image_plays_nothing() -> None:
    assert stages(DOCKERFILE)[-1].name == "gateway"
    for stage in (*lineage(DOCKERFILE, "build"), *lineage(DOCKERFILE, "gateway")):
        assert not [one for sources, _ in copied(stage) for one in sources if one.startswith("tests")]
    (trial,) = [stage for stage in stages(DOCKERFILE) if stage.name == "trial"]
    assert copied(trial) == [(["tests/fakes"], "tests/fakes")]
    assert (fakes.ROOT / "tests" / "fakes").is_dir()


def test_only_hashes_are_installed_and_nothing_is_fetched_besides() -> None:
    for stage in stages(DOCKERFILE):
        assert not stage.named("ADD")
        for run in stage.named("RUN"):
            assert not {"curl", "wget", "apt-get"} & set(run.words)
            if "install" in run.words and "pip" in run.words:
                assert {"--require-hashes", "--no-index"} & set(run.words)


@pytest.mark.parametrize("name", ["gateway", "trial"])
def test_it_runs_as_nobody_in_particular_and_says_how_it_is(name: str) -> None:
    instructions = [one for stage in lineage(DOCKERFILE, name) for one in stage.instructions]
    last = {one.name: one for one in instructions}
    user, group = last["USER"].rest.split(":")
    assert min(int(user), int(group)) >= 10_000
    assert last["EXPOSE"].rest == str(promised.PORT)
    assert last["CMD"].words == ["python", "-m", "services"]
    assert promised.is_module("services")
    checked = last["HEALTHCHECK"].rest.partition("CMD ")[2]
    assert checked == '["python", "deploy/healthcheck.py"]'
    environment = dict(word.split("=", 1) for one in instructions if one.name == "ENV" for word in one.words)
    assert promised.unknown(environment) == set()
    assert environment["GATEWAY_PORT"] == str(promised.PORT)
    assert last["VOLUME"].words == [environment["GATEWAY_DATA"]]


def test_the_base_is_named_by_its_version() -> None:
    text = DOCKERFILE.read_text(encoding="utf-8")
    assert "ARG PYTHON=python:3.11-slim" in text
    assert {stage.base for stage in stages(DOCKERFILE)} <= {"${PYTHON}", "runtime"}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The image's folder, with exactly what the stages of the default image copy."""
    made = tmp_path / "srv"
    for stage in (*lineage(DOCKERFILE, "build"), *lineage(DOCKERFILE, "gateway")):
        for sources, _ in copied(stage):
            for file in (file for source in sources for file in below(source)):
                target = made / file
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / file, target)
    return made


def test_what_is_copied_is_enough_to_run_and_is_not_written_to(tree: Path, tmp_path: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in tree.rglob("*")}
    gateway = InTree(tree, tmp_path / "data").start().ready(60)
    try:
        assert health(tree, gateway.port) == 0
        assert trial_token(gateway.data / "secrets", "app")
    finally:
        assert gateway.stop() == 0
    assert health(tree, gateway.port) != 0
    assert {path: path.stat().st_mtime_ns for path in tree.rglob("*")} == before


def health(tree: Path, port: int) -> int:
    """Exit status of the image's health check."""
    done = subprocess.run(
        [sys.executable, "deploy/healthcheck.py"],
        cwd=tree,
        env={**os.environ, "GATEWAY_PORT": str(port)},
        capture_output=True,
        check=False,
    )
    return done.returncode


class InTree(GatewayProcess):
    """A gateway that runs from another folder, and finds nothing of the project anywhere else."""

    def __init__(self, tree: Path, data: Path) -> None:
        """Take the folder and the data folder."""
        super().__init__(data)
        self._tree = tree

    def start(self) -> "InTree":
        """Start it without what the environment adds to the path, such as the project itself."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                [sys.executable, "-S", "-m", "services"],
                cwd=self._tree,
                env={
                    **inherited,
                    **self._settings,
                    "PYTHONPATH": sysconfig.get_path("purelib"),
                    "PYTHONDONTWRITEBYTECODE": "1",
                },
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
        return self
