"""Every alert is well formed, is tested to fire and not to fire, and has a page of the runbook with real commands."""

import re
import subprocess
from typing import Any

import pytest
import yaml
from typer.main import get_command

from cli.__main__ import COMMANDS, make_app
from tests.gateway_process import ROOT
from tests.operations.expressions import RULES, rules
from tests.servers.prometheus import MISSING, PROMTOOL, REQUIRED

ALERTS = rules("alerts.yaml")
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text("utf-8")
TESTS = ("alerts_test.yaml", "alerts_test_weeks.yaml")
SEVERITIES = {"critical", "warning", "info"}


def promtool(*arguments: str) -> None:
    """Run it on the project's files; its own words are the failure."""
    if PROMTOOL is None:
        (pytest.fail if REQUIRED else pytest.skip)(MISSING)
    done = subprocess.run([PROMTOOL, *arguments], cwd=RULES, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_configuration_is_right() -> None:
    promtool("check", "config", "prometheus.yml")


def test_the_rules_are_right() -> None:
    promtool("check", "rules", "alerts.yaml", "recording.yaml")


def test_every_alert_fires_in_its_trouble_and_only_then() -> None:
    promtool("test", "rules", *TESTS)


def test_every_alert_is_tested_both_ways() -> None:
    both: dict[str, set[bool]] = {}
    for test in [test for name in TESTS for test in yaml.safe_load((RULES / name).read_text("utf-8"))["tests"]]:
        for case in test["alert_rule_test"]:
            both.setdefault(case["alertname"], set()).add(bool(case["exp_alerts"]))
    assert both == {rule["alert"]: {True, False} for rule in ALERTS}


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: str(rule["alert"]))
def test_every_alert_says_how_bad_and_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in SEVERITIES
    assert rule["annotations"]["summary"]
    assert rule["annotations"]["runbook"] == f"docs/runbook.md#{rule['alert'].lower()}"
    page = RUNBOOK.partition(f"\n### {rule['alert']}\n")[2].partition("\n##")[0]
    assert all(f"**{part}** " in page for part in ("Means", "Look", "Do")), page


def test_the_runbook_has_no_page_without_an_alert() -> None:
    assert re.findall(r"^### (\w+)$", RUNBOOK, flags=re.MULTILINE) == [rule["alert"] for rule in ALERTS]


@pytest.mark.parametrize("line", sorted(set(re.findall(r"`gateway ([a-z][^`]*)`", RUNBOOK))))
def test_every_command_of_the_runbook_exists(line: str) -> None:
    words = line.split()
    assert words[0] in COMMANDS
    command: Any = get_command(make_app(words[0]))
    for word in words:
        if word not in getattr(command, "commands", {}):
            break
        command = command.commands[word]
    options = {option for one in command.params for option in one.opts}
    assert {word for word in words if word.startswith("--")} <= options
