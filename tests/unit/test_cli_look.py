"""Commands that look at a data folder, without a running gateway: what they show, and what they do not."""

import json
from pathlib import Path

import pytest

from gateway.runtime.deployment import Deployment
from tests.unit.filled import Commands, fill, sent, spoil

WORDS = "Đèn đường trước số nhà 12 đường Hùng Vương, phường Bình Phước bị hỏng ba ngày nay, đề nghị sửa giúp."
AGAIN = "Đèn đường trước số nhà 12 đường Hùng Vương, phường Bình Phước vẫn hỏng, đề nghị sửa sớm."
CITIZEN = {"name": "Nguyễn Văn An", "phone": "0912345678", "address": "12 Hùng Vương, phường Bình Phước"}
PERSONAL = ("Nguyễn Văn An", "912345678", "Hùng Vương", "secret of a citizen")


def payload(words: str, **more: object) -> bytes:
    return json.dumps({"user_id": "u", "content": words, **more}, ensure_ascii=False).encode()


@pytest.fixture(scope="module")
def codes() -> dict[str, str]:
    return {}


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory, codes: dict[str, str]) -> Commands:
    """A folder with a ticket, its repetition, a question to the citizen, and a dead letter; nobody runs on it."""
    data = tmp_path_factory.mktemp("look") / "data"

    async def work(deployment: Deployment) -> None:
        codes["ticket"] = await sent(deployment, payload(WORDS, contact=CITIZEN), user="an")
        codes["asked"] = await sent(deployment, payload(WORDS), user="binh")
        await spoil(deployment)

    async def later(deployment: Deployment) -> None:
        codes["repeated"] = await sent(deployment, payload(AGAIN, contact=CITIZEN), user="an")

    fill(data, work)
    fill(data, later)
    return Commands(data)


def lines(commands: Commands, *arguments: str) -> list[dict[str, object]]:
    result = commands.run(*arguments)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_submissions_are_listed_by_what_waits(commands: Commands, codes: dict[str, str]) -> None:
    assert {line["code"] for line in lines(commands, "submissions", "--json")} == set(codes.values())
    (asked,) = lines(commands, "submissions", "--json", "--outcome", "pending_supplement")
    assert asked["code"] == codes["asked"]
    assert lines(commands, "submissions", "--json", "--alert") == []
    shown = commands.run("submissions", "--outcome", "pending_supplement")
    assert "name, phone, address" in " ".join(shown.stdout.split())
    assert not any(word in shown.stdout for word in PERSONAL)


def test_tickets_are_listed_and_filtered(commands: Commands, codes: dict[str, str]) -> None:
    (ticket,) = lines(commands, "tickets", "--json")
    assert ticket["code"] == codes["ticket"]
    assert ticket["aliases"] == [codes["repeated"]]
    agency, state = str(ticket["agency"]), str(ticket["state"])
    assert lines(commands, "tickets", "--json", "--agency", agency) == [ticket]
    assert lines(commands, "tickets", "--json", "--agency", agency, "--state", state) == [ticket]
    assert lines(commands, "tickets", "--json", "--state", "answered") == []
    assert lines(commands, "tickets", "--json", "--agency", agency, "--state", "answered") == []
    shown = commands.run("tickets")
    assert codes["ticket"] in shown.stdout
    assert agency in shown.stdout


def test_show_tells_the_whole_record_in_order(commands: Commands, codes: dict[str, str]) -> None:
    (found,) = lines(commands, "show", codes["ticket"], "--json")
    history = found["history"]
    assert isinstance(history, list)
    events = [one["event"]["event"] for one in history]
    for step in ("message_received", "decided", "ticket_opened", "opened", "transferred", "reply_rendered", "added"):
        assert step in events, step
    assert events.count("reply_ended") == 3, "acceptance, transfer and merger reached the citizen"
    assert [one["at"] for one in history] == sorted(one["at"] for one in history)
    assert all(one["who"] and one["what"] for one in history)
    assert history[0]["event"]["inbound"]["personal"]["text"] == WORDS
    assert found["aliases"] == [codes["repeated"]]


def test_an_alias_leads_to_the_same_record(commands: Commands, codes: dict[str, str]) -> None:
    assert lines(commands, "show", codes["repeated"], "--json") == lines(commands, "show", codes["ticket"], "--json")


def test_a_code_is_understood_as_citizens_type_it(commands: Commands, codes: dict[str, str]) -> None:
    typed = codes["asked"].lower().replace("-", " ")
    result = commands.run("show", typed)
    assert result.exit_code == 0
    assert f"Submission {codes['asked']}" in result.stdout
    assert "pending_supplement: name, phone" in result.stdout
    assert WORDS in result.stdout


def test_an_unknown_code_is_told_as_such(commands: Commands) -> None:
    result = commands.run("show", "2222-2222-2222")
    assert result.exit_code == 1
    assert result.stderr.startswith("unknown_code")


@pytest.mark.parametrize("topic", ["raw.web", "inbound", "tickets", "replies.web", "conversation.log", "dlq"])
def test_tail_hides_what_identifies_citizens(commands: Commands, topic: str) -> None:
    result = commands.run("tail", topic, "--from-beginning", "--json")
    assert result.exit_code == 0
    assert result.stdout
    for word in PERSONAL:
        assert word not in result.stdout
    for line in result.stdout.splitlines():
        assert set(json.loads(line)) >= {"topic", "partition", "offset", "key", "id", "type", "time", "value"}


