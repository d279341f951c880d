"""The province is data: its regulation, agencies, places, routing, calendar and texts as immutable values."""

from gateway.domain.province.agency import Agency, AgencyKind
from gateway.domain.province.gazetteer import Gazetteer
from gateway.domain.province.period import Period
from gateway.domain.province.province import (
    COMPLAINT_RECEPTION,
    COORDINATING_AGENCY,
    PROVINCIAL_COMMITTEE,
    REQUIRED_ROLES,
    Province,
)
from gateway.domain.province.register import Register
from gateway.domain.province.regulation import Emergency, LabelRule, Regulation, TransferPolicy
from gateway.domain.province.routing import ByCode, ByLevel, ByRole, RoutingRow, RoutingTable, Target
from gateway.domain.province.settings import ChannelData, Notice, Times
from gateway.domain.province.texts import PLACEHOLDERS, Texts
from gateway.domain.province.unit import Level, Unit
from gateway.domain.province.words import Bilingual, Words
from gateway.domain.working_hours import Shift, WorkingCalendar

__all__ = [
    "COMPLAINT_RECEPTION",
    "COORDINATING_AGENCY",
    "PLACEHOLDERS",
    "PROVINCIAL_COMMITTEE",
    "REQUIRED_ROLES",
    "Agency",
    "AgencyKind",
    "Bilingual",
    "ByCode",
    "ByLevel",
    "ByRole",
    "ChannelData",
    "Emergency",
    "Gazetteer",
    "LabelRule",
    "Level",
    "Notice",
    "Period",
    "Province",
    "Register",
    "Regulation",
    "RoutingRow",
    "RoutingTable",
    "Shift",
    "Target",
    "Texts",
    "Times",
    "TransferPolicy",
    "Unit",
    "Words",
    "WorkingCalendar",
]
