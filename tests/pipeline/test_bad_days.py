"""The gateway on bad days, seen from outside: what keeps it from starting, and what happens to it while it runs."""

import os
import shutil
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import httpx
import pytest

from cli.demo.client import Receipt
from tests.gateway_process import GatewayProcess
from tests.pipeline.full_disk import no_file_may_grow, no_space_left, small_file_system
from tests.pipeline.visitor import Visitor, received, shown
from tests.pipeline.written import codes_received
from tests.unit.filled import PROVINCE

STOP_SECONDS = 30.0
CONTACT = {"name": "Lê Minh Tâm", "phone": "0909888777", "address": "ấp 3, xã Thuận Lợi"}
WATER = "Ống nước sạch ở ấp 3, xã Thuận Lợi bị vỡ, nước chảy tràn ra đường suốt ngày, đề nghị sửa giúp. Lần {}."


def matter(number: int, *, more: str = "") -> dict[str, object]:
    """What becomes a ticket at once; every one is another citizen's."""
    return {"user_id": f"bad-day-{number}", "content": WATER.format(number) + more, "contact": CONTACT}


def refused(gateway: GatewayProcess) -> list[str]:
    """Start what must not start; the lines it ended with."""
    gateway.log = gateway.data.with_name(f"{gateway.data.name}.refused.log")
    return ended(gateway.start())


def ended(gateway: GatewayProcess) -> list[str]:
    """The lines for a person with which a started gateway ended by itself."""
    assert gateway.wait() == 1, gateway.logged()
    said = gateway.logged()
    assert "Traceback" not in said, said
    return [line for line in said.splitlines() if not line.startswith("{")]


def has_ticket(seen: dict[str, object]) -> bool:
    return seen["outcome"] == "accepted" and seen["transferred_at"] is not None


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayProcess]:
    gateway = GatewayProcess(tmp_path_factory.mktemp("running") / "data").start().ready()
    yield gateway
    gateway.kill()


@pytest.fixture(scope="module")
def used(running: GatewayProcess, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder in which a citizen's ticket lies, from a gateway that was ended."""
    gateway = GatewayProcess(tmp_path_factory.mktemp("used") / "data").start().ready()
    with Visitor(gateway) as visitor:
        visitor.until(received(visitor.submit(matter(0))), has_ticket)
    assert gateway.stop() == 0
    return gateway.data


def test_a_taken_port_is_told_in_one_line(running: GatewayProcess, tmp_path: Path) -> None:
    said = refused(GatewayProcess(tmp_path / "data", GATEWAY_PORT=str(running.port)))
    assert len(said) == 1
    assert said[0].startswith("port_in_use: ")
    assert str(running.port) in said[0]


def test_a_second_copy_is_refused_and_the_first_goes_on(running: GatewayProcess) -> None:
    said = refused(GatewayProcess(running.data))
    assert len(said) == 1
    assert said[0].startswith("already_running: ")
    assert str(running.pid) in said[0]
    with Visitor(running) as visitor:
        visitor.until(received(visitor.submit(matter(1))), has_ticket)


def test_every_error_of_a_province_folder_is_listed(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(PROVINCE, tmp_path / "province"))
    (folder / "routing.yaml").write_text("rows: 7\n")
    (folder / "holidays.yaml").write_text("- [\n")
    (folder / "regulation.yaml").unlink()
    said = refused(GatewayProcess(tmp_path / "data", GATEWAY_PROVINCE=str(folder)))
    assert said[0].startswith("province_invalid: ")
    for name in ("routing.yaml", "holidays.yaml", "regulation.yaml"):
        assert any(line.strip().startswith(name) for line in said[1:]), said
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"GATEWAY_DISK_RESERVE_MB": "hunter2", "GATEWAY_LOG_LEVEL": "hunter2"},
        {"WEB_APP_KEYS": "hunter2"},
    ],
)
def test_wrong_settings_are_named_and_their_values_are_not(wrong: dict[str, str], tmp_path: Path) -> None:
    (said,) = refused(GatewayProcess(tmp_path / "data", **wrong))
    assert said.startswith("settings: ")
    assert all(name in said for name in wrong)
    assert "hunter2" not in said


def test_keys_that_do_not_fit_the_data_are_refused(used: Path, tmp_path: Path) -> None:
    """Every way has a copy of the folder of its own; all are started before the first is waited for."""
    started = {}
    for name, spoil in SPOILT.items():
        data = Path(shutil.copytree(used, tmp_path / name))
        spoil(data / "secrets")
        started[name] = GatewayProcess(data).start()
    said = {name: ended(gateway)[0] for name, gateway in started.items()}
    assert said["changed identity"].startswith("identity_changed: ")
    assert said["changed files"].startswith("files_key_changed: ")
    assert said["changed master"].startswith("master_key_missing: ")
    assert said["exposed master"].startswith("secret_exposed: master.key")
    for name in ("master", "files"):
        assert said[f"missing {name}"].startswith(f"secret_missing: {name}.key")
        assert not (tmp_path / f"missing {name}" / "secrets" / f"{name}.key").exists()


SPOILT: dict[str, Callable[[Path], object]] = {
    "changed identity": lambda secrets: (secrets / "identity.key").write_text("ab" * 32),
    "changed files": lambda secrets: (secrets / "files.key").write_text("ab" * 32),
    "changed master": lambda secrets: (secrets / "master.key").write_text("ab" * 32),
    "exposed master": lambda secrets: (secrets / "master.key").chmod(0o604),
    "missing master": lambda secrets: (secrets / "master.key").unlink(),
    "missing files": lambda secrets: (secrets / "files.key").unlink(),
}


