"""Which alerts hold at this moment, without a Prometheus: those that need no memory, at the same numbers.

Alerts about what happened within minutes or hours are Prometheus's own; a terminal shows the rates instead.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from cli.top.samples import INSTANCE, Samples

CRITICAL, WARNING = "critical", "warning"


@dataclass(frozen=True, slots=True)
class Rule:
    """An alert of deploy/prometheus/alerts.yaml: `figures` gives what it compares, by what it concerns."""

    alert: str
    severity: str
    figures: Callable[[Samples], Mapping[str, float]]
    limit: float
    todo: str
    above: bool = True


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alert that holds now, what it concerns (may be empty), the figure, and what to do."""

    alert: str
    severity: str
    concerns: str
    figure: float
    todo: str


def _lag(seen: Samples) -> Mapping[str, float]:
    """Attachments that are to be tried again wait on purpose."""
    kept = [one for one in seen.samples if one.labels.get("topic") != "media.waiting"]
    return Samples(seen.at, kept).most("gateway_oldest_unprocessed_seconds", "group")


def _age(name: str, by: str) -> Callable[[Samples], Mapping[str, float]]:
    return lambda seen: {key: seen.at - value for key, value in seen.most(name, by).items()}


def _silence(seen: Samples) -> Mapping[str, float]:
    """Of folders that seem to be watched; the others have an alarm of their own."""
    watched = seen.most("gateway_mailbox_connected", "folder")
    last = seen.most("gateway_mailbox_contact_timestamp_seconds", "folder")
    return {folder: (seen.at - at) * watched.get(folder, 0.0) for folder, at in last.items()}


def _left(seen: Samples) -> Mapping[str, float]:
    ends = seen.least("gateway_token_expires_timestamp_seconds", "channel")
    return {channel: end - seen.at for channel, end in ends.items()}


def _share(name: str, of: str) -> Callable[[Samples], Mapping[str, float]]:
    def shares(seen: Samples) -> Mapping[str, float]:
        whole = seen.most(of, INSTANCE)
        return {one: free / whole[one] for one, free in seen.least(name, INSTANCE).items() if whole.get(one)}

    return shares


def _most(name: str, by: str = "", **wanted: str) -> Callable[[Samples], Mapping[str, float]]:
    return lambda seen: seen.most(name, by, **wanted)


def _unrouted(seen: Samples) -> Mapping[str, float]:
    return {"": sum(seen.most("gateway_open_tickets", "due", agency="none").values())}


RULES: Sequence[Rule] = (
    Rule("FiguresStale", CRITICAL, _age("gateway_watched_timestamp_seconds", "what"), 300, "see the log: unwatched"),
    Rule("ChannelNeedsPerson", CRITICAL, _most("gateway_channel_alarm", "channel"), 0, "gateway channels"),
    Rule("MessagesStuck", CRITICAL, _lag, 600, "gateway status; see the stage's log"),
    Rule("StageHalted", CRITICAL, _most("gateway_stage_halted", "stage"), 0, "see the log: stage_halted"),
    Rule(
        "MessagesUnaccounted",
        CRITICAL,
        _most("gateway_ledger_unaccounted", "channel"),
        0,
        "keep everything, gateway backup, call the developers",
    ),
    Rule("TokenEnds", CRITICAL, _left, 7200, "gateway zalo status", above=False),
    Rule(
        "MailboxUnwatched", CRITICAL, _most("gateway_mailbox_connected", "folder"), 1, "gateway channels", above=False
    ),
    Rule("MailboxSilent", CRITICAL, _silence, 3600, "gateway channels"),
    Rule("SpoolOld", CRITICAL, _most("gateway_spool_oldest_seconds", INSTANCE), 600, "bring the broker back"),
    Rule(
        "DiskFull",
        CRITICAL,
        _share("gateway_disk_free_bytes", "gateway_disk_reserve_bytes"),
        2,
        "free space",
        above=False,
    ),
    Rule(
        "DiskFilling",
        WARNING,
        _share("gateway_disk_free_bytes", "gateway_disk_size_bytes"),
        0.2,
        "gateway topics; make the disk larger",
        above=False,
    ),
    Rule("MessagesWait", WARNING, _lag, 60, "gateway status; wait while it catches up"),
    Rule("DeadLettersWait", WARNING, _most("gateway_dead_letters_waiting"), 0, "gateway dlq list"),
    Rule("SpoolInUse", WARNING, _most("gateway_spool_messages", INSTANCE), 0, "bring the broker back"),
    Rule(
        "ChannelPaused", WARNING, _most("gateway_channel_paused", "channel"), 0, "gateway outbox list --state waiting"
    ),
    Rule(
        "RepliesWait",
        WARNING,
        _most("gateway_outbox_oldest_seconds", "channel"),
        900,
        "gateway outbox list --state waiting",
    ),
    Rule(
        "RepliesUnknown",
        WARNING,
        _most("gateway_outbox_parts", "channel", state="unknown"),
        0,
        "gateway outbox list --state unknown",
    ),
    Rule(
        "TicketsOverdue",
        WARNING,
        _most("gateway_open_tickets", "agency", due="overdue"),
        0,
        "gateway tickets --agency CODE; call its focal officer",
    ),
    Rule("TicketsWithoutAgency", WARNING, _unrouted, 0, "gateway tickets --state held"),
)


def alarms(seen: Samples, silent: Mapping[str, str]) -> list[Alarm]:
    """What holds now, the worst first; a service that does not answer comes before everything."""
    down = [Alarm("GatewayDown", CRITICAL, address, 0.0, f"{why}: start it") for address, why in silent.items()]
    found = [
        Alarm(rule.alert, rule.severity, concerns, figure, rule.todo)
        for rule in RULES
        for concerns, figure in sorted(rule.figures(seen).items())
        if (figure > rule.limit if rule.above else figure < rule.limit)
    ]
    return [*down, *_without_lesser(found)]


def _without_lesser(found: Sequence[Alarm]) -> list[Alarm]:
    """Of two alarms that tell the same at two numbers only the worse one."""
    worse = {"MessagesWait": "MessagesStuck", "DiskFilling": "DiskFull", "SpoolInUse": "SpoolOld"}
    there = {(one.alert, one.concerns) for one in found}
    return [one for one in found if (worse.get(one.alert), one.concerns) not in there]
