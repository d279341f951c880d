"""Plays whole conversations in memory and compares what they came to: asks, tickets, contact, last outcome."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from gateway.domain.vietnamese import fold
from schemas.conversation import Decided
from schemas.vocabulary import OutcomeKind
from services.normalizer.settle import Rules
from tests.judgement.evaluation.tally import Figure, Tally, share_of
from tests.unit.dialogue import Dialogue

_QUIET = timedelta(seconds=46)
"""Just over the quiet period after which what was gathered is decided."""

_FRAGMENT = timedelta(seconds=10)


@dataclass(slots=True)
class _Tallies:
    whole: Tally = field(default_factory=Tally)
    last: Tally = field(default_factory=Tally)
    asked: Tally = field(default_factory=Tally)
    tickets: Tally = field(default_factory=Tally)
    contact: Tally = field(default_factory=Tally)


def dialogues(labelled: list[dict[str, Any]], rules: Rules) -> list[Figure]:
    """Figures of the conversations: each part, and how many were right from beginning to end."""
    tallies = _Tallies()
    for case in labelled:
        _compare(case, played(case, rules), tallies)
    return [
        share_of("dialogue.whole", "dialogues right from beginning to end", tallies.whole),
        share_of("dialogue.last", "dialogues, what they came to", tallies.last),
        share_of("dialogue.asked", "dialogues, asked once and for what is missing", tallies.asked),
        share_of("dialogue.tickets", "dialogues, submissions and tickets", tallies.tickets),
        share_of("dialogue.contact", "dialogues, name and phone of the ticket", tallies.contact),
    ]


def played(case: dict[str, Any], rules: Rules) -> Dialogue:
    """The conversation; the quiet period passes after every message but a fragment."""
    dialogue = Dialogue(rules, channel="zalo")
    for turn in case["turns"]:
        if "wait_hours" in turn:
            dialogue.wait(timedelta(hours=turn["wait_hours"]))
            continue
        dialogue.say(turn["say"], photos=turn.get("photos", 0))
        dialogue.wait(_FRAGMENT if turn.get("fragment") else _QUIET)
    return dialogue


def _matters(dialogue: Dialogue) -> dict[str, OutcomeKind]:
    """What each submission came to, the one decided last at the end; thanks and greetings put no matter."""
    found: dict[str, OutcomeKind] = {}
    for event in dialogue.of(Decided):
        found.pop(event.submission, None)
        found[event.submission] = event.outcome.kind
    return {code: kind for code, kind in found.items() if kind is not OutcomeKind.IGNORED}


def _compare(case: dict[str, Any], dialogue: Dialogue, tallies: _Tallies) -> None:
    said = " / ".join(turn.get("say", f"[{turn.get('wait_hours')} h]") for turn in case["turns"])
    asks = [outcome for outcome in dialogue.outcomes if outcome.kind is OutcomeKind.PENDING_SUPPLEMENT]
    missing = sorted(item.value for item in asks[0].missing) if asks else []
    contact = dialogue.tickets[-1].ticket.personal.contact if dialogue.tickets else None
    matters = _matters(dialogue)
    parts: list[tuple[Tally, object, object]] = [
        (tallies.last, case["last"], next(reversed(matters.values()), OutcomeKind.IGNORED).value),
        (tallies.asked, (case["asks"], sorted(case.get("missing", []))), (len(asks), missing)),
        (
            tallies.tickets,
            (case["submissions"], case["tickets"]),
            (len(matters) or 1, len(dialogue.tickets)),
        ),
    ]
    if case["tickets"]:
        got = (fold(contact.name or ""), contact.phone) if contact else None
        parts.append((tallies.contact, (fold(case["name"]), case["phone"]), got))
    for tally, wanted, found in parts:
        tally.count(wanted == found, said, wanted=wanted, got=found)
    whole = all(wanted == found for _, wanted, found in parts)
    tallies.whole.count(whole, said, wanted=case["last"], got=", ".join(dialogue.kinds))
