"""Each service as a process of its own, all on one data folder: what one process promises, seven keep together."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
import pytest

from schemas.topics import CHANNELS
from tests.channels.zalo.running import province
from tests.gateway_process import GatewayProcess
from tests.pipeline.visitor import Visitor, received
from tests.ports import free_port
from tests.unit.filled import environment

SERVICES = (*CHANNELS.values(), "normalizer", "dispatcher", "upkeep")
COMMAND_SECONDS = 180.0
CONTACT = {"name": "Lê Minh Tâm", "phone": "0909888777", "address": "ấp 3, xã Thuận Lợi"}
WATER = "Ống nước sạch ở ấp 3, xã Thuận Lợi bị vỡ, nước chảy tràn ra đường suốt ngày, đề nghị sửa giúp."


class Processes:
    """Seven processes on one data folder, each with a port of its own."""

    def __init__(self, data: Path, **settings: str) -> None:
        """Take the data folder and what all of them are told."""
        self.data = data
        self.settings = settings
        self.each = {service: self.another(service) for service in SERVICES}

    def another(self, service: str) -> GatewayProcess:
        """A process of a service, not yet started."""
        made = GatewayProcess(self.data, launcher=f"services.{service}", **self.settings)
        made.log = self.data.with_name(f"{service}.{made.port}.log")
        return made

    @property
    def web(self) -> GatewayProcess:
        """The one that citizens and their apps speak to."""
        return self.each["web_ingest"]

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command that knows the data folder and not one of the ports."""
        return subprocess.run(
            [sys.executable, "-m", "cli", *arguments],
            env={**environment(self.data), **self.settings, "PATH": "/usr/sbin:/usr/bin:/bin"},
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    """All of them, started at once on a folder that does not exist yet."""
    folder = tmp_path_factory.mktemp("processes")
    zalo, graph = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
    found = Processes(
        folder / "data",
        GATEWAY_PROVINCE=str(province(folder, quiet_seconds=3)),
        ZALO_API_URL=zalo,
        ZALO_OAUTH_URL=zalo,
        FACEBOOK_GRAPH_URL=graph,
        EMAIL_IMAP_PORT=str(free_port()),
        EMAIL_SMTP_PORT=str(free_port()),
    )
    for process in found.each.values():
        process.start()
    for process in found.each.values():
        process.ready(seconds=60)
    yield found
    for process in found.each.values():
        process.kill()


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_citizens_of_every_channel_end_as_expected(processes: Processes) -> None:
    """The demonstration finds each channel's process by what it said of itself."""
    played = processes.command("demo")
    assert played.returncode == 0, played.stdout + played.stderr
    assert "ended as expected" in played.stdout


def test_every_process_answers_probes_and_shows_figures(processes: Processes) -> None:
    for service, process in processes.each.items():
        for path, said in (("/healthz", b"alive"), ("/readyz", b"ready"), ("/metrics", b"gateway_disk_free_bytes")):
            assert said in httpx.get(f"{process.address}{path}", trust_env=False).content, (service, path)


def test_status_finds_every_service(processes: Processes) -> None:
    found = json.loads(processes.command("status", "--json").stdout)
    assert found["readiness"] == {"state": "ready", "address": processes.web.address, "reason": ""}
    running = {one["service"]: (one["state"], one["address"]) for one in found["services"]}
    assert running == {service: ("ready", process.address) for service, process in processes.each.items()}


def test_upkeep_measures_the_stages_of_all_of_them(processes: Processes) -> None:
    figures = httpx.get(f"{processes.each['upkeep'].address}/metrics", trust_env=False).text
    for group in ("web_ingest.read", "zalo_ingest.media", "email_ingest.send", "normalizer", "dispatcher"):
        assert f'gateway_lag_messages{{group="{group}"' in figures


@pytest.mark.parametrize("service", ["zalo_ingest", "normalizer", "upkeep"])
def test_a_second_copy_on_the_folder_is_refused(processes: Processes, service: str) -> None:
    second = processes.another(service).start()
    assert second.wait() == 1
    said = [line for line in second.logged().splitlines() if not line.startswith("{")]
    assert len(said) == 1
    assert said[0].startswith(f"already_running: {service} runs on this data folder already")


def test_what_came_while_a_service_was_away_is_done_when_it_is_back(processes: Processes) -> None:
    """Every one is told to end, ends well, and the message that the others took meanwhile goes all the way."""
    away = [processes.each[service] for service in ("normalizer", "dispatcher", "upkeep")]
    assert [process.stop() for process in away] == [0, 0, 0]
    assert [process.events()[-1]["event"] for process in away] == ["stopped"] * 3
    with Visitor(processes.web) as visitor:
        receipt = received(visitor.submit({"user_id": "away", "content": WATER, "contact": CONTACT}))
        assert visitor.status(receipt)["outcome"] is None
        for process in away:
            process.start()
        visitor.until(receipt, lambda seen: seen["transferred_at"] is not None)


@pytest.mark.parametrize("wrong", [{"GATEWAY_STORE_URL": "mongo://db/x"}, {"GATEWAY_PORT": "http"}])
def test_a_process_with_wrong_settings_says_which(tmp_path: Path, wrong: Mapping[str, str]) -> None:
    process = GatewayProcess(tmp_path / "data", launcher="services.dispatcher")
    process._settings.update(wrong)
    assert process.start().wait() == 1
    (said,) = process.logged().splitlines()
    assert said.startswith("settings: ")
    assert all(name in said for name in wrong)


def test_a_channel_without_settings_does_not_run_alone(tmp_path: Path, processes: Processes) -> None:
    """In production a channel without an app, a page or an address is not there."""
    secrets = tmp_path / "data" / "secrets"
    secrets.mkdir(parents=True, mode=0o700)
    for name in ("identity", "master", "files", "session"):
        path = secrets / f"{name}.key"
        path.write_text("ab" * 32)
        path.chmod(0o600)
    process = GatewayProcess(tmp_path / "data", launcher="services.zalo_ingest", GATEWAY_PROFILE="production")
    assert process.start().wait() == 1
    said = [line for line in process.logged().splitlines() if not line.startswith("{")]
    assert said == ["not_configured: zalo_ingest has no settings; .env.example lists them."]
    processes.web.ready()
