"""`gateway route --dry-run`: which past tickets a changed routing file would move; nothing is changed."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.domain.province import ByCode, Province, RoutingTable
from gateway.errors import Invalid
from gateway.runtime.deployment import Deployment
from gateway.runtime.province_folder import ProvinceInvalid, load_routing
from schemas.vocabulary import Label
from services.dispatcher.route import moved, route_of
from tests.unit.filled import PROVINCE, Commands, fill, sent
from tests.unit.test_ticket_life_cycle import a_ticket

LAMP = "Đèn đường trước số nhà 12 đường Hùng Vương, phường Bình Phước bị hỏng ba ngày nay, đề nghị sửa giúp."
RUBBISH = "Hai tuần nay xe rác không vào hẻm 5 đường Lê Duẩn, phường Bình Phước thu gom, rác chất đống bốc mùi."
CITIZEN = {"name": "Nguyễn Văn An", "phone": "0912345678", "address": "12 Hùng Vương, phường Bình Phước"}
LIGHTING_AT = "lighting_elsewhere"


def changed(folder: Path, *, agency: str = "{role: coordinating_agency}", articles: str = '["4.3", "9.2"]') -> Path:
    """The province's routing file with all lighting sent to one agency."""
    rows = (PROVINCE / "routing.yaml").read_text(encoding="utf-8").split("\n\n")
    kept = [row for row in rows if "subfield: lighting" not in row]
    assert len(kept) < len(rows)
    made = (
        "  - label: infrastructure_incident\n    subfield: lighting\n"
        f"    agency: [{agency}]\n    rule: {LIGHTING_AT}\n    articles: {articles}\n"
    )
    file = folder / "changed.yaml"
    file.write_text("\n\n".join([*kept, made]), encoding="utf-8")
    return file


def to_one(province: Province, code: str) -> RoutingTable:
    """The table with every row naming one agency."""
    return RoutingTable(tuple(replace(row, targets=(ByCode(code),), rule="one") for row in province.routing.rows))


def test_the_same_table_moves_nothing(province: Province) -> None:
    assert moved(province, province.routing, a_ticket()) is None


def test_a_ticket_moves_with_both_ways_and_their_rows(province: Province) -> None:
    ticket = a_ticket()
    found = moved(province, to_one(province, "so_khcn"), ticket)
    assert found is not None
    assert found.before == route_of(province, ticket)
    assert (found.after.agency.code, found.after.reason.rule) == ("so_khcn", "one")


def test_what_goes_to_an_operator_now_counts_unless_one_accepted_it(province: Province) -> None:
    nobody = RoutingTable(tuple(row for row in province.routing.rows if row.label is not Label.OTHER))
    sure = a_ticket(Label.OTHER, "other")
    assert route_of(province, sure).confirm
    assert moved(province, nobody, sure) is None, "the coordinating agency, and an operator looks, as before"
    competing = tuple(
        replace(row, competing=("so_tu_phap",)) if row.subfield == "electricity" else row
        for row in province.routing.rows
    )
    found = moved(province, RoutingTable(competing), a_ticket())
    assert found is not None
    assert (found.before.confirm, found.after.confirm) == (False, True)


def test_where_an_operator_chose_the_rules_move_nothing(province: Province) -> None:
    ticket = a_ticket(agency_given="so_y_te", accepted_by="op1")
    assert moved(province, to_one(province, "so_khcn"), ticket) is None


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Commands:
    """A folder with two tickets; nobody runs on it."""
    data = tmp_path_factory.mktemp("route") / "data"

    async def work(deployment: Deployment) -> None:
        for user, words in (("an", LAMP), ("binh", RUBBISH)):
            payload = {"user_id": user, "content": words, "contact": CITIZEN}
            await sent(deployment, json.dumps(payload, ensure_ascii=False).encode(), user=user)

    fill(data, work)
    return Commands(data)


def test_only_what_would_move_is_listed(commands: Commands, tmp_path: Path) -> None:
    before = commands.run("tickets", "--json").stdout
    result = commands.run("route", "--dry-run", "--rules", str(changed(tmp_path)), "--json")
    assert result.exit_code == 0, result.output
    (row,) = [json.loads(line) for line in result.stdout.splitlines()]
    assert (row["label"], row["subfield"]) == ("infrastructure_incident", "lighting")
    assert row["before"]["agency"] != row["after"]["agency"] == "dn_so_khcn"
    assert (row["after"]["rule"], row["after"]["articles"]) == (LIGHTING_AT, ["4.3", "9.2"])
    assert "Hùng Vương" not in result.stdout
    assert commands.run("tickets", "--json").stdout == before


def test_people_read_a_table_and_how_many(commands: Commands, tmp_path: Path) -> None:
    file = str(changed(tmp_path))
    shown = commands.run("route", "--dry-run", "--rules", file)
    assert shown.exit_code == 0, shown.output
    assert LIGHTING_AT in shown.stdout.replace("\n", "")
    assert "1 of 2 ticket(s) would move." in shown.stdout
    unchanged = commands.run("route", "--dry-run", "--rules", str(PROVINCE / "routing.yaml"))
    assert "No ticket would move." in unchanged.stdout
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).strftime("%Y-%m-%d")
    later = commands.run("route", "--dry-run", "--rules", file, "--since", tomorrow)
    assert "0 of 0 ticket(s) would move." in later.stdout


def test_a_faulty_file_is_refused_with_every_fault(commands: Commands, tmp_path: Path) -> None:
    file = changed(tmp_path, agency="{code: nobody}", articles='["99.9"]')
    result = commands.run("route", "--dry-run", "--rules", str(file))
    assert result.exit_code == 1
    assert "nobody" in result.stderr
    assert "99.9" in result.stderr
    missing = commands.run("route", "--dry-run", "--rules", str(tmp_path / "none.yaml"))
    assert missing.exit_code == 1
    assert "none.yaml: cannot be read" in missing.stderr


def test_it_moves_nothing_and_says_so(commands: Commands, tmp_path: Path) -> None:
    result = commands.run("route", "--rules", str(changed(tmp_path)))
    assert result.exit_code == 2
    assert "--dry-run" in result.stderr


def test_a_table_that_leaves_a_field_out_names_its_own_file(province: Province, tmp_path: Path) -> None:
    file = tmp_path / "short.yaml"
    file.write_text("rows: []\n", encoding="utf-8")
    with pytest.raises(ProvinceInvalid) as refused:
        load_routing(file, province)
    assert len(refused.value.errors) > 10
    assert all(fault.startswith("short.yaml: no row for") for fault in refused.value.errors)
    assert isinstance(refused.value, Invalid)
