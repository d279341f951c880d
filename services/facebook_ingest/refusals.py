"""What Facebook's answers to a call mean for the message that was handed over: the table of its error codes. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.outbox.carrier import Delivered, Handover, Later, Refused, Unclear

RATE_LIMITS = frozenset({4, 17, 32, 341, 613, 80001, 80006})
DEAD_TOKEN = frozenset({102, 190})
PASSING = frozenset({1, 2, 1200})
OUTSIDE_WINDOW = frozenset({2018278, 2018065, 2534022, 1545041})
BAD_PARAMETERS = {2018001: "no_such_person", 2018109: "too_big", 2018034: "empty_message", 2018047: "bad_file"}

TOKEN_SECONDS = 15.0
"""How often it is looked for a new token; Facebook itself is not asked before there is one."""

RATE_SECONDS = 60.0
POLICY_SECONDS = 3_600.0
PASSING_SECONDS = 5.0
MOST_TRIES = 5
"""Code 2 also stands for a citizen who blocked the page."""

LONGEST_WAIT = 86_400.0


PERMISSION_MISSING = "permission_missing"
"""What a person must see to although the channel goes on."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Facebook's own words for why it did not do something; `trace` is what its support asks for."""

    code: int
    subcode: int = 0
    transient: bool = False
    trace: str = ""

    @property
    def permission_missing(self) -> bool:
        """Whether the app or the token may not do this at all."""
        outside = {self.code, self.subcode} & OUTSIDE_WINDOW
        return (self.code == 10 or 200 <= self.code <= 299) and not outside


@dataclass(frozen=True, slots=True)
class Answer:
    """How a call ended, and Facebook's reason if it gave one."""

    handover: Handover
    fault: Fault | None = None


def answer_of(status: int, headers: Mapping[str, str], body: bytes, *, tries: int = 1) -> Answer:
    """How handing over ended, by the answer; `tries` counts this one. Header names are lower-case."""
    found = _object(body)
    fault = fault_in(found)
    if fault is not None:
        return Answer(_of_fault(fault, headers, tries), fault)
    if status == 200 and found is not None:
        remote_id = found.get("message_id") or found.get("id")
        return Answer(Delivered(str(remote_id) if remote_id else None))
    if status in (429, 503):
        # Said by something before Facebook's own service, which would have answered with an error object.
        return Answer(Later("not_now", RATE_SECONDS, whole_channel=True))
    if 300 <= status < 500:
        return Answer(Later("no_graph_api", RATE_SECONDS, whole_channel=True, alarm=True))
    return Answer(Unclear("answer_unreadable"))


def member_of(body: bytes, name: str) -> str:
    """The text or number at a member of an answer; empty when there is none."""
    value = (_object(body) or {}).get(name)
    return str(value) if isinstance(value, str | int) else ""


def fault_in(found: Mapping[str, Any] | None) -> Fault | None:
    """The error object of an answer, if it is one."""
    error = None if found is None else found.get("error")
    if not isinstance(error, dict):
        return None
    return Fault(
        code=_number(error.get("code")),
        subcode=_number(error.get("error_subcode")),
        transient=error.get("is_transient") is True,
        trace=str(error.get("fbtrace_id", ""))[:60],
    )


def _of_fault(fault: Fault, headers: Mapping[str, str], tries: int) -> Handover:
    codes = {fault.code, fault.subcode}
    if fault.code in DEAD_TOKEN:
        return Later("token_dead", TOKEN_SECONDS, whole_channel=True, alarm=True)
    if fault.code in RATE_LIMITS:
        return Later("rate_limited", regained_in(headers) or RATE_SECONDS, whole_channel=True)
    if fault.code == 368:
        return Later("blocked_for_policy", POLICY_SECONDS, whole_channel=True, alarm=True)
    if fault.code == 551:
        return Refused("person_unavailable")
    if codes & OUTSIDE_WINDOW:
        return Refused("window_closed")
    if fault.code in PASSING or fault.transient:
        return Later("platform_failing", PASSING_SECONDS) if tries < MOST_TRIES else Refused("platform_failing")
    if fault.permission_missing:
        return Refused(PERMISSION_MISSING)
    return Refused(_final(fault))


def _final(fault: Fault) -> str:
    match fault.code:
        case 100:
            return BAD_PARAMETERS.get(fault.subcode, "bad_parameter")
        case 506:
            return "duplicate_post"
        case 1609005:
            return "bad_link"
        case 10900:
            return "private_reply_used"
        case _:
            return "refused_by_platform"


def regained_in(headers: Mapping[str, str]) -> float | None:
    """Seconds until calls are taken again, as `X-Business-Use-Case-Usage` says in minutes; None when it does not."""
    usage = _object(headers.get("x-business-use-case-usage", "").encode()) or {}
    minutes = [
        limit.get("estimated_time_to_regain_access", 0)
        for limits in usage.values()
        if isinstance(limits, list)
        for limit in limits
        if isinstance(limit, dict)
    ]
    longest = max((float(one) for one in minutes if isinstance(one, int | float)), default=0.0)
    return min(LONGEST_WAIT, longest * 60) if longest > 0 else None


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _number(value: object) -> int:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 12 else 0
