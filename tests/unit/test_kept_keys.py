"""Data is written with one set of keys: others are refused, on whatever machine they lie."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from gateway.domain.identity import Identity
from gateway.errors import Invalid
from gateway.runtime.data_folder import DataFolder
from gateway.runtime.kept_keys import key_of_data, same_keys, was_written
from gateway.runtime.settings import GatewaySettings, Profile
from gateway.store.opening import open_store
from gateway.store.port import Store

ONE, OTHER = b"1" * 32, b"2" * 32


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    yield opened
    await opened.close()


async def test_the_first_keys_hold_for_every_later_start(store: Store) -> None:
    assert not await was_written(store)
    await same_keys(store, Identity(ONE), OTHER)
    assert await was_written(store)
    await same_keys(store, Identity(ONE), OTHER)


@pytest.mark.parametrize(
    ("identity", "files", "reason"),
    [(OTHER, OTHER, "identity_changed"), (ONE, ONE, "files_key_changed")],
)
async def test_another_machine_with_another_key_is_refused(
    store: Store, identity: bytes, files: bytes, reason: str
) -> None:
    await same_keys(store, Identity(ONE), OTHER)
    with pytest.raises(Invalid) as caught:
        await same_keys(store, Identity(identity), files)
    assert caught.value.reason == reason


def test_no_key_is_made_once_there_is_data(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.create(clustered=True)
    with pytest.raises(Invalid) as caught:
        key_of_data(folder, "files", Profile.TRIAL, written=True)
    assert caught.value.reason == "secret_missing"
    assert not (folder.secrets / "files.key").exists()
    made = key_of_data(folder, "files", Profile.TRIAL, written=False)
    assert key_of_data(folder, "files", Profile.TRIAL, written=True) == made


def test_a_data_folder_beside_a_cluster_holds_secrets_and_locks_only(tmp_path: Path) -> None:
    DataFolder(tmp_path / "data").create(clustered=True)
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == ["locks", "secrets"]


@pytest.mark.parametrize("wrong", [{"bus_url": "http://broker:9092"}, {"store_url": "mongo://host"}])
def test_urls_of_other_kinds_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="String should match pattern"):
        GatewaySettings(_env_file=None, **wrong)


def test_only_both_urls_together_make_a_cluster() -> None:
    bus, store = {"bus_url": "kafka://broker:9092"}, {"store_url": "mongodb://host/gateway"}
    choices: list[dict[str, Any]] = [{}, bus, store, {**bus, **store}]
    made = [GatewaySettings(_env_file=None, **chosen) for chosen in choices]
    assert [settings.clustered for settings in made] == [False, False, False, True]
    assert "broker" not in repr(made[-1])
