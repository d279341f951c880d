"""Reads the Date header with its zone, in the many forms that are nearly RFC 5322."""

from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz

from services.email_ingest.encoded_words import bare

MAX_DATE = 200


def read_date(header: str | None) -> datetime | None:
    """The time with the zone that was written, UTC where none was; None for what is no time."""
    if not header:
        return None
    text = bare(header[:MAX_DATE])
    try:
        found = parsedate_tz(text)
        if found is None:
            at = datetime.fromisoformat(text)
            return at if at.tzinfo else at.replace(tzinfo=UTC)
        year, month, day, hour, minute, second = found[:6]
        zone = timezone(timedelta(seconds=found[9] or 0))
        # A leap second has no place in a datetime.
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=zone)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
