"""The gateway as a citizen, an operator and a machine's keeper meet it: started by `gateway up`, seen from outside."""

import contextlib
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from cli.demo.script import load_script
from cli.running import readiness
from tests.channels.email.mailroom import REQUIRED
from tests.channels.zalo.running import province
from tests.fakes.mail.dovecot import PROGRAM
from tests.gateway_process import OURS
from tests.ports import free_port
from tests.unit.filled import PROVINCE, Commands, environment, settings_of

START_SECONDS = 30.0
STOP_SECONDS = 30.0
COMMAND_SECONDS = 180.0
UNCLEAR: dict[str, object] = {
    "user_id": "tam",
    "content": "Đi xa mười năm trở về, tôi muốn bắt đầu lại từ đầu mà chưa biết gõ cửa nào.",
    "contact": {"name": "Lê Minh Tâm", "phone": "0909888777", "address": "ấp 3, xã Thuận Lợi"},
}


def command(data: Path, *arguments: str, **more: str) -> subprocess.Popen[str]:
    """A command as a process of its own, on this data folder."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return subprocess.Popen(
        [sys.executable, "-m", "cli", *arguments],
        env={**inherited, **environment(data), **more},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@dataclass
class Running:
    """A gateway that takes messages."""

    data: Path
    process: subprocess.Popen[str]
    address: str
    more: Mapping[str, str]

    def command(self, *arguments: str, **more: str) -> subprocess.Popen[str]:
        """A command with the settings that the gateway has."""
        return command(self.data, *arguments, **{**self.more, **more})

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """One command beside it."""
        process = self.command(*arguments)
        out, err = process.communicate(timeout=COMMAND_SECONDS)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def post(self, body: dict[str, object]) -> str:
        """A submission of the app; its code."""
        parts = urlsplit(self.address)
        connection = HTTPConnection(parts.hostname or "", parts.port, timeout=10)
        token = (self.data / "secrets" / "app.token").read_text().strip()
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        connection.request("POST", "/v1/submissions", json.dumps(body), headers)
        answer = connection.getresponse()
        found = json.loads(answer.read())
        connection.close()
        assert answer.status == 202, found
        return str(found["code"])

    def outcome(self, code: str, wanted: str) -> None:
        """Wait for an outcome, as the documents that operators look at tell it."""
        until = time.monotonic() + START_SECONDS
        while True:
            result = Commands(self.data).run("show", code, "--json")
            outcome = json.loads(result.stdout)["outcome"] if result.exit_code == 0 else None
            if outcome is not None and outcome["kind"] == wanted:
                return
            assert time.monotonic() < until, result.output


def started(data: Path, **more: str) -> Running:
    """Start a gateway and wait until it takes messages."""
    process = command(data, "up", **more)
    assert process.stdout is not None
    first = process.stdout.readline()
    assert "takes messages at" in first, process.stderr and process.stderr.read()
    address = first.split()[-1]
    until = time.monotonic() + START_SECONDS
    while readiness(settings_of(data), address)["state"] != "ready":
        assert time.monotonic() < until
    return Running(data, process, address, more)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A gateway whose platforms have ports of their own, and whose chats are quiet after a few seconds."""
    folder = tmp_path_factory.mktemp("demo")
    zalo, graph = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
    found = started(
        folder / "data",
        GATEWAY_PROVINCE=str(province(folder, quiet_seconds=3)),
        ZALO_API_URL=zalo,
        ZALO_OAUTH_URL=zalo,
        FACEBOOK_GRAPH_URL=graph,
        EMAIL_IMAP_PORT=str(free_port()),
        EMAIL_SMTP_PORT=str(free_port()),
    )
    yield found
    found.process.kill()
    found.process.communicate(timeout=STOP_SECONDS)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_citizens_of_every_channel_end_as_expected_again_and_again(running: Running) -> None:
    by_channel = Counter(scene.by for scene in load_script().scenes)
    assert by_channel.keys() == {"app", "form", "call", "zalo", "facebook", "email"}
    mails = 0 if PROGRAM is None else by_channel["email"]
    for _ in range(2):
        played = running.run("demo", "--url", running.address)
        assert played.returncode == 0, played.stdout + played.stderr
        assert f"All {by_channel.total() - by_channel['email'] + mails} ended as expected" in played.stdout
        for outcome in ("accepted", "merged", "redirected", "rejected"):
            assert outcome in played.stdout
        assert ("skipped (no Dovecot" in " ".join(played.stdout.split())) == (PROGRAM is None)
    if PROGRAM is None:
        reason = "mail was not played: needs Debian's dovecot-imapd"
        (pytest.fail if REQUIRED else pytest.skip)(reason)


def test_a_taken_port_is_one_line(running: Running) -> None:
    with socket.create_server(("127.0.0.1", int(running.more["FACEBOOK_GRAPH_URL"].rpartition(":")[2]))):
        refused = running.run("demo", "--url", running.address)
    assert refused.returncode == 1
    assert refused.stderr.startswith("port_in_use: ")
    assert len(refused.stderr.splitlines()) == 1


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM], ids=["interrupted", "terminated"])
def test_what_the_demonstration_started_ends_with_it(running: Running, ending: signal.Signals) -> None:
    # Not below pytest's own folder, which nobody's user may not enter.
    with tempfile.TemporaryDirectory(prefix="demo-") as folder:
        Path(folder).chmod(0o755)
        with ended(running.command("demo", "--url", running.address, TMPDIR=folder)) as demo:
            last_to_stand = "FACEBOOK_GRAPH_URL" if PROGRAM is None else "EMAIL_SMTP_PORT"
            port = int(running.more[last_to_stand].rpartition(":")[2])
            until = time.monotonic() + START_SECONDS
            while not listening(port):
                assert time.monotonic() < until
                assert demo.poll() is None, demo.communicate()
            assert PROGRAM is None or any(Path(folder).iterdir())
            demo.send_signal(ending)
            _, err = demo.communicate(timeout=STOP_SECONDS * 3)
        assert demo.returncode != 0
        assert "Traceback" not in err
        assert not any(Path(folder).iterdir())
        assert [line for line in command_lines() if folder in line] == []
        assert not listening(port)


