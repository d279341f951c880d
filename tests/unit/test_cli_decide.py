"""`gateway review` and `gateway answer`: commands over the topics, once, refused when outdated."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.runtime.deployment import Deployment
from tests.unit.filled import SECONDS, Commands, fill, gateway, sent
from tests.unit.pictures import CAMERA, PDF, photographed

CITIZEN = {"name": "Lê Minh Tâm", "phone": "0909888777", "address": "ấp 3, xã Thuận Lợi"}
UNCLEAR = "Đi xa mười năm trở về, tôi muốn bắt đầu lại từ đầu mà chưa biết gõ cửa nào."
COMMITTEE = "ubnd_25378_20250701"


@pytest.fixture
def code(tmp_path: Path) -> str:
    """A submission that an operator has to decide."""
    found: list[str] = []

    async def work(deployment: Deployment) -> None:
        payload = json.dumps({"user_id": "u", "content": UNCLEAR, "contact": CITIZEN}).encode()
        found.append(await sent(deployment, payload, user="tam"))

    fill(tmp_path / "data", work)
    return found[0]


@pytest.fixture
def commands(tmp_path: Path, code: str) -> Iterator[Commands]:
    with gateway(tmp_path / "data"):
        yield Commands(tmp_path / "data")


def events(commands: Commands, code: str) -> list[str]:
    result = commands.run("show", code, "--json")
    return [one["event"]["event"] for one in json.loads(result.stdout)["history"]]


def test_accepted_once_however_often_it_is_clicked(commands: Commands, code: str) -> None:
    click = ("review", code, "accept", "--as", "op_lan", "--label", "public_service", "--version", "1")
    first, second = commands.run(*click), commands.run(*click)
    assert first.exit_code == 0, first.output
    assert "accepted (revision 2)" in first.stdout
    assert second.exit_code == 0
    assert second.stdout == first.stdout, "the first answer"
    assert events(commands, code).count("decided") == 2
    assert events(commands, code).count("ticket_opened") == 1


def test_a_command_begins_a_trace_that_what_follows_goes_on_with(commands: Commands, code: str) -> None:
    assert commands.run("review", code, "accept", "--as", "op_lan", "--label", "public_service").exit_code == 0
    [command] = tailed(commands, "submission.commands")
    [ticket] = tailed(commands, "tickets")
    assert traced(command) == traced(ticket) == command["id"].replace("-", "")


def tailed(commands: Commands, topic: str) -> list[dict[str, str]]:
    """What lies on a topic as soon as there is something: stages publish a moment after they recorded."""
    until = time.monotonic() + SECONDS
    while not (found := commands.run("tail", topic, "--from-beginning", "--json").stdout):
        assert time.monotonic() < until
    return [json.loads(line) for line in found.splitlines()]


def traced(record: dict[str, str]) -> str:
    return record["traceparent"].split("-")[1]


def test_an_outdated_verdict_is_refused_and_changes_nothing(commands: Commands, code: str) -> None:
    assert commands.run("review", code, "reject", "--as", "op_lan", "--note", "Không đủ thông tin.").exit_code == 0
    late = commands.run("review", code, "accept", "--as", "op_minh", "--version", "1")
    assert late.exit_code == 1
    assert late.stderr.startswith("outdated_version")
    assert "gateway show CODE" in late.stderr, "what to do about it"
    shown = json.loads(commands.run("show", code, "--json").stdout)
    assert shown["outcome"]["kind"] == "rejected"
    assert shown["history"][-1]["event"]["event"] in ("command_refused", "reply_ended")
    assert "command_refused" in events(commands, code)


def test_a_redirect_says_where_to(commands: Commands, code: str) -> None:
    result = commands.run("review", code, "redirect", "--as", "op_lan", "--to", "complaint_denunciation")
    assert result.exit_code == 0, result.output
    assert "redirected: complaint_denunciation" in result.stdout


def test_a_ticket_is_routed_answered_and_then_closed(commands: Commands, code: str) -> None:
    assert commands.run("review", code, "accept", "--as", "op_lan", "--agency", COMMITTEE).exit_code == 0
    there = commands.run("review", code, "route", "--as", "op_lan", "--agency", COMMITTEE)
    assert there.exit_code == 1
    assert there.stderr.startswith("already_there")
    moved = commands.run("review", code, "route", "--as", "op_lan", "--agency", "dn_cong_an", "--note", "Xin xem.")
    assert moved.exit_code == 0, moved.output
    assert f"transferred to dn_cong_an, withdrawn from {COMMITTEE}" in moved.stdout
    wrong = commands.run("answer", code, "--as", "op_lan", "--text", "Đã xong.", "--agency", COMMITTEE)
    assert wrong.stderr.startswith("not_in_charge")
    answer = commands.run("answer", code, "--as", "op_lan", "--text-file", "-", stdin="Đã giải quyết.".encode())
    assert answer.exit_code == 0, answer.output
    assert "reply result" in answer.stdout
    assert "Đã giải quyết." in answer.stdout
    late = commands.run("review", code, "route", "--as", "op_lan", "--agency", COMMITTEE)
    assert late.stderr.startswith("already_answered")


def test_an_answer_brings_files_that_are_listed_and_can_be_had(commands: Commands, code: str, tmp_path: Path) -> None:
    assert commands.run("review", code, "accept", "--as", "op_lan", "--agency", COMMITTEE).exit_code == 0
    photo, paper = tmp_path / "Ảnh sau khi sửa.bin", tmp_path / "bien ban.pdf"
    photo.write_bytes(photographed())
    paper.write_bytes(PDF)
    words = ("answer", code, "--as", "op_lan", "--text", "Đã sửa.")
    given = commands.run(*words, "--file", str(photo), "--file", str(paper))
    assert given.exit_code == 0, given.output
    shown = commands.run("show", code).stdout
    assert "with 2 file(s)" in shown
    assert f"File: bien ban.pdf (application/pdf, {len(PDF)} bytes)" in shown
    assert "File: Ảnh sau khi sửa.bin.jpg (image/jpeg" in shown
    files = [json.loads(line) for line in commands.run("files", code, "--json").stdout.splitlines()]
    assert [(one["number"], one["type"], one["of"]) for one in files] == [
        (0, "image/jpeg", "answer"),
        (1, "application/pdf", "answer"),
    ]
    out = tmp_path / "out.pdf"
    assert commands.run("files", code, "1", "--out", str(out), "--original").exit_code == 0
    assert out.read_bytes() == PDF
    copy = tmp_path / "out.jpg"
    assert commands.run("files", code, "0", "--out", str(copy)).exit_code == 0
    assert CAMERA.encode() not in copy.read_bytes()


def test_files_that_cannot_be_brought_are_told_before_anything_is_published(
    commands: Commands, code: str, tmp_path: Path
) -> None:
    cases: list[tuple[str, list[bytes | None]]] = [
        ("no_file", [None]),
        ("unknown_type", [b"<html><script>alert(1)</script></html>"]),
        ("unknown_type", [b"<svg xmlns='http://www.w3.org/2000/svg'/>"]),
        ("unknown_type", [b"MZ program"]),
        ("unknown_type", [b""]),
        ("too_many_files", [PDF] * 6),
        ("too_large", [PDF + b"x" * 15_000_000]),
        ("too_large", [PDF + b"x" * 8_000_000] * 2),
    ]
    for case, (reason, contents) in enumerate(cases):
        options = []
        for number, content in enumerate(contents):
            path = tmp_path / f"kanari-{case}-{number}.pdf"
            if content is not None:
                path.write_bytes(content)
            options += ["--file", str(path)]
        refused = commands.run("answer", code, "--as", "op_lan", "--text", "Đã sửa.", *options)
        assert (refused.exit_code, refused.stderr.partition(":")[0]) == (1, reason)
        assert "kanari" not in refused.stderr
    assert "answered" not in events(commands, code)


def test_what_does_not_exist_is_told_before_anything_is_published(commands: Commands, code: str) -> None:
    agency = commands.run("review", code, "accept", "--as", "op_lan", "--agency", "no_such_agency")
    assert agency.stderr.startswith("unknown_agency")
    mistyped = commands.run("review", code, "accept", "--as", "op_lan", "--agency", "ubnd_25378_2025070")
    assert COMMITTEE in mistyped.stderr
    article = commands.run("review", code, "reject", "--as", "op_lan", "--article", "99.9")
    assert article.stderr.startswith("unknown_article: The regulation has no clause 99.9")
    ticket = commands.run("answer", code, "--as", "op_lan", "--text", "Đã xong.")
    assert ticket.stderr.startswith("no_ticket")
    operator = commands.run("review", code, "accept", "--as", "Lan Nguyễn")
    assert operator.stderr.startswith("malformed_command: operator: small letters")
    assert events(commands, code).count("decided") == 1


def test_without_a_gateway_the_command_is_durable_and_carried_out_later(tmp_path: Path, code: str) -> None:
    commands = Commands(tmp_path / "data")
    result = commands.run("review", code, "accept", "--as", "op_lan", "--wait", "0")
    assert result.exit_code == 1
    assert result.stderr.startswith("not_confirmed")
    with gateway(tmp_path / "data"):
        assert commands.run("review", code, "accept", "--as", "op_lan", "--version", "1").exit_code == 0
    assert events(commands, code).count("ticket_opened") == 1


def test_of_an_erased_citizen_only_steps_are_left(tmp_path: Path, code: str) -> None:
    async def erase(deployment: Deployment) -> None:
        document = await deployment.documents.get("submission", code)
        assert document is not None
        await deployment.vault.erase(document.owner)

    fill(tmp_path / "data", erase)
    shown = Commands(tmp_path / "data").run("show", code)
    assert shown.exit_code == 0, shown.output
    assert "erased" in shown.stdout
    assert "needs_review" in shown.stdout
    found = json.loads(Commands(tmp_path / "data").run("show", code, "--json").stdout)
    assert [step["step"] for step in found["history"]] == ["received", "needs_review"]
    for output in (shown.stdout, json.dumps(found, ensure_ascii=False)):
        assert "Minh Tâm" not in output
        assert "bà con" not in output
