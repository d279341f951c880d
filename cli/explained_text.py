"""Shows a judgement to a person: the message with the deciding words marked, and what follows from them."""

from collections.abc import Mapping
from typing import Any

from rich.text import Text

from cli.screen import screen

STYLES: Mapping[str, str] = {
    "emergency": "bold white on red",
    "complaint": "bold black on yellow",
    "urgency": "bold red",
    "danger": "bold red",
    "conduct": "bold magenta",
    "contact": "bold blue",
    "clarity": "bold yellow",
}
"""Colour of the words by the first part of the rule's name; fields are green."""

FIELD = "bold green"


def print_explained(text: str, found: Mapping[str, Any]) -> None:
    """The marked text, the values, and each piece of evidence with its rule."""
    console = screen()
    console.print(_marked(text, found), soft_wrap=True)
    console.print()
    for name, value in _values(found):
        console.print(Text.assemble((f"{name:<12}", "bold"), value), soft_wrap=True)
    for one in found["evidence"]:
        line = Text.assemble("  ", (one["text"], _style(one["rule"])), f"  {one['rule']}  {one['start']}-{one['end']}")
        console.print(line, soft_wrap=True)


def _marked(text: str, found: Mapping[str, Any]) -> Text:
    made = Text(text)
    for one in found["evidence"]:
        made.stylize(_style(one["rule"]), one["start"], one["end"])
    return made


def _style(rule: str) -> str:
    return STYLES.get(rule.partition(".")[0], FIELD)


def _values(found: Mapping[str, Any]) -> list[tuple[str, str]]:
    confidence = "" if found["confidence"] is None else f"  ({found['confidence']:.2f})"
    field = ".".join(part for part in (found["label"], found["subfield"]) if part) or "-"
    contact = ", ".join(f"{name} {value}" for name, value in found["contact"].items() if value)
    flags = ", ".join(name for name in ("urgent", "conduct") if found[name])
    return [
        ("language", found["language"] or "unsure"),
        ("field", f"{field}{confidence}"),
        ("outcome", found["outcome"]),
        ("missing", ", ".join(found["missing"]) or "-"),
        ("contact", contact or "-"),
        ("flags", flags or "-"),
        ("articles", ", ".join(found["articles"]) or "-"),
        ("agency", found["agency"] or "-"),
        ("evidence", "" if found["evidence"] else "-"),
    ]