@contextlib.contextmanager
def ended(process: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    """A process that is not left behind by a test that fails: its pipes would be another test's warning."""
    with process:
        try:
            yield process
        finally:
            process.kill()


def listening(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def command_lines() -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            found.append(path.read_text(errors="replace"))
    return found


@pytest.mark.timeout(400)
def test_what_was_played_can_be_looked_at(running: Running) -> None:
    assert running.run("demo", "--url", running.address).returncode == 0
    listed = running.run("tickets", "--json")
    tickets = [json.loads(line) for line in listed.stdout.splitlines()]
    assert {"with_focal_officer", "answered"} <= {ticket["state"] for ticket in tickets}
    assert all(ticket["trial"] for ticket in tickets)
    with_alias = next(ticket for ticket in tickets if ticket["aliases"])
    shown = running.run("show", with_alias["aliases"][0])
    assert shown.returncode == 0, shown.stderr
    assert f"Submission {with_alias['code']}" in shown.stdout
    status = json.loads(running.run("status", "--json", "--url", running.address).stdout)
    assert status["readiness"]["state"] == "ready"
    assert status["dead_letters"] == 0


def test_two_clicks_at_once_are_one_verdict_and_the_answer_reaches_the_citizen(running: Running) -> None:
    code = running.post(UNCLEAR)
    running.outcome(code, "needs_review")
    click = ("review", code, "accept", "--as", "op_lan", "--agency", "dn_cong_an", "--version", "1")
    clicks = [command(running.data, *click) for _ in range(2)]
    shown = [one.communicate(timeout=60) for one in clicks]
    assert [one.returncode for one in clicks] == [0, 0], shown
    assert shown[0][0] == shown[1][0]
    answered = running.run("answer", code, "--as", "op_lan", "--text", "Xin mời Ông/Bà đến bộ phận một cửa.")
    assert answered.returncode == 0, answered.stderr
    history = json.loads(running.run("show", code, "--json").stdout)["history"]
    events = [one["event"]["event"] for one in history]
    assert (events.count("decided"), events.count("ticket_opened"), events.count("answered")) == (2, 1, 1)
    assert {one["who"] for one in history} >= {"citizen", "rules", "op_lan"}


def test_up_tells_trouble_in_one_line(running: Running, tmp_path: Path) -> None:
    second = command(running.data, "up").communicate(timeout=60)
    assert second[1].startswith("already_running: ")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = command(tmp_path / "data", "up", GATEWAY_PORT=str(taken.getsockname()[1]))
        _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert err.startswith("port_in_use: ")
    assert len(err.splitlines()) == 1


def test_up_lists_every_fault_of_the_province_folder(tmp_path: Path) -> None:
    folder = tmp_path / "province"
    folder.mkdir()
    (folder / "province.yaml").write_bytes((PROVINCE / "province.yaml").read_bytes())
    process = command(tmp_path / "data", "up", GATEWAY_PROVINCE=str(folder))
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "Traceback" not in err
    assert err.startswith("province_invalid: ")
    assert len(err.splitlines()) > 2
    assert not (tmp_path / "data").exists()


def test_sigterm_ends_it_cleanly_and_nothing_is_forgotten(tmp_path: Path) -> None:
    running = started(tmp_path / "data")
    code = running.post(UNCLEAR)
    begun = time.monotonic()
    running.process.send_signal(signal.SIGTERM)
    _, err = running.process.communicate(timeout=STOP_SECONDS)
    assert running.process.returncode == 0, err
    assert time.monotonic() - begun < STOP_SECONDS
    logged = [json.loads(line) for line in err.splitlines()]
    assert (logged[0]["event"], logged[-1]["event"]) == ("started", "stopped")
    assert {line["level"] for line in logged} == {"info"}
    again = started(tmp_path / "data")
    try:
        again.outcome(code, "needs_review")
    finally:
        again.process.terminate()
        again.process.communicate(timeout=STOP_SECONDS)


def test_tail_follows_until_it_is_interrupted(running: Running) -> None:
    process = command(running.data, "tail", "submission.events", "--json")
    assert process.stdout is not None
    assert process.stderr is not None
    assert "Ctrl-C" in process.stderr.readline()
    codes = []
    until = time.monotonic() + START_SECONDS
    # What is published before the tail stands at the end is not followed: more is sent until something is seen.
    with selectors.DefaultSelector() as ready:
        ready.register(process.stdout, selectors.EVENT_READ)
        while not ready.select(timeout=0.5):
            assert time.monotonic() < until
            codes.append(running.post(UNCLEAR))
    line = process.stdout.readline()
    assert json.loads(line)["value"]["code"] in codes
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=STOP_SECONDS)
    assert (process.returncode, err) == (0, "")
