"""Reads `province.yaml`: name, time zone, clocks, office hours, channels and the privacy notice."""

from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gateway.domain.province import ChannelData, Notice, Times, Words
from gateway.runtime.province_files.problems import Problems
from gateway.runtime.province_files.section import Section, read_section
from schemas.vocabulary import Intake

FILE = "province.yaml"
DAY_SECONDS = 24 * 3600
YEAR_HOURS = 366 * 24


@dataclass(frozen=True, slots=True)
class Settings:
    """What stands in the file; `hours` is read by the calendar."""

    code: str
    names: Words
    timezone: str
    hotline: str
    times: Times
    channels: tuple[ChannelData, ...]
    notice: Notice
    hours: Section | None


def read_settings(folder: Path, problems: Problems) -> Settings | None:
    """The settings; None, with the problem noted, when the file cannot be read."""
    section = read_section(folder, FILE, problems)
    if section is None:
        return None
    found = Settings(
        code=section.text("code"),
        names=section.words("name"),
        timezone=_timezone(section),
        hotline=section.text("hotline"),
        times=_times(section),
        channels=_channels(section),
        notice=_notice(section),
        hours=section.section("office_hours"),
    )
    section.unused()
    return found


def _timezone(section: Section) -> str:
    name = section.text("timezone")
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        section.note("timezone", "no such time zone")
        return "UTC"


def _times(section: Section) -> Times:
    times = section.section("times")
    if times is None:
        return Times(0, 0, 0, 0)
    found = Times(
        quiet_seconds=times.whole("quiet_seconds", least=1, most=DAY_SECONDS),
        supplement_hours=times.whole("supplement_hours", least=1, most=YEAR_HOURS),
        focal_officer_hours=times.whole("focal_officer_hours", least=1, most=YEAR_HOURS),
        head_hours=times.whole("head_hours", least=1, most=YEAR_HOURS),
    )
    times.unused()
    return found


def _channels(section: Section) -> tuple[ChannelData, ...]:
    found: dict[tuple[str, Intake], ChannelData] = {}
    for entry in section.sections("channels"):
        channel = ChannelData(
            code=entry.text("code"),
            intake=entry.choice("intake", Intake),
            names=entry.words("name"),
            address=entry.text("address"),
        )
        if (channel.code, channel.intake) in found:
            entry.note("code", "the same channel and intake stand twice")
        found[channel.code, channel.intake] = channel
        entry.unused()
    if not found:
        section.note("channels", "no channel at all")
    return tuple(found.values())


def _notice(section: Section) -> Notice:
    notice = section.section("notice")
    if notice is None:
        return Notice("", Words("", ""))
    found = Notice(version=notice.text("version"), texts=notice.words("text"))
    notice.unused()
    return found
