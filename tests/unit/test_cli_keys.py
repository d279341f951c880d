"""`gateway keys`: keys are made once and never replaced, and a new master key opens what the old one did."""

import fcntl
import json
from pathlib import Path

import pytest

from gateway.runtime.deployment import Deployment
from gateway.runtime.secret_files import KEYS, read_or_make
from gateway.runtime.settings import Profile
from tests.unit.filled import Commands, fill, sent

BODY = json.dumps({"user_id": "a", "content": "Đèn đường trước số nhà 12 đường Hùng Vương bị hỏng ba ngày nay."})


@pytest.fixture
def commands(tmp_path: Path) -> Commands:
    return Commands(tmp_path / "data")


@pytest.fixture
def filled(commands: Commands) -> str:
    """The code of a submission whose personal data is sealed in the data folder."""
    codes: list[str] = []

    async def one(deployment: Deployment) -> None:
        codes.append(await sent(deployment, BODY.encode(), user="a"))

    fill(commands.data, one)
    return codes[0]


def test_production_starts_with_keys_that_were_made(commands: Commands) -> None:
    assert commands.run("keys", "make").exit_code == 0
    for name in KEYS:
        assert len(read_or_make(commands.data / "secrets", name, Profile.PRODUCTION)) == 32


def test_keys_that_are_there_stay(commands: Commands) -> None:
    secrets = commands.data / "secrets"
    commands.run("keys", "make")
    before = {path.name: path.read_bytes() for path in secrets.iterdir()}
    (secrets / "session.key").unlink()
    result = commands.run("keys", "make")
    assert (result.exit_code, result.output.count("was there")) == (0, 3)
    after = {path.name: path.read_bytes() for path in secrets.iterdir()}
    assert after.keys() == before.keys()
    assert {name for name in after if after[name] != before[name]} == {"session.key"}


def test_none_are_made_beside_data(commands: Commands, filled: str) -> None:
    (commands.data / "secrets" / "master.key").unlink()
    result = commands.run("keys", "make")
    assert result.exit_code == 1
    assert "data_exists" in result.output
    assert not (commands.data / "secrets" / "master.key").exists()


def test_a_new_master_key_opens_what_the_old_one_did(commands: Commands, filled: str) -> None:
    path = commands.data / "secrets" / "master.key"
    old = path.read_text()
    result = commands.run("keys", "rotate")
    assert result.exit_code == 0, result.output
    assert "1 data keys" in result.output
    fresh = path.read_text()
    assert fresh.endswith(old)
    assert fresh != old
    # What is sealed needs the new key only: the old one could be taken away, and is good for nothing any more.
    path.write_text(fresh.removesuffix(old))
    assert commands.run("show", filled).exit_code == 0
    path.write_text(old)
    assert commands.run("show", filled).exit_code == 1


def test_the_master_key_stays_while_a_service_runs(commands: Commands, filled: str) -> None:
    path = commands.data / "secrets" / "master.key"
    old = path.read_text()
    with (commands.data / "locks" / "normalizer.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        result = commands.run("keys", "rotate")
    assert result.exit_code == 1
    assert "already_running" in result.output
    assert path.read_text() == old
