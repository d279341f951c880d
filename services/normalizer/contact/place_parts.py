"""Reads one part of a place: house, street, hamlet, commune, district or province."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from gateway.domain.province import Level, Unit
from services.normalizer.contact.bare_units import goes_on
from services.normalizer.contact.place_words import (
    COMMUNES,
    DISTRICTS,
    ENGLISH,
    GLUED,
    HAMLETS,
    KINDS,
    NAME_WORDS,
    NOT_STREETS,
    NUMBER,
    NUMBERED,
    PROVINCES,
    ROAD_CODE,
    SHORT,
    SPACE,
    STREETS,
    Types,
)
from services.normalizer.contact.units import UnitName
from services.normalizer.contact.word_runs import WordRuns
from services.normalizer.reading import Reading


@dataclass(slots=True)
class Run:
    """A place while it is being read: word numbers, `last` exclusive, and what it has so far."""

    first: int
    last: int
    parts: set[str] = field(default_factory=set)
    communes: tuple[Unit, ...] = ()
    districts: tuple[Unit, ...] = ()
    kind: str = ""


class PartReader:
    """Reads parts of the places of one text; every reader gives the end of its part and notes it in the run."""

    def __init__(self, reading: Reading, names: Mapping[int, UnitName], taken: AbstractSet[int]) -> None:
        """Take the text, the unit names found in it, and which words are a person's name or a number."""
        self.reading = reading
        self.names = names
        self.taken = taken
        self.runs = WordRuns(reading, names, taken)

    def english(self, at: int, run: Run) -> int | None:
        """A part written in English, type word last: `Tan Phu ward`, `25 Le Duan street`."""
        words = self.reading.words
        if words[at].form in ("hamlet", "quarter") and at + 1 < len(words) and NUMBER.match(words[at + 1].form):
            run.parts.add("hamlet")
            return at + 2
        name = self.names.get(at)
        end = name.last if name else self.runs.capitals(at, 3)
        if (
            end
            and words[at].form not in ("the", "our", "my", "this")
            and end < len(words)
            and words[end].form in ENGLISH
            and words[end].key == words[end].form + "0"
            and SPACE.match(self.reading.gap(end))
        ):
            part = ENGLISH[words[end].form]
            if words[end].form == "town" and run.communes and name and name.of(Level.DISTRICT):
                part = "district"  # What a `thị xã` is called.
            self._note(part, name, run)
            return end + 1
        if NUMBER.match(words[at].form):
            end = self.runs.capitals(at + 1, 4)
            if end and end < len(words) and words[end].form in ("street", "road", "st"):
                run.parts |= {"house", "street"}
                return end + 1
        return None

    def _note(self, part: str, name: UnitName | None, run: Run) -> None:
        run.parts.add(part)
        if name and part == "commune":
            run.communes = name.of(Level.COMMUNE) or run.communes
        if name and part == "district":
            run.districts = name.of(Level.DISTRICT) or run.districts
            if not name.of(Level.DISTRICT) and not run.communes:
                run.communes = name.of(Level.COMMUNE)

    def _unit(self, at: int, run: Run, types: Types, part: str, level: Level) -> int | None:
        prefix = self.runs.prefix(at, types)
        if prefix is None or prefix[0] >= len(self.reading.words):
            return None
        after, written = prefix
        if not SPACE.match(self.reading.gap(after)) and self.reading.gap(after) not in ("", ".", ". ", ": "):
            return None
        name = self.names.get(after)
        if name and (name.of(level) or (level is not Level.PROVINCE and name.units)):
            if name.of(level):
                self._note(part, name, run)
            else:
                run.parts.add(part)
                run.districts = run.districts or name.of(Level.DISTRICT)
                run.communes = run.communes or name.of(Level.COMMUNE)
            return name.last
        if written in SHORT and "." not in self.reading.gap(after):
            return None
        end = self.runs.capitals(after, 3)
        if end is None and part == "commune" and NUMBER.match(self.reading.words[after].form):
            end = after + 1
        if end is not None:
            run.parts.add(part)
        return end

    def province(self, at: int, run: Run) -> int | None:
        """`tỉnh Bình Phước`."""
        return self._unit(at, run, PROVINCES, "province", Level.PROVINCE)

    def district(self, at: int, run: Run) -> int | None:
        """`huyện Lộc Ninh`, `tx. Phước Long`."""
        return self._unit(at, run, DISTRICTS, "district", Level.DISTRICT)

    def commune(self, at: int, run: Run) -> int | None:
        """`xã Lộc Hiệp`, `p.Tân Phú`."""
        end = self._unit(at, run, COMMUNES, "commune", Level.COMMUNE)
        prefix = self.runs.prefix(at, COMMUNES) if end is not None else None
        if prefix is not None:
            run.kind = KINDS[prefix[1]]
        return end

    def hamlet(self, at: int, run: Run) -> int | None:
        """`ấp 3`, `kp2`, `thôn Bù Lư`, `tổ 4`."""
        word = self.reading.words[at]
        glued = not word.form.isalpha() and GLUED.match(word.form)
        if glued and not ROAD_CODE.match(word.form) and not word.form.startswith("hem"):
            run.parts.add("hamlet")
            return at + 1
        prefix = self.runs.prefix(at, HAMLETS)
        if prefix is None:
            return None
        after, written = prefix
        words = self.reading.words
        if written == "khu" and after < len(words) and words[after].form == "vuc":
            return None  # `khu vực` is any place.
        if after < len(words) and self.reading.says(after, "số") and after + 1 < len(words):
            after += 1
        if after >= len(words) or not (SPACE.match(self.reading.gap(after)) or self.reading.gap(after) in ("", ": ")):
            return None
        end = self.runs.numbers(after) or self.runs.spelt(after)
        if end is None and written not in NUMBERED:
            end = self.runs.named(after)
        elif end is None and written == "khu":
            end = self.runs.capitals(after, 3)
        if end is None and (written == "khu" or written not in NUMBERED):
            end = self._before_commune(after)
        if end is None:
            return None
        run.parts.add("hamlet")
        return end

    def street(self, at: int, run: Run) -> int | None:
        """`đường Hùng Vương`, `hẻm 231 Phú Riềng Đỏ`, `ql14`."""
        word = self.reading.words[at]
        if not word.form.isalpha() and ROAD_CODE.match(word.form):
            run.parts.add("street")
            return at + 1
        prefix = self.runs.prefix(at, STREETS)
        if prefix is None or prefix[0] >= len(self.reading.words):
            return None
        after, _ = prefix
        if self.reading.says(after, "số") and after + 1 < len(self.reading.words):
            after += 1
        if not SPACE.match(self.reading.gap(after)) and self.reading.gap(after):
            return None
        end = self.runs.numbers(after)
        if end is None:
            end = self.runs.capitals(after, NAME_WORDS)
        elif end < len(self.reading.words) and self.reading.gap(end) == " ":
            named = self.names.get(end)
            if (named is None or goes_on(self.runs, self.reading, self.names, named)) and not self.runs.prefix(
                end, NOT_STREETS
            ):
                end = self.runs.capitals(end, NAME_WORDS) or end
        if end is None and run.last > run.first:
            end = self.runs.lower(after)
        if end is None:
            return None
        run.parts.add("street")
        return end

    def _before_commune(self, at: int) -> int | None:
        """Where a commune begins a few words on: `khu phố suối đá phường tân thiện` needs no capitals."""
        if at >= len(self.reading.words) or self.runs.points(at):
            return None
        for end in range(at + 1, min(at + NAME_WORDS, len(self.reading.words) - 1) + 1):
            if not SPACE.match(self.reading.gap(end)) or end - 1 in self.taken:
                return None
            prefix = self.runs.prefix(end, COMMUNES)
            if prefix and (name := self.names.get(prefix[0])) and name.of(Level.COMMUNE):
                return end
        return None
