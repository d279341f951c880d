"""Loading a province folder: the real one quickly, a broken one with everything that is wrong with it."""

import shutil
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from gateway.domain.province import REQUIRED_ROLES, Province
from gateway.errors import Invalid
from gateway.runtime.province_folder import ProvinceInvalid, load_province
from schemas.vocabulary import SUBFIELDS, Label

FOLDER = Path(__file__).parents[2] / "deploy" / "provinces" / "binh_phuoc"
Edit = Callable[[str, str, str], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "province"))


@pytest.fixture
def edit(folder: Path) -> Edit:
    def replace_once(name: str, old: str, new: str) -> None:
        path = folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{name} no longer holds what the test breaks"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return replace_once


def errors(folder: Path) -> tuple[str, ...]:
    with pytest.raises(ProvinceInvalid) as caught:
        load_province(folder)
    return caught.value.errors


def test_the_real_folder_has_what_the_regulation_says(province: Province) -> None:
    assert (province.code, province.timezone, province.hotline) == ("binh_phuoc", "Asia/Ho_Chi_Minh", "0271.1022")
    assert province.regulation.id == "478/QĐ-UBND"
    assert set(province.regulation.labels) == set(Label)
    assert province.times.quiet_seconds == 45
    assert province.times.supplement_hours == 72
    for role in REQUIRED_ROLES:
        for on in (date(2021, 2, 26), date(2025, 3, 1), date(2025, 7, 1), date(2030, 1, 1)):
            assert province.role(role, on).phone
    with pytest.raises(Invalid, match="no_holder_of_role"):
        province.role("astronomer", date(2021, 2, 26))


