"""Places with validity: codes and names that changed hands, old names that are still understood."""

from datetime import date, timedelta

import pytest

from gateway.domain.province import Level, Province
from gateway.domain.vietnamese import fold

BEFORE = date(2025, 6, 30)
AFTER = date(2025, 7, 1)
CITY = date(2026, 4, 30)


def test_every_period_has_the_units_it_had(province: Province) -> None:
    def count(on: date, level: Level) -> int:
        return sum(unit.level is level for unit in province.gazetteer.on(on))

    assert (count(date(2021, 2, 26), Level.COMMUNE), count(date(2021, 2, 26), Level.DISTRICT)) == (111, 11)
    assert (count(BEFORE, Level.COMMUNE), count(BEFORE, Level.DISTRICT)) == (111, 11)
    assert (count(AFTER, Level.COMMUNE), count(AFTER, Level.DISTRICT)) == (95, 0)
    wards = [unit for unit in province.gazetteer.on(CITY) if unit.type == "phường"]
    assert (count(CITY, Level.COMMUNE), len(wards)) == (95, 33)
    assert all(count(on, Level.PROVINCE) == 1 for on in (BEFORE, AFTER, CITY))


def test_a_code_is_another_place_on_another_day(province: Province) -> None:
    before, after = province.gazetteer.unit("25195", BEFORE), province.gazetteer.unit("25195", AFTER)
    assert before is not None
    assert after is not None
    assert (before.name, before.district_name) == ("Phường Tân Phú", "Thành phố Đồng Xoài")
    assert (after.name, after.district_name) == ("Phường Bình Phước", "")
    assert province.gazetteer.at(before.locality) == before
    assert province.gazetteer.at(after.locality) == after


def test_every_commune_of_every_time_is_some_place_today(province: Province) -> None:
    gazetteer = province.gazetteer
    for unit in gazetteer.units:
        if unit.level is Level.COMMUNE:
            heirs = gazetteer.successors(unit, CITY)
            assert heirs, unit.name
            assert all(heir.period.covers(CITY) and heir.served for heir in heirs)
    divided = [unit for unit in gazetteer.units if len(gazetteer.successors(unit, CITY)) > 1]
    assert [unit.name for unit in divided if unit.level is Level.COMMUNE] == ["Xã Xuân Tâm"]


@pytest.mark.parametrize(
    ("code", "on", "name"),
    [
        ("25336", AFTER, "Phường An Lộc"),
        ("25270", CITY, "Phường Lộc Ninh"),
        ("25450", date(2022, 10, 1), "Xã Nha Bích"),
    ],
)
def test_an_old_commune_leads_to_the_new_one(province: Province, code: str, on: date, name: str) -> None:
    old = province.gazetteer.unit(code, date(2021, 3, 1))
    assert old is not None
    heir = province.gazetteer.successor(old, on)
    assert heir is not None
    assert heir.name == name
    assert province.gazetteer.successors(heir, date(2021, 3, 1)) == () or heir.period.covers(date(2021, 3, 1))


def test_an_old_district_leads_to_all_its_communes(province: Province) -> None:
    loc_ninh = province.gazetteer.unit("692", BEFORE)
    assert loc_ninh is not None
    names = {unit.name for unit in province.gazetteer.successors(loc_ninh, AFTER)}
    assert {"Xã Lộc Ninh", "Xã Lộc Tấn", "Xã Lộc Hưng"} <= names
    assert province.gazetteer.successor(loc_ninh, AFTER) is None
    chon_thanh = province.gazetteer.unit("697", date(2022, 9, 30))
    assert chon_thanh is not None
    town = province.gazetteer.successor(chon_thanh, date(2022, 10, 1))
    assert town is not None
    assert (chon_thanh.type, town.type) == ("huyện", "thị xã")


def test_names_are_ready_for_lookup_in_folded_text(province: Province) -> None:
    found = province.gazetteer.by_name["tan phu"]
    assert {(unit.type, unit.level) for unit in found} >= {("phường", Level.COMMUNE), ("huyện", Level.DISTRICT)}
    assert all(unit.folded == fold(unit.bare) and unit.name.endswith(unit.bare) for unit in province.gazetteer.units)


def test_old_neighbours_are_known_but_not_served(province: Province) -> None:
    bien_hoa = [unit for unit in province.gazetteer.by_name["bien hoa"] if unit.level is Level.DISTRICT]
    assert [unit.served for unit in bien_hoa] == [False]
    assert not any(unit.province_name == "Đồng Nai" for unit in province.gazetteer.on(BEFORE))


def test_every_served_commune_has_one_committee_each_day(province: Province) -> None:
    for on in (date(2021, 2, 26), date(2022, 10, 1), BEFORE, AFTER, CITY):
        communes = [unit for unit in province.gazetteer.on(on) if unit.level is not Level.PROVINCE]
        committees = [province.committee(unit.code, unit.valid_from, on) for unit in communes]
        assert all(committee is not None and committee.period.covers(on) for committee in committees)
        codes = [committee.code for committee in committees if committee is not None]
        assert len(set(codes)) == len(communes)


def test_a_renamed_commune_keeps_its_queue(province: Province) -> None:
    commune, ward = (province.gazetteer.unit("25270", on) for on in (CITY - timedelta(days=1), CITY))
    assert commune is not None
    assert ward is not None
    before = province.committee("25270", commune.valid_from, CITY - timedelta(days=1))
    after = province.committee("25270", ward.valid_from, CITY)
    assert before is not None
    assert after is not None
    assert before.code == after.code == before.successor == "ubnd_25270_20250701"
    assert (before.names.vi, after.names.vi) == ("Ủy ban nhân dân xã Lộc Ninh", "Ủy ban nhân dân phường Lộc Ninh")
