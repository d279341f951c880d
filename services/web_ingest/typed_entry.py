"""Reads what an operator typed into the entry page: pure, so that every mistake can be told beside its field."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from schemas.vocabulary import SUBFIELDS, Intake, Label
from services.web_ingest.faults import FieldFault
from services.web_ingest.fields import cleaned, contact_faults, content_faults, first_per_field, too_long

INTAKES = (Intake.CALL, Intake.LETTER, Intake.PORTAL)


@dataclass(frozen=True, slots=True)
class Entry:
    """A typed entry: cleaned values, what they mean, and what is wrong with them."""

    values: dict[str, str]
    intake: Intake
    at: datetime | None
    label: Label | None
    subfield: str | None
    faults: tuple[FieldFault, ...]


def read_entry(fields: Mapping[str, str], zone: ZoneInfo, now: datetime) -> Entry:
    """An entry's values; `zone` is the one in which operators type times."""
    values = cleaned(fields)
    at, wrong_time = _moment(values["called_at"], zone, now)
    label, subfield, wrong_field = _field(fields.get("field", ""))
    intake = next((item for item in INTAKES if item.value == fields.get("intake")), None)
    wrong_intake = FieldFault("intake", "missing") if intake is None else None
    faults = [
        *too_long(fields),
        *content_faults(values["content"]),
        *contact_faults(values),
        *(fault for fault in (wrong_intake, wrong_time, wrong_field) if fault is not None),
    ]
    return Entry(values, intake or Intake.CALL, at, label, subfield, first_per_field(faults))


def _moment(text: str, zone: ZoneInfo, now: datetime) -> tuple[datetime | None, FieldFault | None]:
    """A local time as `<input type=datetime-local>` sends it, or typed as 26/11/2026 08:30."""
    if not text:
        return None, None
    for pattern in ("%Y-%m-%dT%H:%M", "%d/%m/%Y %H:%M"):
        try:
            at = datetime.strptime(text, pattern).replace(tzinfo=zone)
        except ValueError:
            continue
        if at > now:
            return None, FieldFault("called_at", "in_the_future")
        return (at.astimezone(UTC), None) if at.year >= 2020 else (None, FieldFault("called_at", "absurd"))
    return None, FieldFault("called_at", "absurd")


def _field(text: str) -> tuple[Label | None, str | None, FieldFault | None]:
    label, _, subfield = text.partition("/")
    if not text:
        return None, None, None
    if label in {item.value for item in Label} and subfield in SUBFIELDS[Label(label)]:
        return Label(label), subfield, None
    return None, None, FieldFault("field", "unknown")
