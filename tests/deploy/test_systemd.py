"""The units are valid, closed as far as the gateway allows, and run commands that exist."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from cli.__main__ import COMMANDS
from gateway.runtime.process import STOP_SECONDS
from tests.architecture.test_layout import ROOT
from tests.deploy import promised

FOLDER = promised.DEPLOY / "systemd"
UNITS = ("gateway.service", "gateway@.service", "gateway-backup.service", "gateway-backup.timer")
SERVICES = tuple(name for name in UNITS if name.endswith(".service"))
MOST_EXPOSED = 2.0
"""Of 10, as `systemd-analyze security` counts; a unit that says nothing has 9.6."""


class Unit(configparser.RawConfigParser):
    """A unit file: names keep their case; of a name that is given again, the last counts here."""

    def __init__(self, path: Path) -> None:
        """Read the file."""
        super().__init__(strict=False, interpolation=None, delimiters=("=",), comment_prefixes=("#", ";"))
        self.read_string(path.read_text(encoding="utf-8"))

    def optionxform(self, optionstr: str) -> str:
        """Leave a name as it is."""
        return optionstr


def installed(folder: Path, name: str) -> Path:
    """The unit as it is installed, with the project where it lies here."""
    text = (FOLDER / name).read_text(encoding="utf-8")
    target = folder / name.replace("@.", "@normalizer.")
    target.write_text(text.replace("/srv/gateway", str(ROOT)))
    return target


def analyzed(*arguments: str) -> "subprocess.CompletedProcess[str]":
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not here to ask")
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=False)


def test_every_unit_is_one_that_systemd_takes(tmp_path: Path) -> None:
    paths = [str(installed(tmp_path, name)) for name in UNITS]
    done = analyzed("verify", "--man=no", *paths)
    ours = [line for line in done.stderr.splitlines() if "gateway" in line]
    assert ours == []


def test_a_wrong_unit_is_not(tmp_path: Path) -> None:
    unit = installed(tmp_path, "gateway.service")
    unit.write_text(unit.read_text().replace("ProtectHome=yes", "ProtectHome=perhaps"))
    assert "perhaps" in analyzed("verify", "--man=no", str(unit)).stderr


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_closed(tmp_path: Path, name: str) -> None:
    done = analyzed("security", "--offline=true", "--no-pager", str(installed(tmp_path, name)))
    found = re.search(r"exposure level for \S+: ([0-9.]+)", done.stdout)
    assert found is not None, done.stderr
    assert float(found[1]) <= MOST_EXPOSED


@pytest.mark.parametrize("name", ["gateway.service", "gateway@.service"])
def test_what_runs_exists_and_has_time_to_finish(name: str) -> None:
    service = Unit(FOLDER / name)["Service"]
    module = service["ExecStart"].split()[-1]
    if name == "gateway.service":
        assert module == "services"
    assert all(promised.is_module(module.replace("%i", one)) for one in promised.SERVICES)
    assert float(service["TimeoutStopSec"]) > STOP_SECONDS
    environment = dict(word.split("=", 1) for word in service["Environment"].split())
    assert promised.unknown(environment) == set()
    assert environment["GATEWAY_DATA"] == f"/var/lib/{service['StateDirectory']}"


def test_backups_are_made_with_commands_that_exist() -> None:
    service = Unit(FOLDER / "gateway-backup.service")["Service"]
    run = re.findall(r"\.venv/bin/gateway (\S+)", (FOLDER / "gateway-backup.service").read_text(encoding="utf-8"))
    assert run == ["backup", "restore"]
    assert set(run) <= COMMANDS.keys()
    assert "/var/lib/gateway" in service["ReadWritePaths"]
    assert "Persistent" in Unit(FOLDER / "gateway-backup.timer")["Timer"]


def test_credentials_are_secrets_that_the_settings_read() -> None:
    text = (FOLDER / "gateway.service.d" / "credentials.conf").read_text(encoding="utf-8")
    named = dict(re.findall(r"^LoadCredential=(\w+):(\S+)$", text, flags=re.MULTILINE))
    assert {name.upper() for name in named} <= promised.secrets()
    assert {path.rpartition("/")[2] for path in named.values()} == named.keys()
