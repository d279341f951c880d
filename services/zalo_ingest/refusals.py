"""Zalo's table of errors, and what follows from each for a reply: nothing was taken in any of these cases.

Numbers and meanings: developers' page "Mã lỗi" of the Official Account API. They come with HTTP status 200.
"""

from datetime import datetime, timedelta, timezone
from typing import Final

from gateway.outbox.carrier import Later, Refused

BAD_TOKEN: Final = frozenset({-216, -220})
"""Invalid, and expired or removed: both mean that a newer token is needed."""

WRONG_PARAMETER: Final = -201
UNSUPPORTED_TYPE: Final = "unsupported_type"
REJECTED: Final = "rejected_as_wrong"
NIGHT: Final = -234
VIETNAM: Final = timezone(timedelta(hours=7))
NIGHT_ENDS: Final = 6

RATE_LIMIT_SECONDS: Final = 60.0
AGAIN_SECONDS: Final = 30.0
PERSON_SECONDS: Final = 900.0
"""How often it is tried while a person must act first."""

_CITIZEN: Final = {
    -213: "not_following",
    -217: "invitation_blocked",
    -218: "recipient_limit",
    -227: "account_inactive",
    -230: "window_closed",
    -232: "window_closed",
    -233: UNSUPPORTED_TYPE,
    -244: "refused_by_citizen",
}
"""This citizen cannot be reached in this way; operators are told and have others."""

_OURS: Final = {WRONG_PARAMETER: REJECTED, -210: "rejected_as_too_long"}
"""A fault of ours that trying again does not mend."""

_GROUP: Final = frozenset({-237, -238, -241, -403})

_OPERATOR: Final = {
    -204: "oa_deleted",
    -205: "oa_unknown",
    -209: "app_inactive",
    -211: "out_of_quota",
    -212: "api_not_registered",
    -219: "app_removed",
    -221: "oa_not_verified",
    -223: "app_not_authorised",
    -224: "package_missing",
    -235: "oa_class",
    -240: "api_retired",
    -242: "bad_proof",
    -248: "platform_standards",
}
"""Nobody is reached until a person has put something right with Zalo."""

_BALANCE: Final = {-320: "no_account_for_fees", -321: "no_balance"}
"""Only messages that cost something wait for the person."""

_PASSING: Final = {-200: "send_failed", -100: "attachment_expired"}


def refusal(code: int, now: datetime, *, whole_channel: bool) -> Refused | Later:
    """What an error number means for the message; `whole_channel` says whether its OA is the only one served.

    A bad token's numbers are the caller's business, since they call for a newer one first.
    """
    if code == -32:
        return Later("rate_limit", RATE_LIMIT_SECONDS, whole_channel=True)
    if code == NIGHT:
        return Later("night", seconds_until_morning(now))
    if code in _OPERATOR:
        return Later(_OPERATOR[code], PERSON_SECONDS, whole_channel=whole_channel, alarm=True)
    if code in _BALANCE:
        return Later(_BALANCE[code], PERSON_SECONDS, alarm=True)
    if code in _PASSING:
        return Later(_PASSING[code], AGAIN_SECONDS)
    if code in _GROUP:
        return Refused("group_refused")
    # An unknown number is an answer all the same: not taken, and an operator finds the number in the reason.
    return Refused(_CITIZEN.get(code) or _OURS.get(code) or f"zalo_{abs(code)}")


def seconds_until_morning(now: datetime) -> float:
    """Until 06:00 in Vietnam, when messages of every kind are taken again."""
    here = now.astimezone(VIETNAM)
    morning = here.replace(hour=NIGHT_ENDS, minute=0, second=0, microsecond=0)
    return (morning + timedelta(days=1 if here >= morning else 0) - here).total_seconds()
