"""The dashboards are what the code says, and each panel can be read and acted on."""

from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from deploy.grafana.__main__ import GENERATED, generated, main
from deploy.grafana.alerts import bound, runbook
from tests.operations.expressions import boards, panels, rules

BOARDS = boards()
PANELS = [
    pytest.param(panel, id=f"{name}/{panel['title']}") for name, board in BOARDS.items() for panel in panels(board)
]
ALERTS = [rule["alert"] for rule in rules("alerts.yaml")]
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}


def test_what_is_committed_is_what_the_code_gives() -> None:
    assert {path.name: path.read_text("utf-8") for path in GENERATED.glob("*.json")} == generated()
    assert main(["--check"]) == 0


def test_a_changed_file_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy.grafana.__main__.GENERATED", tmp_path)
    assert main([]) == 0
    (tmp_path / "overview.json").write_text("{}", "utf-8")
    assert main(["--check"]) == 1


@pytest.mark.parametrize("name", BOARDS)
def test_every_panel_has_an_id_and_a_place_of_its_own(name: str) -> None:
    every = BOARDS[name]["panels"]
    ids = [panel["id"] for panel in every]
    assert len(ids) == len(set(ids))
    for one, other in combinations([panel["gridPos"] for panel in every], 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        above = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or above, (one, other)
    assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in every)


@pytest.mark.parametrize("panel", PANELS)
def test_every_panel_says_what_it_shows(panel: dict[str, Any]) -> None:
    assert panel["title"]
    assert panel["description"]
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
    assert panel["datasource"] == DATASOURCE
    assert [target["datasource"] for target in panel["targets"]] == [DATASOURCE] * len(panel["targets"])


@pytest.mark.parametrize("name", BOARDS)
def test_the_datasource_is_chosen_and_every_variable_is_there(name: str) -> None:
    declared = {variable["name"]: variable for variable in BOARDS[name]["templating"]["list"]}
    assert declared["datasource"]["query"] == "prometheus"
    expressions = [target["expr"] for panel in panels(BOARDS[name]) for target in panel["targets"]]
    used = {"channel"} if any("$channel" in expr for expr in expressions) else set()
    assert declared.keys() == used | {"datasource"}


def test_a_panel_turns_red_where_its_alert_fires() -> None:
    seen = 0
    for board in BOARDS.values():
        for panel in panels(board):
            _, _, page = panel["description"].partition("Khi đỏ: ")
            if not page:
                continue
            name = next(one for one in ALERTS if runbook(one) == page)
            limit = bound(name)
            low, high = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
            assert (low["color"], high["color"]) == (("green", "red") if limit.above else ("red", "green"))
            assert high["value"] == pytest.approx(limit.value, abs=1e-6)
            assert (limit.value < high["value"]) is limit.above
            seen += 1
    assert seen > 20
