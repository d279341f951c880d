"""Takes from each alert the number at which its panel turns red, so that screen and alarm never disagree."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

RULES = Path(__file__).parents[1] / "prometheus" / "alerts.yaml"
COMPARISON = re.compile(r"(<|>) ([\d.]+)$")


@dataclass(frozen=True, slots=True)
class Bound:
    """`above`: red from `value` on; otherwise red below it."""

    value: float
    above: bool


@cache
def _alerts() -> dict[str, dict[str, Any]]:
    groups = yaml.safe_load(RULES.read_text("utf-8"))["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"]}


def bound(name: str) -> Bound:
    """The number that an alert compares with; raises `ValueError` for an alert that compares with none."""
    found = COMPARISON.search(_alerts()[name]["expr"])
    if found is None:
        raise ValueError(f"{name} does not end in a comparison with a number")
    return Bound(float(found[2]), found[1] == ">")


def runbook(name: str) -> str:
    """Where it is said what to do about an alert."""
    return str(_alerts()[name]["annotations"]["runbook"])
