"""Every expression that operations rely on: of panels, alerts and recording rules, and the names in them."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from gateway.runtime.metrics import Metrics
from tests.gateway_process import ROOT

BOARDS = sorted((ROOT / "deploy" / "grafana" / "generated").glob("*.json"))
RULES = ROOT / "deploy" / "prometheus"
NAMES = re.compile(r"[a-z_]+:[a-z0-9_:]+|\b(?:gateway|process)_[a-z0-9_]+")
VARIABLES = {"$__rate_interval": "30s", "$__interval": "2s", "$__range": "60s", "$channel": ".+"}
SERIES = {"gauge": ("",), "counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}
AFTER_AN_ALERT = re.compile(r" (<|>) [\d.]+$")


@dataclass(frozen=True)
class Expression:
    """What is asked, and where that stands written."""

    where: str
    asked: str

    @property
    def names(self) -> set[str]:
        """The metrics and recorded series in it; a label's value is in quotes."""
        return set(NAMES.findall(re.sub(r'"[^"]*"', '""', self.asked)))


def boards() -> dict[str, dict[str, Any]]:
    """Each dashboard by its file's name."""
    return {path.stem: json.loads(path.read_text("utf-8")) for path in BOARDS}


def panels(board: dict[str, Any]) -> list[dict[str, Any]]:
    """All panels but the headings."""
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def of_panels() -> Iterator[Expression]:
    """Each target of each panel, with the dashboards' variables filled in."""
    for name, board in boards().items():
        for panel in panels(board):
            for target in panel["targets"]:
                yield Expression(f"{name}/{panel['title']}/{target['refId']}", filled(target["expr"]))


def filled(expr: str) -> str:
    """The expression without variables."""
    for name, value in VARIABLES.items():
        expr = expr.replace(name, value)
    assert "$" not in expr, expr
    return expr


def rules(name: str) -> list[dict[str, Any]]:
    """The rules of a file."""
    groups = yaml.safe_load((RULES / name).read_text("utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def of_alerts() -> Iterator[Expression]:
    """What each alert asks."""
    return (Expression(rule["alert"], rule["expr"]) for rule in rules("alerts.yaml"))


def of_recordings() -> Iterator[Expression]:
    """What each recording rule asks."""
    return (Expression(rule["record"], rule["expr"]) for rule in rules("recording.yaml"))


def watched(alert: Expression) -> Expression:
    """What an alert compares: without the comparison, which holds in trouble only."""
    return Expression(alert.where, AFTER_AN_ALERT.sub("", alert.asked))


def catalogue() -> dict[str, set[str]]:
    """Each metric of the catalogue with the series that it gives."""
    found = {}
    for family in Metrics().registry.collect():
        found[family.name] = {family.name + end for end in SERIES[family.type]}
    return found
