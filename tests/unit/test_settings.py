"""Settings are read once, and every wrong one is named without its value."""

from pathlib import Path

import pytest

from gateway import secret_folders
from gateway.errors import Invalid
from gateway.runtime.settings import Profile, load_settings, read_settings
from services.facebook_ingest.settings import FacebookSettings


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("PROFILE", "DATA", "PROVINCE", "HOST", "PORT", "LOG_LEVEL", "METRICS_CLIENTS", "DISK_RESERVE_MB"):
        monkeypatch.delenv(f"GATEWAY_{name}", raising=False)
    monkeypatch.chdir(tmp_path)


def test_nothing_needs_to_be_set() -> None:
    settings = load_settings()
    assert (settings.profile, settings.port) == (Profile.TRIAL, 8022)


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("GATEWAY_PORT=9001\nGATEWAY_HOST=::1\n")
    monkeypatch.setenv("GATEWAY_PORT", "9002")
    assert (load_settings().port, load_settings().host) == (9002, "::1")


def test_all_wrong_settings_are_named_at_once_without_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_PORT", "hunter2")
    monkeypatch.setenv("GATEWAY_PROFILE", "hunter2")
    with pytest.raises(Invalid) as caught:
        load_settings()
    assert "GATEWAY_PORT" in str(caught.value)
    assert "GATEWAY_PROFILE" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_list_that_is_no_json_is_named_like_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_METRICS_CLIENTS", "hunter2, 10.0.0.1")
    with pytest.raises(Invalid, match="GATEWAY_METRICS_CLIENTS") as caught:
        load_settings()
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("clients", ['["10.0.0.1/8"]', '["prometheus"]', '[""]'])
def test_clients_of_the_metrics_are_addresses_or_networks(monkeypatch: pytest.MonkeyPatch, clients: str) -> None:
    monkeypatch.setenv("GATEWAY_METRICS_CLIENTS", clients)
    with pytest.raises(Invalid, match="GATEWAY_METRICS_CLIENTS"):
        load_settings()


def test_a_secret_is_read_from_a_file_named_as_its_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    mounted, credentials = tmp_path / "run", tmp_path / "credentials"
    for folder in (mounted, credentials):
        folder.mkdir()
    (mounted / "facebook_app_secret").write_text("mounted\n")
    (mounted / "facebook_verify_token").write_text("token\n")
    (credentials / "facebook_app_secret").write_text("credential\n")
    monkeypatch.setattr(secret_folders, "CONTAINER_SECRETS", mounted)
    monkeypatch.delenv("FACEBOOK_APP_SECRET", raising=False)
    monkeypatch.delenv("FACEBOOK_VERIFY_TOKEN", raising=False)
    assert read_settings(FacebookSettings).app_secret.get_secret_value() == "mounted"
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))
    found = read_settings(FacebookSettings)
    assert (found.app_secret.get_secret_value(), found.verify_token.get_secret_value()) == ("credential", "token")
    monkeypatch.setenv("FACEBOOK_APP_SECRET", "environment")
    assert read_settings(FacebookSettings).app_secret.get_secret_value() == "environment"


def test_a_wrong_file_is_named_without_its_value(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "gateway_port").write_text("hunter2")
    monkeypatch.setattr(secret_folders, "CONTAINER_SECRETS", tmp_path)
    with pytest.raises(Invalid, match="GATEWAY_PORT") as caught:
        load_settings()
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("port", ["-1", "65536", "80.5", ""])
def test_a_port_is_a_port(monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    monkeypatch.setenv("GATEWAY_PORT", port)
    with pytest.raises(Invalid, match="GATEWAY_PORT"):
        load_settings()


def test_settings_cannot_change_after_the_start() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_settings().port = 1  # type: ignore[misc]


@pytest.mark.parametrize("place", ["environment", "file"])
def test_a_misspelt_setting_is_a_fault_and_not_passed_over(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, place: str
) -> None:
    given = {"GATEWAY_PRFILE": "production", "GATEWAY_DISK_RESERVE": "hunter2"}
    if place == "file":
        (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in given.items()))
    else:
        for name, value in given.items():
            monkeypatch.setenv(name, value)
    with pytest.raises(Invalid) as caught:
        load_settings()
    assert "GATEWAY_PRFILE: No setting is called so, GATEWAY_PROFILE is meant" in str(caught.value)
    assert "GATEWAY_DISK_RESERVE_MB is meant" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_variables_of_other_programs_are_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "GATEWAY_SERVICE_HOST",
        "GATEWAY_PORT_8022_TCP_ADDR",
        "GATEWAY_BACKUPS",
        "GATEWAY_NAME",
        "WEB_CONCURRENCY",
    ):
        monkeypatch.setenv(name, "x")
    assert load_settings().port == 8022
