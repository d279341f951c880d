"""Keys are made once, kept to their owner, and never quietly replaced."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gateway.errors import Invalid
from gateway.runtime.secret_files import read_or_make, trial_token
from gateway.runtime.settings import Profile


def put(folder: Path, content: str | bytes, mode: int = 0o600) -> None:
    path = folder / "identity.key"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    path.chmod(mode)


def test_a_trial_makes_a_key_once_for_its_owner_only(tmp_path: Path) -> None:
    key = read_or_make(tmp_path, "identity", Profile.TRIAL)
    assert len(key) == 32
    assert read_or_make(tmp_path, "identity", Profile.TRIAL) == key
    assert stat.S_IMODE((tmp_path / "identity.key").stat().st_mode) == 0o600
    assert read_or_make(tmp_path, "master", Profile.TRIAL) != key
    assert {path.name for path in tmp_path.iterdir()} == {"identity.key", "master.key"}


def test_processes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        found = threads.map(lambda _: read_or_make(tmp_path, "identity", Profile.TRIAL), range(32))
    assert len(set(found)) == 1


def test_what_a_crash_left_behind_does_not_block_the_next_start(tmp_path: Path) -> None:
    for name in (f"identity.{os.getpid()}.new", ".identity.key.0011"):
        (tmp_path / name).write_text("half a k")
    assert read_or_make(tmp_path, "identity", Profile.TRIAL)


def test_production_takes_a_key_of_its_own_and_makes_none(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="secret_missing"):
        read_or_make(tmp_path, "identity", Profile.PRODUCTION)
    assert not list(tmp_path.iterdir())
    put(tmp_path, "ab" * 32)
    assert read_or_make(tmp_path, "identity", Profile.PRODUCTION) == bytes.fromhex("ab" * 32)


def test_production_refuses_what_a_trial_made(tmp_path: Path) -> None:
    read_or_make(tmp_path, "identity", Profile.TRIAL)
    with pytest.raises(Invalid, match="secret_of_trial"):
        read_or_make(tmp_path, "identity", Profile.PRODUCTION)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    put(tmp_path, "ab" * 32, mode)
    with pytest.raises(Invalid, match="secret_exposed"):
        read_or_make(tmp_path, "identity", Profile.TRIAL)


@pytest.mark.parametrize("content", ["", " \n", "ab" * 31, "ab" * 33, "zz" * 32, b"\xff\xfe\x00", "secret words"])
def test_a_damaged_key_is_refused_without_being_shown(tmp_path: Path, content: str | bytes) -> None:
    put(tmp_path, content)
    before = (tmp_path / "identity.key").read_bytes()
    with pytest.raises(Invalid, match="secret_malformed") as caught:
        read_or_make(tmp_path, "identity", Profile.TRIAL)
    assert "secret words" not in str(caught.value)
    assert (tmp_path / "identity.key").read_bytes() == before


def test_a_trial_token_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    token = trial_token(tmp_path, "app")
    assert len(token) > 40
    assert trial_token(tmp_path, "app") == token
    assert stat.S_IMODE((tmp_path / "app.token").stat().st_mode) == 0o600
