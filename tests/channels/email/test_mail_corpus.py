"""The measuring script counts what is equal, what is not, and what raised, on a folder of the known form."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
SOURCE = b"From: An <an@citizen.example>\nSubject: x\nDate: Wed, 25 Nov 2026 10:05:00 +0700\n\nXin\n"


def expectation(subject: str) -> dict[str, object]:
    date = {"year": 2026, "month": 11, "day": 25, "hour": 10, "minute": 5, "second": 0}
    headers = [
        {"name": "from", "value": {"Address": {"List": [{"name": "An", "address": "an@citizen.example"}]}}},
        {"name": "subject", "value": {"Text": subject}},
        {"name": "date", "value": {"DateTime": {**date, "tz_before_gmt": False, "tz_hour": 7, "tz_minute": 0}}},
    ]
    parts = [{"headers": headers, "body": {"Text": "Xin\n"}}]
    return {"parts": parts, "text_body": [0], "html_body": [0], "attachments": []}


def test_equal_and_other_fields_are_counted(tmp_path: Path) -> None:
    mails, replies = tmp_path / "structured" / "a", tmp_path / "replies"
    for folder in (mails, replies / "emails", replies / "trimmed"):
        folder.mkdir(parents=True)
    (mails / "1.eml").write_bytes(SOURCE)
    (mails / "1.json").write_text(json.dumps(expectation("x")))
    (mails / "1.crlf.json").write_text(json.dumps(expectation("y")))
    (replies / "emails" / "1.txt").write_text("Mới\n\n> Cũ\n")
    (replies / "trimmed" / "1.txt").write_text("Mới\n")
    command = [sys.executable, "-m", "tests.mail_corpus", str(tmp_path), "--misses"]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    assert "all fields        9 of 10 (90.0 %)" in done.stdout
    assert "replies           1 of 1 trimmed exactly" in done.stdout
    assert "exceptions        0" in done.stdout
    assert "1.crlf.json subject" in done.stdout
