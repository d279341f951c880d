"""Loads a deployment's province folder once, at start, or refuses it with every problem it has."""

from pathlib import Path
from zoneinfo import ZoneInfo

from gateway.domain.province import Period, Province, RoutingTable
from gateway.runtime.province_files.agencies import read_agencies
from gateway.runtime.province_files.calendar import read_calendar
from gateway.runtime.province_files.checks import check_agencies, check_routing
from gateway.runtime.province_files.problems import Problems, ProvinceInvalid
from gateway.runtime.province_files.regulation import read_regulation
from gateway.runtime.province_files.routing import read_routing
from gateway.runtime.province_files.settings import read_settings
from gateway.runtime.province_files.texts import read_texts
from gateway.runtime.province_files.units import read_units

__all__ = ["ProvinceInvalid", "load_province", "load_routing"]


def load_province(folder: Path) -> Province:
    """The validated deployment. Raises `ProvinceInvalid`, whose `errors` are all problems with file, line and key."""
    problems = Problems()
    settings = read_settings(folder, problems)
    regulation = read_regulation(folder, problems)
    texts = read_texts(folder, problems)
    gazetteer = read_units(folder, problems)
    register = read_agencies(folder, gazetteer, problems)
    routing = read_routing(folder, problems)
    zone = ZoneInfo(settings.timezone if settings else "UTC")
    calendar = read_calendar(folder, zone, settings.hours if settings else None, problems)
    if regulation is not None:
        check_agencies(register, gazetteer, Period(regulation.valid_from), problems)
        check_routing(routing, register, regulation, problems)
    problems.raise_if_any()
    if settings is None or regulation is None:
        raise ProvinceInvalid(("the folder is incomplete",))
    return Province(
        code=settings.code,
        names=settings.names,
        timezone=settings.timezone,
        hotline=settings.hotline,
        regulation=regulation,
        times=settings.times,
        notice=settings.notice,
        channels=settings.channels,
        calendar=calendar,
        gazetteer=gazetteer,
        register=register,
        routing=routing,
        texts=texts,
    )


def load_routing(file: Path, province: Province) -> RoutingTable:
    """Another routing table for a province, checked as its own is. Raises `ProvinceInvalid` with every problem."""
    problems = Problems()
    table = read_routing(file.parent, problems, file.name)
    if not problems.found:
        check_routing(table, province.register, province.regulation, problems, file.name)
    problems.raise_if_any()
    return table
