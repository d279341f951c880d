"""What operations watch is there: panels, alerts and recorded series are asked of a Prometheus beside the gateway."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.channels.zalo.running import province
from tests.gateway_process import OURS, GatewayProcess
from tests.operations.expressions import (
    Expression,
    boards,
    catalogue,
    of_alerts,
    of_panels,
    of_recordings,
    watched,
)
from tests.ports import free_port
from tests.servers.prometheus import MISSING, PROGRAM, REQUIRED, Prometheus
from tests.unit.filled import Commands

DEMO_SECONDS = 180.0
RECEIVED = "sum by (channel) (gateway_received_total)"

ONLY_IN_TROUBLE = {
    "overview/What is wrong/A": "the list of what is wrong is empty while nothing is",
    "EverySignatureFails": "compares two things, of which one is there in trouble only",
    "ChannelSilent": "compares with the week before",
}
UNWATCHED = {
    "process_virtual_memory_bytes": "address space says nothing that resident memory does not",
}
"""Metrics of the catalogue in no panel and no alert, and why."""


@dataclass
class Watching:
    """A gateway that has had traffic, and the Prometheus that watched it."""

    gateway: GatewayProcess
    prometheus: Prometheus


@pytest.fixture(scope="module")
def watching(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watching]:
    """The demonstration's citizens on every channel, and requests that are refused."""
    if PROGRAM is None:
        (pytest.fail if REQUIRED else pytest.skip)(MISSING)
    folder = tmp_path_factory.mktemp("watched")
    zalo, graph = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
    settings = {
        "GATEWAY_PROVINCE": str(province(folder, quiet_seconds=3)),
        "ZALO_API_URL": zalo,
        "ZALO_OAUTH_URL": zalo,
        "FACEBOOK_GRAPH_URL": graph,
        "EMAIL_IMAP_PORT": str(free_port()),
        "EMAIL_SMTP_PORT": str(free_port()),
    }
    gateway = GatewayProcess(folder / "data", **settings)
    prometheus = Prometheus(folder, [gateway.address.removeprefix("http://")])
    try:
        gateway.start().ready()
        prometheus.start()
        # It finds its targets only some seconds after its own start; what happened before would be no increase.
        prometheus.until("count_over_time(up[10s]) > 1")
        _demonstrated(gateway, settings)
        for path in ("/webhooks/zalo", "/webhooks/facebook", "/v1/submissions"):
            _refused(gateway, path)
        prometheus.until('gateway_watched_timestamp_seconds{what="tickets"} > 0')
        prometheus.until('sum(gateway_refused_total{channel="web"}) > 0')
        prometheus.until('min(channel:gateway_received:rate5m{channel!="email"}) > 0')
        prometheus.until("sum(channel_outcome:gateway_outcomes:rate5m) > 0")
        yield Watching(gateway, prometheus)
    finally:
        prometheus.stop()
        gateway.stop()


def _demonstrated(gateway: GatewayProcess, settings: dict[str, str]) -> None:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    done = subprocess.run(
        [sys.executable, "-m", "cli", "demo", "--url", gateway.address],
        env={**inherited, **settings, "GATEWAY_DATA": str(gateway.data)},
        capture_output=True,
        text=True,
        timeout=DEMO_SECONDS,
        check=False,
    )
    # Whether all ended as expected is `tests/pipeline/test_demo.py`'s to say: here it is traffic.
    assert "Traceback" not in done.stderr, done.stderr


def _refused(gateway: GatewayProcess, path: str) -> None:
    connection = HTTPConnection("127.0.0.1", gateway.port, timeout=10)
    connection.request("POST", path, b"{}", {"Content-Type": "application/json"})
    connection.getresponse().read()
    connection.close()


def must_be_there(expression: Expression) -> bool:
    """Whether something is wrong when the expression gives nothing."""
    return expression.where not in ONLY_IN_TROUBLE


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_every_panel_shows_something(watching: Watching) -> None:
    empty = []
    for expression in of_panels():
        instant, ranged = watching.prometheus.query(expression.asked), watching.prometheus.range(expression.asked)
        if must_be_there(expression) and not (instant and ranged):
            empty.append(expression)
    assert empty == []


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_every_alert_and_recorded_series_has_something_to_look_at(watching: Watching) -> None:
    empty = []
    for expression in (*of_alerts(), *of_recordings()):
        watching.prometheus.query(expression.asked)
        if must_be_there(expression) and not watching.prometheus.query(watched(expression).asked):
            empty.append(expression)
    assert empty == []


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_every_metric_that_is_named_was_scraped(watching: Watching) -> None:
    named = {name for one in (*of_panels(), *of_alerts(), *of_recordings()) for name in one.names}
    assert named <= set(watching.prometheus.values("__name__"))


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_channels_to_choose_from_are_there(watching: Watching) -> None:
    asked = {variable["query"] for board in boards().values() for variable in board["templating"]["list"]}
    assert asked == {"prometheus", "label_values(gateway_received_total, channel)"}
    assert set(watching.prometheus.values("channel")) >= {"web", "zalo", "facebook", "email"}


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_overview_in_a_terminal_shows_the_same(watching: Watching, tmp_path: Path) -> None:
    shown = Commands(tmp_path / "data").run("top", "--url", watching.gateway.address, "--once", "--json")
    found = json.loads(shown.stdout)
    received = {one["metric"]["channel"]: one["value"][1] for one in watching.prometheus.query(RECEIVED)}
    assert {one["channel"]: str(one["received"]) for one in found["channels"]} == received
    assert {one["group"] for one in found["groups"]} >= {"normalizer", "dispatcher", "projections"}
    assert found["silent"] == {}


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_every_rule_is_evaluated_without_an_error(watching: Watching) -> None:
    health = watching.prometheus.rules_health()
    assert health.keys() == {one.where for one in (*of_alerts(), *of_recordings())}
    assert set(health.values()) == {"ok"}


def test_every_metric_that_is_named_is_in_the_catalogue() -> None:
    recorded = {one.where for one in of_recordings()}
    known = recorded.union(*catalogue().values())
    named = {name for one in (*of_panels(), *of_alerts(), *of_recordings()) for name in one.names}
    assert named - known == set()


def test_every_metric_of_the_catalogue_is_watched_by_somebody() -> None:
    named = {name for one in (*of_panels(), *of_alerts(), *of_recordings()) for name in one.names}
    unwatched = {name for name, series in catalogue().items() if not series & named}
    assert unwatched == UNWATCHED.keys()
