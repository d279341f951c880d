"""Runs of words that make a part of a place: type words, numbers, and names with or without capitals."""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from gateway.domain.province import Level
from services.normalizer.contact.place_words import (
    COMMUNES_AND_DISTRICTS,
    NAME_WORDS,
    NUMBER,
    PLACE_STOPS,
    SPACE,
    SPELT,
    UNITS,
    Types,
)
from services.normalizer.contact.units import UnitName
from services.normalizer.reading import Reading, key_of

_POINTING_FORMS = frozenset({"la", "bi", "o", "nay", "em", "toi", "tui", "minh"})
_POINTING = frozenset(
    map(key_of, ("là", "bị", "ở", "này", "đó", "thì", "mà", "cho", "em", "tôi", "tui", "mình", "của"))
)
_HOUSE_NUMBER = re.compile(r"(?:\d{1,4}[a-z]{0,2}|[a-z]{1,2}\d{1,3})$")


class WordRuns:
    """Reads runs of words of one text; every method gives the number after the last word, or None."""

    def __init__(self, reading: Reading, names: Mapping[int, UnitName], taken: AbstractSet[int]) -> None:
        """Take the text, the unit names found in it, and which words are a person's name or a number."""
        self._reading = reading
        self._names = names
        self._taken = taken

    def is_taken(self, at: int) -> bool:
        """Whether the word belongs to a person's name or a number."""
        return at in self._taken

    def prefix(self, at: int, types: Types) -> tuple[int, str] | None:
        """End and wording of the type word that stands at `at`."""
        words = self._reading.words
        for written, parts in types.get(words[at].form, ()):
            end = at + len(parts)
            if end <= len(words) and all(
                self._reading.says(number, part) and number not in self._taken
                for number, part in zip(range(at, end), parts, strict=True)
            ):
                return end, written
        return None

    def numbers(self, at: int) -> int | None:
        """A house or hamlet number such as `12`, `5A`, `12/3/4`, `K54`, `B2`."""
        words = self._reading.words
        if at >= len(words) or words[at].form.isalpha() or at in self._taken:
            return None
        if not _HOUSE_NUMBER.match(words[at].form):
            return None
        end = at + 1
        while (
            end < len(words) and end - at < 5 and self._reading.gap(end) in ("/", "-") and NUMBER.match(words[end].form)
        ):
            end += 1
        if (
            end < len(words)
            and self._reading.gap(end) == " "
            and re.match(r"[A-D]$", self._reading.text[words[end].start : words[end].end])
        ):
            end += 1
        return end

    def spelt(self, at: int) -> int | None:
        """A hamlet's number in words, as in `ấp hai`, where no name goes on."""
        words = self._reading.words
        if at >= len(words) or self.prefix(at, SPELT) is None:
            return None
        if at + 1 < len(words) and SPACE.match(self._reading.gap(at + 1)) and words[at + 1].capital:
            return None
        return at + 1

    def named(self, at: int) -> int | None:
        """The end of a name at `at`, with capitals or without."""
        return self.capitals(at, NAME_WORDS) or self.lower(at)

    def capitals(self, at: int, most: int) -> int | None:
        """The end of a run of capitalised words or numbers at `at`; None without any, or in a line of capitals."""
        words = self._reading.words
        if at >= len(words) or not words[at].capital:
            return None
        if self.shouted(at):
            return self.lower(at)
        end = at
        while (
            end < len(words)
            and end - at < most
            and (words[end].capital or (end > at and words[end].form.isdigit() and len(words[end].form) < 4))
            and end not in self._taken
            and (end == at or SPACE.match(self._reading.gap(end)))
            and not (end > at and (self._begins_unit(end) or self._names_commune(end)))
        ):
            end += 1
        return end if end > at else None

    def _begins_unit(self, at: int) -> bool:
        """Whether a unit's type stands here; one letter is a type only with its full stop, as in `P.Tân Phú`."""
        form = self._reading.words[at].form
        if not self.prefix(at, COMMUNES_AND_DISTRICTS):
            return False
        dotted = at + 1 < len(self._reading.words) and self._reading.gap(at + 1).startswith(".")
        return form in ("xa", "phuong", "huyen", "tx", "tp", "tt", "kp") or (len(form) == 1 and dotted)

    def _names_commune(self, at: int) -> bool:
        """Whether the name of a commune stands here with that of its district after it: `Tân Lợi Hớn Quản`."""
        name = self._names.get(at)
        if name is None or not name.of(Level.COMMUNE):
            return False
        district = self._names.get(name.last)
        return district is not None and bool(district.of(Level.DISTRICT)) and name.last not in self._taken

    def points(self, at: int) -> bool:
        """Whether a word after a hamlet's type only points at one: `khu phố đó`, `hàng xóm là`."""
        word = self._reading.words[at]
        return word.key in _POINTING if word.toned_line else word.form in _POINTING_FORMS

    def shouted(self, at: int) -> bool:
        """Whether the word is written in capitals throughout."""
        word = self._reading.words[at]
        return len(word.form) > 1 and self._reading.text[word.start : word.end].isupper()

    def lower(self, at: int) -> int | None:
        """A name in small letters: up to four words that a comma, a line's end or a type word closes."""
        words = self._reading.words
        for end in range(at + 1, min(at + NAME_WORDS, len(words)) + 1):
            word = words[end - 1]
            if end - 1 in self._taken:
                return None
            if word.form in PLACE_STOPS and (end > at + 1 or self.points(end - 1)):
                return None
            if end == len(words):
                return end
            gap = self._reading.gap(end)
            if gap.strip() or "\n" in gap:
                return end if gap.strip()[:1] in (",", ".", "-", "–", ";", "(", ")", "") else None
            if self.prefix(end, UNITS) or end in self._names or end in self._taken:
                return end
        return None
