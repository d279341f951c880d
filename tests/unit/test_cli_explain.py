"""`gateway explain` and `gateway read`: one line out per line in, whatever the input."""

import io
import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.explain_lines import answers, bounded_lines
from cli.judging import Judge
from gateway.domain.province import Province, Register
from gateway.domain.strict_json import MAX_BYTES
from tests.read_once import load_lexicon
from tests.unit.filled import PROVINCE, Commands

KEYS = [
    *("language", "label", "subfield", "confidence", "evidence", "outcome", "missing", "contact"),
    *("conduct", "urgent", "articles", "agency"),
]
LAMP = "Đèn đường trước số nhà 12 đường Hùng Vương, phường Tân Phú, Đồng Xoài bị hỏng ba ngày nay, đề nghị sửa."
CONTACT = {"name": "Nguyễn Văn An", "phone": "0912 345 678", "address": "12 Hùng Vương, phường Tân Phú"}
TODAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def judge(province: Province) -> Judge:
    return Judge(province, load_lexicon(PROVINCE / "lexicon"))


@pytest.fixture
def commands(tmp_path: Path) -> Commands:
    return Commands(tmp_path / "data")


def answered(judge: Judge, lines: bytes) -> list[dict[str, Any]]:
    found = answers(bounded_lines(io.BytesIO(lines)), explain=judge.explain, channel="web", today=TODAY)
    return list(found)


def line(**members: object) -> bytes:
    return json.dumps(members, ensure_ascii=False).encode() + b"\n"


def test_a_line_has_exactly_the_documented_members(judge: Judge) -> None:
    (found,) = answered(judge, line(text=LAMP, channel="zalo", known_contact=CONTACT))
    assert list(found) == KEYS
    assert list(found["contact"]) == ["name", "phone", "email", "address"]
    assert found["contact"]["phone"] == "+84912345678"
    assert found["outcome"] == "accepted"
    assert (found["label"], found["subfield"]) == ("infrastructure_incident", "lighting")
    assert found["agency"]
    for one in found["evidence"]:
        assert list(one) == ["text", "start", "end", "rule"]
        assert LAMP[one["start"] : one["end"]] == one["text"]


def test_an_agency_is_named_when_a_field_is_told_even_if_contact_is_missing(judge: Judge) -> None:
    (found,) = answered(judge, line(text=LAMP, channel="zalo"))
    assert found["outcome"] == "pending_supplement"
    assert found["missing"] == ["name", "phone", "address"] or "name" in found["missing"]
    assert found["agency"]


def test_what_is_redirected_rejected_or_told_nothing_gets_no_agency(judge: Judge) -> None:
    texts = (
        "Cháy nhà ở ấp 5 xã Lộc Tấn, lửa đang lan, còn người mắc kẹt bên trong!",
        "Bonjour, je voudrais savoir comment renouveler mon permis de séjour, quels documents faut-il apporter ?",
        "alo",
    )
    found = answered(judge, b"".join(line(text=text) for text in texts))
    assert [one["outcome"] for one in found] == ["redirected", "rejected", "pending_supplement"]
    assert [one["agency"] for one in found] == [None, None, None]


def test_the_day_of_receipt_decides_which_agency_there_was(judge: Judge) -> None:
    days = ("2022-03-01", "2026-03-01", "2026-03-01T08:00:00+07:00")
    found = answered(judge, b"".join(line(text=LAMP, received=day) for day in days))
    assert found[0]["agency"] != found[1]["agency"]
    assert found[1] == found[2]


