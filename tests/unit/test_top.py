"""`gateway top` shows what the services export, and turns red at the same numbers as the alerts."""

import asyncio
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from prometheus_client import generate_latest

from cli.top.alarms import RULES, Rule, alarms
from cli.top.frame import frame
from cli.top.samples import Sample, Samples, parsed
from cli.top.scraping import Look, look
from deploy.grafana.alerts import bound
from gateway.runtime.deployment import open_deployment
from gateway.runtime.metrics import Metrics
from gateway.runtime.roster import Roster
from gateway.runtime.service import Service
from tests.operations.expressions import rules
from tests.unit.filled import Commands, settings_of

AT = 1_800_000_000.0
ALERTS = {rule["alert"]: rule for rule in rules("alerts.yaml")}


def seen(metrics: Metrics, at: float = AT) -> Samples:
    return Samples(at, parsed(generate_latest(metrics.registry).decode(), "http://one"))


@pytest.fixture
def metrics() -> Metrics:
    made = Metrics()
    made.received.labels("zalo", "chat").inc(10)
    made.outcomes.labels("zalo", "accepted").inc(4)
    made.lag_messages.labels("normalizer", "inbound").set(3)
    made.lag_seconds.labels("normalizer", "inbound").set(1.5)
    made.outbox_parts.labels("zalo", "waiting").set(2)
    made.watched.labels("lag").set(AT - 5)
    made.disk_free.set(900)
    made.disk_size.set(1000)
    made.disk_reserve.set(100)
    return made


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.alert))
def test_an_alarm_holds_at_the_number_of_its_alert(rule: Rule) -> None:
    limit = bound(rule.alert)
    assert (rule.limit, rule.above) == (limit.value, limit.above)
    assert rule.severity == ALERTS[rule.alert]["labels"]["severity"]


def test_quiet_is_no_alarm(metrics: Metrics) -> None:
    assert alarms(seen(metrics), {}) == []


def test_every_trouble_is_told_with_what_to_do(metrics: Metrics) -> None:
    metrics.watched.labels("tickets").set(AT - 301)
    metrics.channel_alarm.labels("facebook", "not_subscribed").set(1)
    metrics.lag_seconds.labels("dispatcher", "tickets").set(601)
    metrics.lag_seconds.labels("zalo_ingest.media", "media.waiting").set(9000)
    metrics.halted.labels("normalizer").set(1)
    metrics.ledger_unaccounted.labels("zalo").set(1)
    metrics.token_expires.labels("zalo").set(AT + 7000)
    metrics.mailbox_connected.labels("INBOX").set(0)
    metrics.mailbox_connected.labels("other").set(1)
    metrics.mailbox_contact.labels("other").set(AT - 3601)
    metrics.spool_messages.set(1)
    metrics.spool_oldest.set(601)
    metrics.disk_free.set(150)
    metrics.dead_letters_waiting.set(1)
    metrics.channel_paused.labels("zalo", "quota").set(1)
    metrics.outbox_oldest.labels("zalo").set(901)
    metrics.outbox_parts.labels("zalo", "unknown").set(1)
    metrics.open_tickets.labels("so_a", "overdue").set(1)
    metrics.open_tickets.labels("none", "open").set(1)
    found = alarms(seen(metrics), {"http://two": "not_running"})
    told = {one.alert for one in found}
    assert told == {"GatewayDown", *(rule.alert for rule in RULES)} - {"MessagesWait", "DiskFilling", "SpoolInUse"}
    assert found[0].alert == "GatewayDown"
    assert all(one.todo for one in found)


def test_rates_are_between_two_looks_and_survive_a_restart(metrics: Metrics) -> None:
    before = Look(seen(metrics), {})
    metrics.received.labels("zalo", "chat").inc(20)
    (zalo,) = frame(before, Look(seen(metrics, AT + 10), {}))["channels"]
    assert (zalo["received"], zalo["per_second"]) == (30, 2.0)
    assert zalo["outcomes"] == {"accepted": 4}
    assert zalo["outbox"] == {"waiting": 2}
    anew = Metrics()
    anew.received.labels("zalo", "chat").inc(5)
    (zalo,) = frame(before, Look(seen(anew, AT + 10), {}))["channels"]
    assert zalo["per_second"] == 0.5


