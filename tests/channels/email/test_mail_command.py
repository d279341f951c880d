"""`gateway read --channel email`: one line a file in order, whatever is in the file, without a data folder."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.__main__ import make_app, wanted_command

CAPTURED = Path(__file__).parents[2] / "captured" / "email"
MEMBERS = ["message_id", "from", "subject", "date", "text", "quoted", "attachments", "auto", "defects"]


def run(*files: Path) -> Result:
    arguments = ["read", "--channel", "email", "--jsonl", *map(str, files)]
    return CliRunner().invoke(make_app(wanted_command(arguments)), arguments)


def test_every_file_gives_its_line_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GATEWAY_DATA", str(tmp_path / "none"))
    files = sorted(CAPTURED.glob("*.eml"), reverse=True)
    done = run(*files)
    assert done.exit_code == 0, done.output
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines == [json.loads(file.with_suffix(".json").read_text(encoding="utf-8")) for file in files]
    assert all(list(line) == MEMBERS for line in lines)
    assert list(tmp_path.iterdir()) == []


def test_bad_mail_is_a_finding(tmp_path: Path) -> None:
    contents = {
        "empty": b"",
        "zeros": bytes(10_000),
        "noise": bytes(range(256)) * 50,
        "bomb": b"Content-Type: message/rfc822\n\n" * 2000,
        "good": (CAPTURED / "nfd.eml").read_bytes(),
    }
    files = []
    for name, content in contents.items():
        files.append(tmp_path / name)
        files[-1].write_bytes(content)
    done = run(*files)
    assert done.exit_code == 0, done.output
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(lines) == len(files)
    assert lines[-1]["from"] == {"name": "Nguyễn Văn An", "address": "an.nguyen@citizen.example"}
    assert lines[0]["defects"] == ["no_sender", "no_date"]
