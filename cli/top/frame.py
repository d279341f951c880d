"""One frame of the overview as plain values: what is shown, and what `--json` prints."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from cli.top.alarms import alarms
from cli.top.samples import Samples
from cli.top.scraping import Look
from schemas.vocabulary import OutcomeKind

OUTBOX = ("waiting", "sending", "unknown", "failed")
LEDGER = ("received", "outcomes", "in_flight", "unaccounted")
DUE = ("open", "due_soon", "overdue")


def frame(before: Look, now: Look) -> dict[str, Any]:
    """What is between two looks, and at the later one; rates per second, ages in seconds."""
    seen = now.samples
    return {
        "at": datetime.fromtimestamp(seen.at, UTC).isoformat(timespec="seconds"),
        "alarms": [asdict(one) for one in alarms(seen, now.silent)],
        "silent": dict(now.silent),
        "channels": _channels(before.samples, seen),
        "groups": _groups(seen),
        "tickets": {due: _whole(seen.told("gateway_open_tickets", due=due)) for due in DUE},
        "dead_letters": _whole(seen.most("gateway_dead_letters_waiting")),
        "spool": {
            "messages": _whole(seen.sums("gateway_spool_messages")),
            "oldest_seconds": _rounded(seen.most("gateway_spool_oldest_seconds")),
        },
        "ledger": _ledger(seen),
    }


def _channels(before: Samples, seen: Samples) -> list[dict[str, Any]]:
    received = seen.rates(before, "gateway_received_total", "channel")
    turned_away = seen.rates(before, "gateway_turned_away_total", "channel")
    refused = seen.rates(before, "gateway_refused_total", "channel")
    oldest = seen.most("gateway_outbox_oldest_seconds", "channel")
    counts = seen.sums("gateway_received_total", "channel")
    return [
        {
            "channel": channel,
            "received": int(counts[channel]),
            "per_second": round(received[channel], 2),
            "refused_per_second": round(refused.get(channel, 0.0), 2),
            "turned_away_per_second": round(turned_away.get(channel, 0.0), 2),
            "outcomes": _counted(seen.sums("gateway_outcomes_total", "outcome", channel=channel), tuple(OutcomeKind)),
            "outbox": _counted(seen.most("gateway_outbox_parts", "state", channel=channel), OUTBOX),
            "oldest_reply_seconds": round(oldest.get(channel, 0.0), 1),
        }
        for channel in sorted(received)
    ]


def _groups(seen: Samples) -> list[dict[str, Any]]:
    messages = seen.told("gateway_lag_messages", "group")
    oldest = seen.most("gateway_oldest_unprocessed_seconds", "group")
    return [
        {"group": group, "messages": int(count), "oldest_seconds": round(oldest.get(group, 0.0), 1)}
        for group, count in sorted(messages.items())
    ]


def _ledger(seen: Samples) -> dict[str, int]:
    """Empty until the first reconciliation has counted."""
    parts = {part: seen.most(f"gateway_ledger_{part}", "channel") for part in LEDGER}
    return {part: int(sum(found.values())) for part, found in parts.items() if found}


def _counted(found: Mapping[str, float], names: tuple[str, ...]) -> dict[str, int]:
    return {name: int(found[name]) for name in names if found.get(name)}


def _whole(found: Mapping[str, float]) -> int:
    return int(sum(found.values()))


def _rounded(found: Mapping[str, float]) -> float:
    return round(max(found.values(), default=0.0), 1)