def test_tail_shows_personal_parts_when_asked(commands: Commands) -> None:
    hidden = commands.run("tail", "inbound", "--from-beginning")
    shown = commands.run("tail", "inbound", "--from-beginning", "--personal")
    assert "--personal" in hidden.stderr
    assert WORDS in shown.stdout
    assert WORDS not in hidden.stdout


def test_topics_tell_what_lies_on_them(commands: Commands) -> None:
    found = {str(row["topic"]): row for row in lines(commands, "topics", "--json")}
    assert found["raw.web"]["records"] == 4
    assert found["inbound"]["records"] == 3
    assert found["dlq"]["records"] == 1
    assert found["media"]["records"] is None
    assert any(name.startswith("agency.ubnd_") for name in found)
    assert "raw.web" in commands.run("topics").stdout


def test_status_counts_and_says_that_nobody_runs(commands: Commands) -> None:
    (found,) = lines(commands, "status", "--json", "--url", "http://127.0.0.1:9")
    assert found["readiness"] == {"state": "not_running", "address": "http://127.0.0.1:9", "reason": ""}
    assert found["submissions"] == {"accepted": 1, "merged": 1, "pending_supplement": 1}
    assert found["tickets"] == {"with_focal_officer": 1}
    assert found["dead_letters"] == 1
    consumers = found["consumers"]
    assert isinstance(consumers, list)
    behind = {one["stage"] for one in consumers if one["messages"]}
    assert behind <= {"zalo_ingest.media", "facebook_ingest.media"}, "these read every message, and did not run here"
    assert {one["stage"] for one in consumers} >= {"web_ingest.read", "normalizer", "dispatcher", "projections"}
    outbox = found["outbox"]
    assert isinstance(outbox, list)
    web = next(one for one in outbox if one["channel"] == "web")
    assert web == {
        "channel": "web",
        "waiting": 0,
        "sending": 0,
        "failed": 0,
        "unknown": 0,
        "oldest_waiting_seconds": 0.0,
    }
    shown = commands.run("status").stdout
    assert "unknown" in shown, "with port 0 only --url tells where it answers"
    assert "with_focal_officer" in shown


def raw_records(commands: Commands) -> list[dict[str, object]]:
    return lines(commands, "tail", "raw.web", "--from-beginning", "--json")


def test_a_dead_letter_is_listed_shown_and_put_back_once(commands: Commands) -> None:
    (letter,) = lines(commands, "dlq", "list", "--json")
    assert (letter["topic"], letter["reason"], letter["put_back_at"]) == ("raw.web", "malformed", None)
    letter_id = str(letter["id"])
    assert "secret of a citizen" not in commands.run("dlq", "show", letter_id).output
    assert "secret of a citizen" in commands.run("dlq", "show", letter_id, "--personal").stdout
    (spoilt,) = [one for one in raw_records(commands) if one["id"] == letter["message_id"]]
    assert commands.run("dlq", "replay", letter_id).exit_code == 0
    (back,) = [one for one in raw_records(commands) if one["partition"] == "cli"]
    assert [back[name] for name in ("key", "type", "time", "value")] == [
        spoilt[name] for name in ("key", "type", "time", "value")
    ]
    assert lines(commands, "dlq", "list", "--json")[0]["put_back_at"] is not None
    twice = commands.run("dlq", "replay", letter_id)
    assert twice.exit_code == 1
    assert twice.stderr.startswith("already_replayed")
    assert "Nothing to put back" in commands.run("dlq", "replay", "--all").stdout
    assert commands.run("dlq", "replay", letter_id, "--again").exit_code == 0
    again = [one for one in raw_records(commands) if one["partition"] == "cli"]
    assert len(again) == len({one["id"] for one in again}) == 2, "what is put back once more is there once more"
    unknown = commands.run("dlq", "show", "00000000-0000-0000-0000-000000000000")
    assert unknown.stderr.startswith("unknown_letter")
    assert commands.run("dlq", "replay").exit_code == 2


def test_a_backup_is_verified_restored_and_shown(commands: Commands, codes: dict[str, str], tmp_path: Path) -> None:
    target = tmp_path / "backup"
    assert commands.run("backup", str(target)).exit_code == 0
    assert commands.run("restore", "--verify", str(target)).exit_code == 0
    elsewhere = Commands(tmp_path / "restored")
    assert elsewhere.run("restore", str(target)).exit_code == 0
    assert lines(elsewhere, "show", codes["ticket"], "--json") == lines(commands, "show", codes["ticket"], "--json")
    refused = elsewhere.run("restore", str(target))
    assert refused.exit_code == 1
    assert refused.stderr.startswith("data_folder_not_empty")
    with (target / "store.db").open("r+b") as file:
        file.seek(5_000)
        file.write(b"damage")
    damaged = commands.run("restore", "--verify", str(target))
    assert damaged.exit_code == 1
    assert "store.db" in damaged.stderr
    assert Commands(tmp_path / "third").run("restore", str(target)).stderr.startswith("backup_damaged")
