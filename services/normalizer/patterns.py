"""Sets of phrases and of phrases that must stand near each other, as the lexicon's files write them.

A pattern is a phrase ("mất điện"), or parts joined by " + " ("@lamp + @broken"), each a phrase or a class of phrases,
in any order within eight words of one sentence; one marked `>` ("@fell + >@deep") stands behind the first. Phrases of
the tag `nothing` take away what they share words with, unless it says more: in "vé xe cháy hàng" stands no "xe cháy",
in "gọi cứu hỏa" no lone "cứu hỏa".
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.normalizer.phrases import Hit, Phrase, PhraseIndex, phrase
from services.normalizer.reading import Reading

WINDOW = 8
NOTHING = "nothing"
_MOST_PLACES = 12
_MOST_TIMES = 5
"""A phrase said more often says nothing more; it bounds the work on hostile text."""


@dataclass(frozen=True, slots=True)
class Found:
    """A pattern found: its tag, how it is written in the data, word numbers with `last` exclusive."""

    tag: str
    written: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class _Joint:
    """A pattern of several parts; the keys of their places, and of which it is asked to stand behind the first."""

    tag: str
    written: str
    keys: tuple[str, ...]
    all_keys: frozenset[str]
    behind: frozenset[int]


def _joint(tag: str, written: str) -> _Joint:
    parts = [part.strip() for part in written.split(" + ")]
    behind = frozenset(number for number, part in enumerate(parts) if part.startswith(">"))
    keys = tuple(_key(part.lstrip("> ")) for part in parts)
    return _Joint(tag, written, keys, frozenset(keys), behind)


class PatternSet:
    """Patterns by tag, compiled once; immutable."""

    def __init__(
        self, classes: Mapping[str, Sequence[str]], tags: Mapping[str, Sequence[str]], *, apart: bool = False
    ) -> None:
        """Take the classes and, by tag, the patterns; raise KeyError for a class that is not there.

        A longer phrase hides shorter ones that share words with it; `apart`, only those of its own tag or class.
        """
        self._apart = apart
        phrases: list[Phrase] = [phrase(written, "@" + name) for name, all_of in classes.items() for written in all_of]
        joints: list[_Joint] = []
        for tag, patterns in tags.items():
            for written in patterns:
                if " + " in written or written.startswith("@"):
                    joints.append(_joint(tag, written))
                else:
                    phrases.append(phrase(written, tag))
        keys = {key for joint in joints for key in joint.keys}
        phrases.extend(phrase(key[1:], key, in_company=True) for key in sorted(keys) if key[0] == "'")
        missing = {key[1:] for key in keys if key[0] == "@"} - set(classes)
        if missing:
            raise KeyError(*sorted(missing))
        self._index = PhraseIndex(phrases)
        self._nothing = PhraseIndex(one for one in phrases if one.tag == NOTHING)
        self._joints: dict[str, list[_Joint]] = {}
        for joint in joints:
            self._joints.setdefault(joint.keys[0], []).append(joint)

    def find(self, reading: Reading, masked: frozenset[int] = frozenset()) -> list[Found]:
        """Every pattern in the text, in order of its first word."""
        found: list[Found] = []
        places: dict[str, list[Hit]] = {}
        seen: dict[Phrase, int] = {}
        nothing = {at: one for one in self._nothing.find(reading, masked) for at in range(one.first, one.last)}
        find = self._index.find_by_tag if self._apart else self._index.find
        for hit in find(reading, masked):
            if nothing and _is_taken_away(hit, nothing):
                continue
            if hit.phrase.tag[0] in "@'":
                places.setdefault(hit.phrase.tag, []).append(hit)
                continue
            seen[hit.phrase] = seen.get(hit.phrase, 0) + 1
            if seen[hit.phrase] <= _MOST_TIMES:
                found.append(Found(hit.phrase.tag, hit.phrase.written, hit.first, hit.last))
        present = set(places)
        joints = (joint for name in places for joint in self._joints.get(name, ()) if joint.all_keys <= present)
        found.extend(
            Found(joint.tag, joint.written, *span) for joint in joints if (span := _together(reading, joint, places))
        )
        found.sort(key=lambda one: (one.first, one.last, one.tag))
        return found


def _is_taken_away(hit: Hit, nothing: Mapping[int, Hit]) -> bool:
    """Whether a phrase that means nothing shares words with this one, and this one does not hold all of it and more."""
    if hit.phrase.tag == NOTHING:
        return False
    over = (one for at in range(hit.first, hit.last) if (one := nothing.get(at)))
    return any(hit.first > one.first or hit.last < one.last for one in over)


def _key(part: str) -> str:
    return part if part.startswith("@") else "'" + part


def _together(reading: Reading, joint: _Joint, places: Mapping[str, list[Hit]]) -> tuple[int, int] | None:
    for lead in places[joint.keys[0]][:_MOST_PLACES]:
        first, last = lead.first, lead.last
        for number, key in enumerate(joint.keys[1:], start=1):
            near = _near(reading, lead, places.get(key, [])[:_MOST_PLACES], behind=number in joint.behind)
            if near is None:
                break
            first, last = min(first, near.first), max(last, near.last)
        else:
            return first, last
    return None


def _near(reading: Reading, lead: Hit, others: Iterable[Hit], *, behind: bool) -> Hit | None:
    sentence = reading.words[lead.first].sentence
    for other in others:
        if other.first == lead.first or (behind and other.first < lead.last):
            continue
        apart = other.first - lead.last if other.first >= lead.last else lead.first - other.last
        if apart <= WINDOW and reading.words[other.first].sentence == sentence:
            return other
    return None
