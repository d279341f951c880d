"""Every setting stands in `.env.example` with its default, and says what it is for."""

import importlib
import json
import re
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from pydantic_settings import BaseSettings

from gateway.bus.kafka.settings import KafkaSettings
from gateway.runtime.settings import GatewaySettings
from tests.architecture.test_layout import ROOT


def settings_of(module: str) -> type[BaseSettings]:
    """The one class of settings in a service's module."""
    found = [
        one
        for one in vars(importlib.import_module(module)).values()
        if isinstance(one, type) and issubclass(one, BaseSettings) and one.__module__ == module
    ]
    (only,) = found
    return only


ALL: tuple[type[BaseSettings], ...] = (
    GatewaySettings,
    KafkaSettings,
    *(settings_of(f"services.{path.parent.name}.settings") for path in sorted(ROOT.glob("services/*/settings.py"))),
)


def written() -> dict[str, str]:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    return dict(re.findall(r"^#([A-Z_]+)=(.*)$", text, flags=re.MULTILINE))


def shown(value: Any) -> str:  # noqa: ANN401 - settings have defaults of any type
    if value is None:
        return ""
    if isinstance(value, tuple | dict):
        return json.dumps(value)
    return str(value.value if isinstance(value, Enum) else value)


def test_the_example_holds_every_setting_with_its_default() -> None:
    wanted = {}
    for settings in ALL:
        for name, field in settings.model_fields.items():
            variable = f"{settings.model_config['env_prefix']}{name}".upper()
            wanted[variable] = shown(field.get_default(call_default_factory=True, validated_data={}))
    assert written() == wanted


@pytest.mark.parametrize("settings", ALL)
def test_every_setting_says_what_it_is_for(settings: type[BaseSettings]) -> None:
    assert [name for name, field in settings.model_fields.items() if not field.description] == []


def test_the_example_can_be_used_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    lines = [line for line in re.sub(r"(?m)^#(?=[A-Z_]+=)", "", text).splitlines() if not line.endswith("=")]
    (tmp_path / ".env").write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for settings in ALL:
        assert settings() == settings(_env_file=None)
