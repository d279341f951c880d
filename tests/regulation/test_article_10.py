"""Điều 10: deadlines for handling and answering, counted in working hours of the real calendar."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from gateway.domain.province import Province

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def at(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=ZONE)


def test_10_1_focal_officer_has_eight_working_hours_from_the_transfer(province: Province) -> None:
    """Khoản 1: “không quá 08 giờ làm việc, kể từ thời điểm nhận được nội dung chuyển đến từ Tổng đài viên.”."""
    hours = province.times.focal_officer_hours
    assert hours == 8
    # Tuesday 09:00: 2.5 h before noon, 3.5 h after, 2 h on Wednesday.
    assert province.calendar.add(at(2026, 6, 2, 9), hours) == at(2026, 6, 3, 9, 30)


def test_10_1_a_transfer_at_night_starts_the_clock_in_the_morning(province: Province) -> None:
    """Khoản 1: “08 giờ làm việc”; a night is no working time."""
    night, opening = at(2026, 6, 2, 22), at(2026, 6, 3, 7, 30)
    assert province.calendar.add(night, 8) == province.calendar.add(opening, 8) == at(2026, 6, 4, 8)


def test_10_2_head_has_forty_eight_working_hours(province: Province) -> None:
    """Khoản 2: “không quá 48 giờ làm việc (theo giờ hành chính)”."""
    hours = province.times.head_hours
    assert hours == 48
    # 48 h are six days of 7.5 h and 3 h more.
    assert province.calendar.add(at(2026, 6, 1, 7, 30), hours) == at(2026, 6, 9, 10, 30)


def test_10_2_lunar_new_year_is_not_office_time(province: Province) -> None:
    """Khoản 2: “theo giờ hành chính”; Tết 2026 is from Monday 16 to Friday 20 February."""
    assert province.calendar.add(at(2026, 2, 13, 16), 2) == at(2026, 2, 23, 8, 30)
    assert province.calendar.between(at(2026, 2, 14, 0), at(2026, 2, 22, 0)) == timedelta()


def test_10_2_a_holiday_on_a_weekend_gives_a_day_in_lieu(province: Province) -> None:
    """Khoản 2: “theo giờ hành chính”; Giỗ Tổ 2026 is a Sunday, so Monday 27 April is off."""
    assert not province.calendar.is_working_day(date(2026, 4, 27))
    assert province.calendar.add(at(2026, 4, 24, 16), 2) == at(2026, 4, 28, 8, 30)


def test_10_2_decreed_swaps_move_office_time(province: Province) -> None:
    """Khoản 2: “theo giờ hành chính”; Saturday 22 August 2026 is worked for Monday 31 August."""
    assert province.calendar.is_working_day(date(2026, 8, 22))
    assert not province.calendar.is_working_day(date(2026, 8, 31))
    assert province.calendar.add(at(2026, 8, 21, 16), 2) == at(2026, 8, 22, 8, 30)


def test_10_2_the_deployments_own_swap_counts_too(province: Province) -> None:
    """Khoản 2: “theo giờ hành chính”; `holidays.yaml` swaps Friday 2 January for Saturday 10 January 2026."""
    assert not province.calendar.is_working_day(date(2026, 1, 2))
    assert province.calendar.is_working_day(date(2026, 1, 10))


def test_beyond_the_known_years_only_weekends_are_off(province: Province) -> None:
    """Khoản 2: holidays are known to 2035; later clocks still end."""
    new_year = date(2040, 1, 2)
    assert new_year.weekday() == 0
    assert province.calendar.is_working_day(new_year)
    assert not province.calendar.is_working_day(date(2040, 1, 1))