def test_production_refuses_the_secrets_of_a_trial(used: Path) -> None:
    (said,) = refused(GatewayProcess(used, GATEWAY_PROFILE="production"))
    assert said.startswith("secret_of_trial: ")


def test_below_the_reserve_nothing_is_acknowledged(tmp_path: Path) -> None:
    gateway = GatewayProcess(tmp_path / "data", GATEWAY_DISK_RESERVE_MB="1000000000").start()
    try:
        with Visitor(gateway) as visitor:
            until = time.monotonic() + 20
            while _ready(visitor) != 503:
                assert time.monotonic() < until
                time.sleep(0.02)
            answers = [visitor.submit(matter(2)), visitor.send_form({"content": WATER, **CONTACT})]
        _all_refused(answers)
        assert not codes_received(gateway.data)
    finally:
        gateway.kill()


def _ready(visitor: Visitor) -> int | None:
    try:
        return visitor.ask("GET", "/readyz").status_code
    except httpx.ConnectError:
        return None


def _all_refused(answers: list[httpx.Response]) -> None:
    for answer in answers:
        assert answer.status_code == 503, answer.text
        assert int(answer.headers["retry-after"]) >= 1


def test_writes_that_fail_are_refusals_and_it_recovers(running: GatewayProcess) -> None:
    _lives_through(running, no_file_may_grow(running))


def test_a_full_disk_is_a_refusal_and_it_recovers(tmp_path: Path) -> None:
    with small_file_system(tmp_path, "64m") as folder:
        if folder is None:
            pytest.skip("mounting a small file system needs root")
        gateway = GatewayProcess(folder / "data", GATEWAY_DISK_RESERVE_MB="1").start().ready()
        try:
            _lives_through(gateway, no_space_left(gateway))
        finally:
            gateway.kill()


def _lives_through(gateway: GatewayProcess, trouble: AbstractContextManager[None]) -> None:
    with Visitor(gateway) as visitor:
        # A form that was rendered before is sent when there is no room any more.
        token = shown("form", visitor.ask("GET", "/"))
        acknowledged = [received(visitor.submit(matter(100)))]
        with trouble:
            answers = [visitor.submit(matter(101 + number, more=" x" * 2_000)) for number in range(30)]
            acknowledged += [received(answer) for answer in answers if answer.status_code == 202]
            refusals = [answer for answer in answers if answer.status_code != 202]
            refusals.append(visitor.send_form({"content": WATER + " x" * 5_000, **CONTACT}, token=token))
            assert len(refusals) > 1
            _all_refused(refusals)
            assert visitor.ask("GET", "/").status_code == 200
        until = time.monotonic() + 20
        while (again := visitor.submit(matter(200))).status_code != 202:
            _all_refused([again])
            assert time.monotonic() < until
            time.sleep(0.05)
        acknowledged.append(received(again))
        for receipt in acknowledged:
            visitor.until(receipt, lambda seen: seen["outcome"] is not None)
        assert visitor.ask("GET", "/readyz").status_code == 200
        assert all(answer.status_code != 500 for answer in visitor.answers)
    assert {receipt.code for receipt in acknowledged} <= codes_received(gateway.data)


def test_sigterm_lets_what_has_begun_be_answered_and_loses_nothing(tmp_path: Path) -> None:
    gateway = GatewayProcess(tmp_path / "data").start().ready()
    receipts: list[Receipt] = []
    enough = threading.Event()
    crowd = threading.Thread(target=_send_until_refused, args=(gateway, receipts, enough))
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=STOP_SECONDS) as begun:
        body = httpx.Request("POST", gateway.address, json=matter(300)).read()
        head = (
            f"POST /v1/submissions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {gateway.token('app')}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n"
        )
        begun.sendall(head.encode())
        assert b"100 Continue" in begun.recv(1_000)
        begun.sendall(body[:50])
        crowd.start()
        assert enough.wait(STOP_SECONDS)
        started = time.monotonic()
        os.kill(gateway.pid, signal.SIGTERM)
        crowd.join(STOP_SECONDS)
        begun.sendall(body[50:])
        assert b" 202 " in begun.recv(10_000).splitlines()[0]
    assert gateway.wait(STOP_SECONDS) == 0
    assert time.monotonic() - started < STOP_SECONDS
    assert not crowd.is_alive()
    found = codes_received(gateway.data)
    assert len(found) >= len(receipts) + 1
    assert {receipt.code for receipt in receipts} <= found


def _send_until_refused(gateway: GatewayProcess, receipts: list[Receipt], enough: threading.Event) -> None:
    """Messages one after another until nobody listens any more; only what was answered with 202 counts."""
    with Visitor(gateway) as visitor:
        for number in range(1_000):
            try:
                answer = visitor.submit(matter(301 + number))
            except httpx.TransportError:
                return
            receipts.append(received(answer))
            if len(receipts) == 20:
                enough.set()


def test_what_was_acknowledged_before_a_kill_becomes_a_ticket_after_it(tmp_path: Path) -> None:
    gateway = GatewayProcess(tmp_path / "data").start().ready()
    with Visitor(gateway) as visitor:
        receipts = [received(visitor.submit(matter(400 + number))) for number in range(10)]
    gateway.kill()
    gateway.start().ready()
    try:
        with Visitor(gateway) as visitor:
            for receipt in receipts:
                visitor.until(receipt, has_ticket)
    finally:
        gateway.kill()
