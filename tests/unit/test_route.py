"""Routing: the right agency for a field, a place and a day; a person where competence is unclear (Điều 9.6)."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.domain.province import (
    COORDINATING_AGENCY,
    ByCode,
    Level,
    Province,
    RoutingRow,
    RoutingTable,
    TransferPolicy,
)
from schemas.ticket import Locality
from schemas.vocabulary import SUBFIELDS, Label
from services.dispatcher.route import Route, route

OLD = date(2021, 3, 1)
NEW = date(2026, 6, 1)


def place(province: Province, code: str, on: date) -> Locality:
    unit = province.gazetteer.unit(code, on)
    assert unit is not None
    return unit.locality


def routed(
    province: Province,
    label: Label,
    subfield: str | None,
    received: date,
    *,
    locality: Locality | None = None,
    text: str = "",
    confidence: float = 0.9,
) -> Route:
    return route(
        province,
        label=label,
        subfield=subfield,
        locality=locality,
        received=received,
        confidence=confidence,
        text_folded=text,
    )


FIELDS = [(label, subfield) for label, subfields in SUBFIELDS.items() for subfield in (*subfields, None, "unheard_of")]


@settings(max_examples=150, deadline=None)
@given(
    field=st.sampled_from(FIELDS),
    received=st.dates(date(2021, 2, 26), date(2030, 1, 1)),
    seed=st.integers(0, 10_000),
    text=st.sampled_from(["", "quoc lo 14", "xe buyt vnpt viettel", "khai thac cat o khu cong nghiep"]),
)
def test_every_matter_finds_an_agency_that_exists_that_day(
    province: Province, field: tuple[Label, str | None], received: date, seed: int, text: str
) -> None:
    units = province.gazetteer.units
    locality = None if seed % 5 == 0 else units[seed % len(units)].locality
    found = routed(province, *field, received, locality=locality, text=text)
    assert found.agency.period.covers(received)
    assert province.agency(found.agency.code, received) == found.agency


@pytest.mark.parametrize(
    ("label", "subfield", "code", "on", "agency"),
    [
        (Label.INFRASTRUCTURE_INCIDENT, "lighting", "25198", OLD, "ubnd_dong_xoai"),
        (Label.INFRASTRUCTURE_INCIDENT, "lighting", "25210", NEW, "ubnd_25210_20250701"),
        (Label.INFRASTRUCTURE_INCIDENT, "electricity", "25198", OLD, "dien_luc"),
        (Label.INFRASTRUCTURE_INCIDENT, "electricity", "25210", NEW, "dn_dien_luc"),
        (Label.PUBLIC_SERVICE, "waste", "25198", OLD, "cong_trinh_do_thi_dong_xoai"),
        (Label.PUBLIC_SERVICE, "waste", "25270", OLD, "ubnd_loc_ninh"),
        (Label.PUBLIC_SERVICE, "water", "25210", NEW, "cap_thoat_nuoc"),
        (Label.PUBLIC_SERVICE, "water", "26041", NEW, "dn_cap_nuoc"),
        (Label.ADMINISTRATIVE_PROCEDURE, "civil_status", "25198", OLD, "ubnd_25198"),
        (Label.ADMINISTRATIVE_PROCEDURE, "official_conduct", "25198", OLD, "vp_ubnd_tinh"),
        (Label.MARKET_VIOLATION, "fraud_counterfeit", "25198", OLD, "cuc_qltt"),
    ],
)
def test_place_and_day_decide(
    province: Province, label: Label, subfield: str, code: str, on: date, agency: str
) -> None:
    found = routed(province, label, subfield, on, locality=place(province, code, on))
    assert (found.agency.code, found.confirm) == (agency, False)
    assert found.reason.articles


def test_an_old_name_leads_to_todays_committee(province: Province) -> None:
    old = place(province, "25336", OLD)  # xã Thanh Phú, since 2025 part of phường An Lộc
    found = routed(province, Label.INFRASTRUCTURE_INCIDENT, "trees", NEW, locality=old)
    assert found.agency.names.vi == "Ủy ban nhân dân phường An Lộc"


def test_without_a_place_the_department_of_the_field_is_competent(province: Province) -> None:
    found = routed(province, Label.INFRASTRUCTURE_INCIDENT, "lighting", OLD)
    assert (found.agency.code, found.confirm) == ("so_xay_dung", False)


def test_only_a_former_district_known_means_the_department(province: Province) -> None:
    district = place(province, "692", OLD)
    assert (
        routed(province, Label.INFRASTRUCTURE_INCIDENT, "trees", OLD, locality=district).agency.code == "ubnd_loc_ninh"
    )
    later = routed(province, Label.INFRASTRUCTURE_INCIDENT, "trees", NEW, locality=district)
    assert later.agency.code == "dn_so_xay_dung"


@pytest.mark.parametrize("text", ["o ga tren quoc lo 14", "duong dt741 hu", "ql13 ngap", "hole on national road 14"])
def test_national_and_provincial_roads_are_the_transport_departments(province: Province, text: str) -> None:
    here = place(province, "25198", OLD)
    found = routed(province, Label.INFRASTRUCTURE_INCIDENT, "road", OLD, locality=here, text=text)
    assert (found.agency.code, found.reason.rule) == ("so_gtvt", "national_or_provincial_road")


@pytest.mark.parametrize("text", ["o ga truoc nha", "dt 0912345678", "sql1300", "duong hung vuong"])
def test_streets_are_the_committees(province: Province, text: str) -> None:
    here = place(province, "25198", OLD)
    found = routed(province, Label.INFRASTRUCTURE_INCIDENT, "road", OLD, locality=here, text=text)
    assert found.agency.code == "ubnd_dong_xoai"


def test_several_competent_agencies_go_to_the_coordinating_one(province: Province) -> None:
    """Điều 9.6: “chưa rõ thẩm quyền … chuyển … đến Sở Thông tin và Truyền thông để xác định, cho ý kiến”."""
    found = routed(province, Label.INFRASTRUCTURE_INCIDENT, "telecom", OLD, text="ca vnpt lan viettel deu mat song")
    assert found.agency == province.role(COORDINATING_AGENCY, OLD)
    assert found.reason.competing == ("vnpt", "viettel")
    assert found.reason.articles == ("9.6",)
    assert found.confirm


def test_no_competent_agency_goes_to_the_coordinating_one(province: Province) -> None:
    empty = replace(province, routing=RoutingTable(()))
    found = routed(empty, Label.PUBLIC_SERVICE, "health", NEW)
    assert (found.agency.code, found.reason.competing, found.confirm) == ("dn_so_khcn", (), True)


def test_a_row_that_names_competitors_always_needs_a_person(province: Province) -> None:
    row = RoutingRow(
        Label.PUBLIC_SERVICE, "health", (ByCode("so_y_te"),), "shared", ("4.2",), competing=("so_tu_phap",)
    )
    found = routed(replace(province, routing=RoutingTable((row,))), Label.PUBLIC_SERVICE, "health", OLD)
    assert found.agency.code == "so_tttt"
    assert found.reason.competing == ("so_y_te", "so_tu_phap")


def test_the_coordinating_agency_changes_with_the_mergers(province: Province) -> None:
    days = (date(2021, 2, 26), date(2025, 2, 28), date(2025, 3, 1), date(2025, 7, 1))
    codes = [routed(province, Label.OTHER, "other", on).agency.code for on in days]
    assert codes == ["so_tttt", "so_tttt", "so_khcn", "dn_so_khcn"]


def test_policy_and_confidence_hold_a_ticket_for_an_operator(province: Province) -> None:
    label = Label.INFRASTRUCTURE_INCIDENT
    least = province.regulation.labels[label].min_confidence
    assert province.regulation.labels[label].transfer_policy is TransferPolicy.AUTOMATIC
    assert not routed(province, label, "electricity", NEW, confidence=least).confirm
    assert routed(province, label, "electricity", NEW, confidence=least - 0.01).confirm
    assert routed(province, Label.OTHER, "other", NEW, confidence=1.0).confirm


def test_a_divided_commune_is_not_guessed(province: Province) -> None:
    xuan_tam = next(unit for unit in province.gazetteer.by_name["xuan tam"] if unit.level is Level.COMMUNE)
    found = routed(province, Label.INFRASTRUCTURE_INCIDENT, "trees", NEW, locality=xuan_tam.locality)
    assert found.agency.code == "dn_so_xay_dung"


def test_an_unknown_place_is_no_place(province: Province) -> None:
    nowhere = Locality(code="99999", valid_from="", name="Xã Không Có")
    assert routed(province, Label.INFRASTRUCTURE_INCIDENT, "trees", OLD, locality=nowhere).agency.code == "so_xay_dung"