def test_where_no_agency_existed_none_is_named(judge: Judge) -> None:
    nobody = replace(judge.province, register=Register((), {}))
    (found,) = answered(Judge(nobody, judge.lexicon), line(text=LAMP))
    (usual,) = answered(judge, line(text=LAMP))
    assert usual["agency"] is not None
    assert found == {**usual, "agency": None}


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (b"\n", "not_json"),
        (b"{\n", "not_json"),
        (b"[]\n", "not_an_object"),
        (b'{"channel": "zalo"}\n', "text_missing"),
        (b'{"text": 3}\n', "text_missing"),
        (b'{"text": "a", "text": "b"}\n', "duplicate_member"),
        (b'{"text": "\\ud800"}\n', "lone_surrogate"),
        (b'{"text": "a", "n": 1e999}\n', "number_too_large"),
        (b"\xff\xfe\n", "not_utf8"),
        (b"[" * 100_000 + b"\n", "too_deep"),
        (b'{"text": "a", "channel": "No Channel"}\n', "bad_channel"),
        (b'{"text": "a", "received": "yesterday"}\n', "bad_received"),
        (b'{"text": "a", "received": 3}\n', "bad_received"),
        (b'{"text": "a", "known_contact": {"name": 3}}\n', "bad_known_contact"),
        (b'{"text": "a", "known_contact": "An"}\n', "bad_known_contact"),
        (b'{"text": "' + b"a" * (3 * MAX_BYTES) + b'"}\n', "too_large"),
        (b'{"text": "' + b"a" * 20_001 + b'"}\n', "text_too_long"),
    ],
)
def test_a_malformed_line_is_answered_in_its_place(judge: Judge, wrong: bytes, reason: str) -> None:
    good = line(text=LAMP)
    first, second, third = answered(judge, good + wrong + good)
    assert second == {"error": reason}
    assert first == third
    assert list(first) == KEYS


def test_a_last_line_needs_no_newline(judge: Judge) -> None:
    assert len(answered(judge, line(text="a") + b'{"text": "b"}')) == 2


@settings(max_examples=30, deadline=None)
@given(texts=st.lists(st.text(max_size=60), max_size=5))
def test_one_line_out_per_line_in(judge: Judge, texts: list[str]) -> None:
    clean = [text.encode("utf-8", "replace").decode() for text in texts]
    found = answered(judge, b"".join(line(text=text) for text in clean))
    assert [list(one) for one in found] == [KEYS] * len(texts)


def test_malformed_lines_end_in_exit_code_1_after_all_lines(commands: Commands) -> None:
    result = commands.run("explain", "--jsonl", "-", stdin=b"oops\n" + line(text=LAMP))
    assert result.exit_code == 1
    first, second = (json.loads(one) for one in result.stdout.splitlines())
    assert first == {"error": "not_json"}
    assert list(second) == KEYS
    assert not commands.data.exists(), "explaining needs no data folder"


def test_one_message_is_shown_with_its_evidence(commands: Commands) -> None:
    result = commands.run("explain", LAMP)
    assert result.exit_code == 0
    assert LAMP in result.stdout.replace("\n", " ")
    assert "infrastructure_incident.lighting" in result.stdout
    assert "scope." in result.stdout


def test_neither_or_both_inputs_are_a_usage_error(commands: Commands) -> None:
    assert commands.run("explain").exit_code == 2
    assert commands.run("explain", "text", "--jsonl", "-").exit_code == 2


def test_payloads_are_read_in_order_and_bad_ones_answered(commands: Commands, tmp_path: Path) -> None:
    payloads = {
        "good.json": json.dumps({"user_id": "u", "content": LAMP, "contact": CONTACT}).encode(),
        "bad.json": b"{",
        "wrong.json": b'{"user_id": 3, "content": ""}',
        "list.json": b"[]",
        "empty.json": b"",
    }
    for name, content in payloads.items():
        (tmp_path / name).write_bytes(content)
    files = [str(tmp_path / name) for name in payloads]
    result = commands.run("read", "--channel", "web", "--jsonl", *files)
    assert result.exit_code == 0, result.output
    good, *bad = (json.loads(one) for one in result.stdout.splitlines())
    assert good["personal"]["text"] == LAMP
    assert good["personal"]["contact"]["phone"] == "+84912345678"
    assert [list(one) for one in bad] == [["error"]] * 4
    again = commands.run("read", "--channel", "web", files[0], "--received", "2026-11-24")
    assert json.loads(again.stdout)["id"] == good["id"], "the same payload is the same message"


@pytest.mark.parametrize("page", ["README.md", "docs/one-message.md"])
def test_the_documentation_shows_what_is_printed(commands: Commands, page: str) -> None:
    """But for the confidence, which moves with the lexicon and is measured elsewhere."""
    text = (Path(__file__).parents[2] / page).read_text(encoding="utf-8")
    found = re.search(r'gateway explain "([^"]+)"\n(.*?)```', text, re.DOTALL)
    assert found is not None
    printed = [without_figures(line) for line in commands.run("explain", found.group(1)).stdout.splitlines()]
    shown = [without_figures(line) for line in found.group(2).splitlines() if line != "…"]
    assert len(shown) > 4
    assert [line for line in shown if line not in printed] == []


def without_figures(line: str) -> str:
    return re.sub(r"\([01]\.\d\d\)", "", line).rstrip()
