"""`gateway read` for Zalo and Facebook: one line a file in order, whatever is in the file, without a data folder."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.__main__ import make_app, wanted_command

CAPTURED = Path(__file__).parents[1] / "captured"
KNOWN = {
    "zalo": {
        "user_send_text": "inbound",
        "user_submit_info--newer": "inbound",
        "oa_send_text": "ignored:echo",
        "oa_send_text--staff": "staff_message",
        "user_withdraw": "withdrawn",
        "user_seen_message": "ignored:receipt",
    },
    "facebook": {
        "message_text": "inbound",
        "comment_add": "inbound",
        "echo_of_staff": "staff_message",
        "message_deleted": "withdrawn",
        "read": "ignored:read",
    },
}
HOSTILE = {
    "empty": b"",
    "cut": b"{",
    "list": b"[]",
    "null": b"null",
    "deep": b"[" * 100_000,
    "noise": bytes(range(256)) * 50,
    "large": b" " * 1_000_001,
    "half_a_sign": rb'{"object": "page", "entry": [{"id": "\ud800", "changes": [7]}], "oa_id": "\ud800"}',
    "wrong_types": b'{"object": "page", "entry": {"id": 7}, "event_name": 3, "sender": [], "recipient": 1.5}',
}


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GATEWAY_DATA", str(tmp_path / "none"))


def run(channel: str, *files: Path) -> Result:
    arguments = ["read", "--channel", channel, "--jsonl", *map(str, files)]
    return CliRunner().invoke(make_app(wanted_command(arguments)), arguments)


def lines(channel: str, *files: Path) -> list[dict[str, Any]]:
    done = run(channel, *files)
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def kind(told: dict[str, Any]) -> str:
    """`inbound`, `staff_message`, `withdrawn`, or `ignored:<reason>`."""
    if "ignored" in told:
        return f"ignored:{told['ignored']}"
    return str(told.get("type", "vn.1022.inbound.v1")).split(".")[2]


@pytest.mark.parametrize("channel", ["zalo", "facebook"])
def test_every_captured_payload_gives_its_line_in_order(channel: str, tmp_path: Path) -> None:
    files = [file for file in sorted((CAPTURED / channel).glob("*.json"), reverse=True) if file.stem != "expected"]
    told = lines(channel, *files)
    assert len(told) == len(files)
    kinds = {
        file.stem: [kind(one) for one in line.get("items", [line])] for file, line in zip(files, told, strict=True)
    }
    assert {one for kinds_of_file in kinds.values() for one in kinds_of_file} >= {
        "inbound",
        "staff_message",
        "withdrawn",
    }
    for name, wanted in KNOWN[channel].items():
        assert kinds[name] == [wanted], name
    assert not list(tmp_path.iterdir()), "nothing is written"


def test_a_batch_is_one_line_with_its_events_in_order() -> None:
    (told,) = lines("facebook", CAPTURED / "facebook/entries_of_several_kinds.json")
    assert list(told) == ["items"]
    assert len(told["items"]) > 1
    (single,) = lines("facebook", CAPTURED / "facebook/message_text.json")
    assert single["personal"]["text"]


def test_echoes_of_ones_own_are_known_by_the_app(monkeypatch: pytest.MonkeyPatch) -> None:
    file = CAPTURED / "facebook/echo_ours_without_metadata.json"
    monkeypatch.setenv("FACEBOOK_APP_ID", "551100")
    assert kind(lines("facebook", file)[0]) == "ignored:own_echo"
    monkeypatch.setenv("FACEBOOK_APP_ID", "551101")
    assert kind(lines("facebook", file)[0]) == "staff_message"


@pytest.mark.parametrize("channel", ["zalo", "facebook"])
def test_bad_payloads_are_findings(channel: str, tmp_path: Path) -> None:
    files = []
    for name, content in HOSTILE.items():
        files.append(tmp_path / name)
        files[-1].write_bytes(content)
    good = CAPTURED / channel / ("user_send_text.json" if channel == "zalo" else "message_text.json")
    *bad, last = lines(channel, *files, good)
    assert len(bad) == len(HOSTILE)
    assert all("error" in one or "ignored" in one for one in bad)
    assert kind(last) == "inbound"