def test_services_are_added_up_but_what_all_tell_is_told_once() -> None:
    both = Samples(AT, [Sample("a", {"instance": one, "b": two}, 2.0) for one in ("x", "y") for two in "pqr"])
    assert both.sums("a") == {"": 12.0}
    assert both.told("a") == {"": 6.0}
    assert both.most("a", "b") == {"p": 2.0, "q": 2.0, "r": 2.0}


class Exporter(HTTPServer):
    """A service that shows figures."""

    shown = b""


class Exporting(BaseHTTPRequestHandler):
    """Shows figures at /metrics; what it shows is the server's own."""

    server: Exporter

    def do_GET(self) -> None:
        """Answer any path alike."""
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.server.shown)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def exporter(metrics: Metrics) -> Iterator[Exporter]:
    with Exporter(("127.0.0.1", 0), Exporting) as server:
        server.shown = generate_latest(metrics.registry)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_one_frame_as_json_and_as_a_picture(exporter: Exporter, tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{exporter.server_port}"
    commands = Commands(tmp_path / "data")
    once = ("top", "--url", url, "--once", "--every", "0.2")
    found = json.loads(commands.run(*once, "--json").stdout)
    assert found["groups"] == [{"group": "normalizer", "messages": 3, "oldest_seconds": 1.5}]
    assert "normalizer" in commands.run(*once).stdout


def test_without_an_address_every_service_is_asked_where_it_said_that_it_answers(
    exporter: Exporter, tmp_path: Path
) -> None:
    url, gone = f"http://127.0.0.1:{exporter.server_port}", "http://127.0.0.1:9"

    async def say() -> None:
        deployment = await open_deployment(settings_of(tmp_path / "data"))
        roster = Roster(deployment.documents, deployment.clock)
        for name, address in (("normalizer", url), ("dispatcher", url), ("zalo_ingest", gone), ("web_ingest", "")):
            await roster.say(Service(name, ()), address)
        await deployment.close()

    asyncio.run(say())
    found = json.loads(Commands(tmp_path / "data").run("top", "--once", "--every", "0.2", "--json").stdout)
    assert found["groups"] == [{"group": "normalizer", "messages": 3, "oldest_seconds": 1.5}]
    assert found["silent"] == {gone: "not_running"}


def test_where_nobody_said_anything_this_gateway_is_asked(exporter: Exporter, tmp_path: Path) -> None:
    found = Commands(tmp_path / "data").run(
        "top", "--once", "--every", "0.2", "--json", GATEWAY_PORT=str(exporter.server_port)
    )
    assert json.loads(found.stdout)["silent"] == {}


def test_a_service_that_is_silent_is_an_alarm_and_the_others_are_shown(exporter: Exporter, tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{exporter.server_port}"
    run = Commands(tmp_path / "data").run("top", "--url", url, "--url", "http://127.0.0.1:9", "--once", "--json")
    found = json.loads(run.stdout)
    assert found["silent"] == {"http://127.0.0.1:9": "not_running"}
    assert found["alarms"][0]["alert"] == "GatewayDown"
    assert found["channels"]


def test_nobody_at_all_is_one_line(tmp_path: Path) -> None:
    run = Commands(tmp_path / "data").run("top", "--url", "http://127.0.0.1:9", "--once")
    assert run.exit_code == 1
    assert "no_gateway: " in run.stderr


def test_what_is_no_gateway_is_told(exporter: Exporter) -> None:
    exporter.shown = b"<html>hello</html>"
    url = f"http://127.0.0.1:{exporter.server_port}"
    assert look([url]).silent == {url: "not_a_gateway"}
