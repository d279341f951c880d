"""Measures judgements against a labelled set of messages; the sets lie beside this file."""

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from gateway.domain.province import Province
from gateway.domain.vietnamese import fold
from schemas.inbound import Contact
from schemas.vocabulary import Intake
from services.normalizer.explain import explain
from services.normalizer.judgement import Matter
from services.normalizer.lexicon import Lexicon

DAY = date(2024, 11, 20)
"""Day of receipt where a message names none; most messages use the units of before July 2025."""


@dataclass(slots=True)
class Score:
    """Counts of one measure and its misses."""

    right: int = 0
    of: int = 0
    misses: list[str] = field(default_factory=list)

    def count(self, got: object, wanted: object, text: str, *, right: bool | None = None) -> None:
        """Note one case; `right` where it is more than equality."""
        ok = got == wanted if right is None else right
        self.of += 1
        self.right += ok
        if not ok:
            self.misses.append(f"{got} for {wanted}: {text[:150]}")

    @property
    def share(self) -> float:
        """Right cases among all."""
        return self.right / max(1, self.of)


def cases(path: Path) -> list[dict[str, Any]]:
    """The labelled messages."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def matter_of(case: dict[str, Any]) -> Matter:
    """A case as the rules are given it."""
    known = case.get("known_contact")
    return Matter(
        text=case["text"],
        channel=case["channel"],
        intake=Intake.CHAT,
        received=date.fromisoformat(case["received"]) if "received" in case else DAY,
        known_contact=Contact(**known) if known else None,
        attachments=case.get("attachments", 0),
    )


def measure(
    labelled: list[dict[str, Any]], province: Province, lexicon: Lexicon
) -> tuple[dict[str, Score], Counter[tuple[str, str]]]:
    """Scores by name, and the confusion of labels (wanted, got)."""
    scores: dict[str, Score] = {}
    confusion: Counter[tuple[str, str]] = Counter()

    def score(name: str) -> Score:
        return scores.setdefault(name, Score())

    for case in labelled:
        got = explain(matter_of(case), province, lexicon)
        text = case["text"].replace("\n", " / ")
        score("outcome").count(got["outcome"], case["outcome"], text)
        score("language").count(got["language"], case["language"], text)
        if "missing" in case:
            score("missing").count(sorted(got["missing"]), sorted(case["missing"]), text)
        if case.get("fields"):
            labels = [one.split(".")[0] for one in case["fields"]]
            score("label").count(got["label"], "|".join(labels), text, right=got["label"] in labels)
            confusion[labels[0], got["label"] or "-"] += 1
            full = f"{got['label']}.{got['subfield']}"
            exact = any(full == one or ("." not in one and got["label"] == one) for one in case["fields"])
            score("subfield").count(full, "|".join(case["fields"]), text, right=exact)
        contact = got["contact"]
        if "known_contact" not in case:
            score("phone").count(contact["phone"], case.get("phone"), text)
            if "name" in case or contact["name"]:
                score("name").count(
                    contact["name"],
                    case.get("name"),
                    text,
                    right=fold(contact["name"] or "") == fold(case.get("name", ""))
                    or ("name" not in case and "Công ty" in text),
                )
            if "commune" in case:
                score("commune").count(
                    contact["address"],
                    case["commune"],
                    text,
                    right=fold(case["commune"]) in fold(contact["address"] or ""),
                )
            if "email" in case:
                score("email").count(contact["email"], case["email"], text)
        score("conduct").count(got["conduct"], case["conduct"], text)
        if case["outcome"] != "redirected":
            score("urgent").count(got["urgent"], case["urgent"], text)
    return scores, confusion
