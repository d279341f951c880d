"""Makes the working calendar from office hours, Vietnam's public holidays and the deployment's own list."""

from datetime import date, time
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import holidays

from gateway.domain.province import Shift, WorkingCalendar
from gateway.runtime.province_files.problems import Problems
from gateway.runtime.province_files.section import Section, read_section

FILE = "holidays.yaml"
YEARS = range(2021, 2036)
"""Years for which public holidays are known; beyond them only weekends count as days off."""

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
NOON = (Shift(time(7, 30), time(11, 30)),)


def read_calendar(folder: Path, zone: ZoneInfo, hours: Section | None, problems: Problems) -> WorkingCalendar:
    """The calendar; `hours` is the section `office_hours` of the settings: shifts by day of the week."""
    off, worked = _national()
    section = read_section(folder, FILE, problems)
    if section is not None:
        for entry in section.sections("days_off"):
            off |= _days(entry, "date")
        for entry in section.sections("swaps"):
            off |= _days(entry, "off")
            worked |= _days(entry, "worked")
        section.unused()
    week = _week(hours)
    if not any(week):
        problems.add("province.yaml", "office_hours: no day has any hours")
        week = (NOON, *week[1:])
    exchange = next(at for at, shifts in enumerate(week) if shifts)
    return WorkingCalendar(zone, week, frozenset(off - worked), frozenset(worked), exchange)


def _national() -> tuple[set[date], set[date]]:
    """Public holidays with the days given in lieu, and the Saturdays decreed to be worked for them."""
    national = holidays.country_holidays("VN", years=YEARS)
    return set(national.keys()), {day for day in national.weekend_workdays if day.year in YEARS}


def _days(entry: Section, key: str) -> set[date]:
    entry.text("why")
    found = entry.day(key)
    if found is None:
        entry.note(key, "a date is missing")
        return set()
    if found.year not in YEARS:
        entry.note(key, f"not within {YEARS.start} to {YEARS.stop - 1}, the years whose holidays are known")
    return {found}


def _week(hours: Section | None) -> tuple[tuple[Shift, ...], ...]:
    if hours is None:
        return ((),) * 7
    found = tuple(_shifts(hours, day) for day in DAYS)
    hours.unused()
    return found


def _shifts(hours: Section, day: str) -> tuple[Shift, ...]:
    """Shifts written as `07:30-11:30`, in order and without overlap."""
    found = []
    for text in hours.list(day):
        opens, _, closes = text.partition("-")
        try:
            found.append(Shift(time.fromisoformat(opens.strip()), time.fromisoformat(closes.strip())))
        except ValueError:
            hours.note(day, "not hours like 07:30-11:30")
    moments = [moment for shift in found for moment in (shift.opens, shift.closes)]
    if any(later <= earlier for earlier, later in pairwise(moments)):
        hours.note(day, "hours are not in order or overlap")
    return tuple(found)
