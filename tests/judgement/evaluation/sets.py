"""Reads the labelled sets, and judges each case of them once for every measure."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from gateway.domain.province import Province
from schemas.inbound import Contact
from schemas.vocabulary import Intake
from services.normalizer.explain import explained
from services.normalizer.judge import judge
from services.normalizer.judgement import Judgement, Matter
from services.normalizer.lexicon import Lexicon
from services.normalizer.policy import Verdict, verdict

FOLDER = Path(__file__).parents[1]
DAY = date(2024, 11, 20)
"""Day of receipt where a case names none; most messages use the units of before July 2025."""

LABELLED = (
    "development", "second", "third", "situations", "emergencies", "ordinary", "body", "fire", "third_hand", "daily",
    "rescue", "clinic", "guard", "addresses", "tongue", "everyday", "alarms", "hasty", "loud", "long", "petition",
    "reach", "grievance", "sirens", "numbers",
)  # fmt: skip
KEPT_APART = {
    "held_out": "Test set kept apart",
    "second_hand": "Test set by another hand, kept apart",
    "fourth_hand": "Test set by a further hand, kept apart",
    "fifth_hand": "A third test set by a further hand, kept apart",
    "sixth_hand": "The newest test set, by two hands and checked by a third, first run for this release",
}
"""The sets that only `--release` runs, and what the report calls them."""

Case = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Judged:
    """A case beside what the rules made of it; `shown` is the line of `gateway explain --jsonl`."""

    case: Case
    judgement: Judgement
    verdict: Verdict
    shown: dict[str, Any]

    @property
    def text(self) -> str:
        """The message."""
        return str(self.case["text"])

    @property
    def outcome_right(self) -> bool:
        """Whether the outcome is the labelled one, or another that the regulation allows as well."""
        return self.shown["outcome"] in (self.case["outcome"], *self.case.get("also", ()))

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that are right for it, the first one first."""
        return tuple(dict.fromkeys(one.split(".")[0] for one in self.case.get("fields", ())))


def cases(name: str) -> list[Case]:
    """The cases of a set, in its order."""
    return list(_lines(FOLDER / f"{name}.jsonl"))


def matter_of(case: Case) -> Matter:
    """A case as the rules are given it."""
    known = case.get("known_contact")
    return Matter(
        text=case["text"],
        channel=case.get("channel", "zalo"),
        intake=Intake.CHAT,
        received=date.fromisoformat(case["received"]) if "received" in case else DAY,
        known_contact=Contact(**known) if known else None,
        attachments=case.get("attachments", 0),
    )


def judged(labelled: list[Case], province: Province, lexicon: Lexicon) -> list[Judged]:
    """Every case with its judgement."""
    return [_judged(case, province, lexicon) for case in labelled]


def _judged(case: Case, province: Province, lexicon: Lexicon) -> Judged:
    matter = matter_of(case)
    judgement = judge(matter, province, lexicon)
    decided = verdict(judgement, matter)
    return Judged(case, judgement, decided, explained(judgement, decided))


def _lines(path: Path) -> Iterator[Case]:
    for line in path.read_text(encoding="utf-8").splitlines():
        yield json.loads(line)
