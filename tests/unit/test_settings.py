"""Settings are read once, and every wrong one is named without its value."""

from pathlib import Path

import pytest

from gateway.errors import Invalid
from gateway.runtime.settings import Profile, load_settings


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


@pytest.mark.parametrize("port", ["-1", "65536", "80.5", ""])
def test_a_port_is_a_port(monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    monkeypatch.setenv("GATEWAY_PORT", port)
    with pytest.raises(Invalid, match="GATEWAY_PORT"):
        load_settings()


def test_settings_cannot_change_after_the_start() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_settings().port = 1  # type: ignore[misc]
