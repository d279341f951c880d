"""Draws a frame for a terminal: alarms first, in red or a calm green line, then channels and stages."""

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cli.screen import local, table


def picture(found: Mapping[str, Any], timezone: str) -> RenderableType:
    """What is shown of a frame."""
    heading = Text(f"gateway 1022   {local(found['at'], timezone)}", style="bold")
    return Group(heading, _alarms(found), _channels(found), _groups(found), _counts(found))


def _alarms(found: Mapping[str, Any]) -> RenderableType:
    if not found["alarms"]:
        return Text("No alarm.", style="bold green")
    made = table("Alarms", "alarm", "concerns", "figure", "what to do (docs/runbook.md)")
    for one in found["alarms"]:
        style = "bold red" if one["severity"] == "critical" else "yellow"
        made.add_row(one["alert"], one["concerns"] or "-", f"{one['figure']:,.1f}", one["todo"], style=style)
    return made


def _channels(found: Mapping[str, Any]) -> Table:
    made = table("Channels", "channel", "in", "in/s", "refused/s", "503/s", "outcomes", "outbox", "oldest reply, s")
    for one in found["channels"]:
        made.add_row(
            one["channel"],
            str(one["received"]),
            f"{one['per_second']:.2f}",
            f"{one['refused_per_second']:.2f}",
            f"{one['turned_away_per_second']:.2f}",
            _listed(one["outcomes"]),
            _listed(one["outbox"]),
            f"{one['oldest_reply_seconds']:.0f}",
        )
    return made


def _groups(found: Mapping[str, Any]) -> Table:
    made = table("Stages", "group", "waiting", "oldest, s")
    for one in found["groups"]:
        made.add_row(one["group"], str(one["messages"]), f"{one['oldest_seconds']:.1f}")
    return made


def _counts(found: Mapping[str, Any]) -> Table:
    made = table("Counts", "what", "how many")
    spool = found["spool"]
    made.add_row("open tickets", _listed(found["tickets"]))
    made.add_row("dead letters", str(found["dead_letters"]))
    made.add_row("spool", f"{spool['messages']}, oldest {spool['oldest_seconds']:.0f} s")
    made.add_row("ledger", _listed(found["ledger"]) if found["ledger"] else "not counted yet")
    return made


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items()) or "-"
