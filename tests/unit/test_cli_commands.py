"""The command line as a whole: what is there, how quickly, and that trouble is one line and exit code 1."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cli.__main__ import COMMANDS, wanted_command
from tests.unit.filled import PROVINCE, Commands

HEAVY = ("apsw", "services", "starlette", "httpx", "gateway.runtime")


@pytest.fixture
def commands(tmp_path: Path) -> Commands:
    return Commands(tmp_path / "data")


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_each_command_explains_itself(commands: Commands, name: str) -> None:
    result = commands.run(name, "--help")
    assert result.exit_code == 0, result.output
    assert "Usage:" in result.output


def test_help_lists_every_command_and_loads_none() -> None:
    look = "import sys; from cli.__main__ import make_app; make_app(None); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True).stdout.split()
    assert not [name for name in loaded if name in HEAVY]


def test_the_command_is_the_first_word_that_is_no_option() -> None:
    assert wanted_command(["--help"]) is None
    assert wanted_command(["status", "--json"]) == "status"
    assert wanted_command(["-h", "dlq", "list"]) == "dlq"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["tickets"], "no_data"),
        (["status"], "no_data"),
        (["dlq", "list"], "no_data"),
        (["show", "7KQX-4M9T-2BHX"], "bad_code"),
        (["tail", "no.such.topic"], "unknown_topic"),
        (["review", "2222-2222-2222", "route", "--as", "op"], "no_agency"),
        (["review", "2222-2222-2222", "redirect", "--as", "op"], "no_redirect"),
        (["review", "2222-2222-2222", "accept", "--as", "op", "--subfield", "road"], "unknown_subfield"),
        (
            ["review", "2222-2222-2222", "accept", "--as", "op", "--label", "other", "--subfield", "x"],
            "unknown_subfield",
        ),
        (["answer", "2222-2222-2222", "--as", "op"], "empty_answer"),
        (["answer", "2222-2222-2222", "--as", "op", "--text", "a", "--text-file", "b"], "two_answers"),
        (["backup", "target"], "nothing_to_back_up"),
        (["explain", "--jsonl", "no-such-file"], "no_such_file"),
        (["explain", "--received", "tomorrow", "text"], "bad_received"),
        (["read", "--channel", "pigeon", __file__], "unknown_channel"),
        (["demo", "--url", "ftp://x"], "bad_url"),
        (["demo"], "no_data"),
        (["demo", "--url", "http://127.0.0.1:9"], "no_gateway"),
    ],
)
def test_foreseeable_trouble_is_one_line_and_exit_code_1(commands: Commands, arguments: list[str], reason: str) -> None:
    result = commands.run(*arguments)
    lines = result.stderr.splitlines()
    assert result.exit_code == 1
    assert len(lines) == 1
    assert lines[0].startswith(f"{reason}: ")
    assert not commands.data.exists(), "looking makes nothing"


def test_help_flows_with_the_window(commands: Commands) -> None:
    for arguments in (["demo", "--help"], ["dlq", "replay", "--help"]):
        shown = commands.run(*arguments, COLUMNS="200").stdout
        wide = max(len(line.strip()) for line in shown.splitlines() if not line.strip().startswith(("╭", "│", "╰")))
        assert wide > 125, "wider than the docstring is in the source"


def test_agencies_are_found_by_words_without_diacritics(commands: Commands) -> None:
    every = commands.run("agencies", "--json").stdout.splitlines()
    found = [json.loads(line) for line in commands.run("agencies", "--json", "cong", "an").stdout.splitlines()]
    assert 0 < len(found) < len(every)
    assert "dn_cong_an" in [one["code"] for one in found]
    assert "No agency is about that." in commands.run("agencies", "nothing-of-that-name").stdout
    assert not commands.data.exists(), "looking makes nothing"


def test_wrong_settings_are_named_without_their_values(commands: Commands) -> None:
    result = commands.run("status", GATEWAY_PORT="99999", GATEWAY_LOG_LEVEL="loudest")
    assert result.exit_code == 1
    assert "GATEWAY_PORT" in result.stderr
    assert "GATEWAY_LOG_LEVEL" in result.stderr
    assert "loudest" not in result.stderr


def test_a_demonstration_never_plays_in_production(commands: Commands) -> None:
    result = commands.run("demo", GATEWAY_PROFILE="production")
    assert result.exit_code == 1
    assert result.stderr.startswith("trial_only")


def test_every_fault_of_a_province_folder_is_listed(commands: Commands, tmp_path: Path) -> None:
    folder = tmp_path / "province"
    folder.mkdir()
    for file in PROVINCE.glob("*"):
        if file.is_file():
            (folder / file.name).write_bytes(file.read_bytes())
    (folder / "holidays.yaml").write_text("[")
    (folder / "routing.yaml").write_text("rows: 3\n")
    result = commands.run("explain", "xin chào", GATEWAY_PROVINCE=str(folder))
    assert result.exit_code == 1
    lines = result.stderr.splitlines()
    assert lines[0].startswith("province_invalid")
    assert any("holidays.yaml" in line for line in lines[1:])
    assert any("routing.yaml" in line for line in lines[1:])


def test_check_config_names_every_fault_at_once_and_makes_nothing(commands: Commands, tmp_path: Path) -> None:
    fine = commands.run("check-config")
    assert fine.exit_code == 0, fine.output
    assert "fault" not in fine.output
    wrong = commands.run(
        "check-config", GATEWAY_PROFILE="production", GATEWAY_PROVINCE=str(tmp_path / "none"), WEB_JSON_BYTES="many"
    )
    assert wrong.exit_code == 1
    for word in ("identity.key", "master.key", "session.key", "files.key", "province", "lexicon", "WEB_JSON_BYTES"):
        assert word in wrong.stderr, word
    assert not commands.data.exists()


def test_every_channel_and_the_broker_are_checked(commands: Commands) -> None:
    wrong: dict[str, Any] = {
        "EMAIL_IMAP_PORT": "imaps",
        "KAFKA_PARTITIONS": "many",
        "ZALO_SEND_SECONDS": "soon",
        "FACEBOOK_CALL_SECONDS": "soon",
    }
    result = commands.run("check-config", GATEWAY_BUS_URL="kafka://127.0.0.1:9", **wrong)
    assert result.exit_code == 1
    for name, value in wrong.items():
        assert name in result.stderr
        assert value not in result.stderr.replace(name, "")
    half = commands.run(
        "check-config",
        GATEWAY_PROFILE="production",
        EMAIL_ADDRESS="1022@example.gov.vn",
        EMAIL_IMAP_HOST="mail.example",
    )
    assert "EMAIL_PASSWORD" in half.stderr


def test_production_rules_are_checked(commands: Commands) -> None:
    result = commands.run("check-config", GATEWAY_PROFILE="production", WEB_PUBLIC_URL="http://localhost")
    assert "loopback" in result.stderr
    assert "https" in result.stderr
    assert "WEB_APP_KEYS" in result.stderr


def test_a_key_of_no_agency_is_told(commands: Commands) -> None:
    known, unknown = (json.dumps({code: "0" * 64}) for code in ("cap_thoat_nuoc", "cap_thoat_nuo"))
    assert commands.run("check-config", WEB_AGENCY_KEYS=known).exit_code == 0
    wrong = commands.run("check-config", WEB_AGENCY_KEYS=unknown)
    assert wrong.exit_code == 1
    assert "WEB_AGENCY_KEYS names cap_thoat_nuo," in wrong.stderr