def test_loading_takes_less_than_a_second_and_little_memory() -> None:
    # A process of its own: what other tests have imported or allocated must not count. CPU time, not wall time.
    script = (
        "import time; from pathlib import Path; from gateway.runtime.province_folder import load_province;"
        f"start = time.process_time(); load_province(Path({str(FOLDER)!r})); print(time.process_time() - start)"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert float(run.stdout) < 1.0
    tracemalloc.start()
    kept = load_province(FOLDER)
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept.code == "binh_phuoc"
    assert used < 8_000_000


def test_ten_planted_errors_are_reported_at_once(folder: Path, edit: Edit) -> None:
    edit("province.yaml", "timezone: Asia/Ho_Chi_Minh", "timezone: Asia/Nowhere")
    edit("province.yaml", "focal_officer_hours: 8", "focal_officer_hours: eight")
    edit("regulation.yaml", "transfer_policy: automatic", "transfer_policy: whenever")
    edit("texts/vi.yaml", "Mã phản ánh: {code}", "Mã phản ánh: {kode}")
    edit("texts/en.yaml", "missing_phone: phone number", "")
    edit("agencies/provincial.yaml", "successor: dn_ubnd\n", "successor: dn_nobody\n")
    edit("agencies/providers.yaml", "valid_to: 2025-06-30", "valid_to: 30/06/2025")
    edit("routing.yaml", "{role: police}", "{code: sheriff}")
    edit("routing.yaml", "subfield: education", "subfield: astrology")
    edit("units.jsonl", '"district":"688"', '"district":"999"')
    found = errors(folder)
    for file, what in (
        ("province.yaml:", "timezone: no such time zone"),
        ("province.yaml:", "focal_officer_hours: not a number"),
        ("regulation.yaml:", "transfer_policy: unknown"),
        ("texts/vi.yaml:", "unknown blank kode"),
        ("texts/en.yaml:", "missing_phone: a text is missing"),
        ("agencies/provincial.yaml:", "successor: no agency dn_nobody"),
        ("agencies/providers.yaml:", "valid_to: not a date"),
        ("routing.yaml:", "agency: unknown agency sheriff"),
        ("routing.yaml:", "subfield: public_service has no astrology"),
        ("units.jsonl:", "district: no such district"),
    ):
        assert any(error.startswith(file) and what in error for error in found), (file, what, found)
    assert any("no row for public_service / education" in error for error in found)


def test_a_row_valid_twice_for_one_field_is_refused(folder: Path, edit: Edit) -> None:
    edit("routing.yaml", "rule: construction_permit_district\n", "rule: x\n    valid_from: 2021-02-26\n")
    edit("routing.yaml", "valid_from: 2025-07-01", "valid_from: 2025-06-01")
    (found,) = errors(folder)
    assert found.startswith("routing.yaml:")
    assert "validity overlaps" in found


def test_an_agency_valid_twice_is_refused(folder: Path, edit: Edit) -> None:
    edit("agencies/districts.yaml", "valid_from: 2022-10-01", "valid_from: 2022-09-30")
    assert any("ubnd_chon_thanh stands twice with overlapping validity" in error for error in errors(folder))


def test_a_unit_valid_twice_is_refused(folder: Path, edit: Edit) -> None:
    edit("units.jsonl", '"from":"2025-07-01","to":"2026-04-29","next":["75"]', '"from":"2025-06-30","to":"2026-04-29"')
    assert any(error.startswith("units.jsonl:") and "validity overlaps" in error for error in errors(folder))


def test_an_agency_that_does_not_exist_all_the_time_of_its_row_is_refused(folder: Path, edit: Edit) -> None:
    edit("routing.yaml", "{role: police}", "{code: cong_an_tinh}")
    (found,) = errors(folder)
    assert "cong_an_tinh does not exist from 2025-07-01" in found


def test_a_role_without_a_holder_is_refused(folder: Path, edit: Edit) -> None:
    edit("agencies/since_2025_07.yaml", "[coordinating_agency, science, telecom]", "[science, telecom]")
    found = errors(folder)
    assert "agencies: roles: nobody in the whole province is coordinating_agency from 2025-07-01" in found


@pytest.mark.parametrize(
    ("name", "old", "new", "what"),
    [
        ("province.yaml", "quiet_seconds: 45", "quiet_seconds: 45\n  quite_seconds: 40", "quite_seconds: unknown key"),
        ("province.yaml", "code: binh_phuoc", "code: binh_phuoc\ncode: other", "code: the key stands twice"),
        ("province.yaml", '"07:30-11:30"', '"11:30-07:30"', "monday: hours are not in order"),
        ("province.yaml", '"07:30-11:30"', '"morning"', "monday: not hours like"),
        ("regulation.yaml", "6: 3,", "6: 2,", "articles: the rules cite what is not there: 6.3"),
        ("regulation.yaml", 'article: "4.1"', 'article: "4.9"', "article: no article 4.9"),
        ("regulation.yaml", 'number: "113"', "", "number: a text is missing"),
        ("routing.yaml", '"duong quoc lo"', '"Đường quốc lộ"', "words: must be written without diacritics"),
        ("routing.yaml", "{role: justice}", "{role: judge}", "agency: nobody has the role judge"),
        ("routing.yaml", 'articles: ["4.1", "9.2"]', 'articles: ["4.1", "99.2"]', "articles: no article 99.2"),
        ("holidays.yaml", "off: 2026-01-02", "off: 2046-01-02", "off: not within 2021 to 2035"),
        ("agencies/districts.yaml", 'unit: "688"', 'unit: "1"', "unit: no unit 1"),
        ("agencies/districts.yaml", 'scope: ["688"]', 'scope: ["1"]', "scope: no unit 1"),
        ("agencies/providers.yaml", "code: dien_luc", "code: Dien-Luc", "code: not lower-case letters"),
        ("agencies/communes.yaml", "vi: Ủy ban nhân dân {unit}", "vi: Ủy ban nhân dân", "name: needs {unit}"),
        ("agencies/communes.yaml", "phường: ward, ", "", "types: no English for phường"),
        ("texts/vi.yaml", "{number}: xin", "{number.real}: xin", "A blank is a plain name"),
        ("units.jsonl", '"level":"province"', '"level":"planet"', "level: unknown"),
        ("units.jsonl", '"next":["75"]', '"next":["76"]', "next: no unit 76"),
        ("units.jsonl", '"next":["75"]', '"next":75', "next: not a list of codes"),
        ("units.jsonl", '"name":"Tỉnh Bình Phước"', '"name":"Bình Phước"', "name: begins with none of"),
    ],
)
def test_what_is_wrong_is_said(folder: Path, edit: Edit, name: str, old: str, new: str, what: str) -> None:
    edit(name, old, new)
    assert any(error.startswith(name) and what in error for error in errors(folder))


def test_broken_or_missing_files_are_named_together(folder: Path) -> None:
    (folder / "province.yaml").unlink()
    (folder / "regulation.yaml").write_text("labels: [", encoding="utf-8")
    (folder / "routing.yaml").write_bytes(b"\xff\xfe")
    (folder / "texts" / "vi.yaml").write_text("", encoding="utf-8")
    (folder / "units.jsonl").write_text("{", encoding="utf-8")
    found = "\n".join(errors(folder))
    assert "province.yaml: cannot be read (FileNotFoundError)" in found
    assert "regulation.yaml:2: is not YAML" in found
    assert "routing.yaml: is not UTF-8" in found
    assert "texts/vi.yaml: is empty" in found
    assert "units.jsonl:1: not a JSON object" in found


def test_a_folder_that_is_not_there_is_invalid(tmp_path: Path) -> None:
    assert len(errors(tmp_path / "nothing")) > 5


def test_every_field_has_a_row_of_its_own_or_for_all(province: Province) -> None:
    for label, subfields in SUBFIELDS.items():
        for subfield in subfields:
            assert province.routing.on(label, subfield, date(2021, 2, 26)), (label, subfield)
