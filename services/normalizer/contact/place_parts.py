"""Reads one part of a place: house, street, hamlet, commune, district or province."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from gateway.domain.province import Level, Unit
from services.normalizer.contact.bare_units import goes_on
from services.normalizer.contact.name_words import joins
from services.normalizer.contact.place_words import (
    COMMUNES,
    DISTRICTS,
    ENGLISH,
    GLUED,
    HAMLETS,
    HOUSES,
    NAME_WORDS,
    NUMBER,
    NUMBERED,
    PROVINCES,
    ROAD_CODE,
    SEPARATORS,
    SHORT,
    SPACE,
    STREETS,
)
from services.normalizer.contact.units import UnitName
from services.normalizer.contact.word_runs import WordRuns
from services.normalizer.reading import Reading

_YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(slots=True)
class Run:
    """A place while it is being read: word numbers, `last` exclusive, and what it has so far."""

    first: int
    last: int
    parts: set[str] = field(default_factory=set)
    communes: tuple[Unit, ...] = ()
    districts: tuple[Unit, ...] = ()
    kind: str = ""
    """What the commune is called: xã, phường or thị trấn, in whatever way it is written short."""


class PartReader:
    """Reads parts of the places of one text; every reader gives the end of its part and notes it in the run."""

    def __init__(self, reading: Reading, names: Mapping[int, UnitName], taken: Callable[[int], bool]) -> None:
        """Take the text, the unit names found in it, and which words are a person's name or a number."""
        self.reading = reading
        self.names = names
        self.taken = taken
        self.runs = WordRuns(reading, names, taken)

    def english(self, at: int, run: Run) -> int | None:
        """A part written in English, type word last: `Tan Phu ward`, `25 Le Duan street`."""
        words = self.reading.words
        if words[at].toned_line:
            return None
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
            and SPACE.match(self.reading.gap(end))
        ):
            part = ENGLISH[words[end].form]
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

    def _unit(self, at: int, run: Run, choices: tuple[str, ...], part: str, level: Level) -> int | None:
        prefix = self.runs.prefix(at, choices)
        if prefix is None or prefix[0] >= len(self.reading.words):
            return None
        after, written = prefix
        if not SPACE.match(self.reading.gap(after)) and self.reading.gap(after) not in ("", ".", ". ", ": "):
            return None
        name = self.names.get(after)
        if name and (name.of(level) or (level is not Level.PROVINCE and name.units)):
            if name.of(level):
                self._note(part, name, run)
                run.kind = written if level is Level.COMMUNE else run.kind
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
        return self._unit(at, run, COMMUNES, "commune", Level.COMMUNE)

    def hamlet(self, at: int, run: Run) -> int | None:
        """`ấp 3`, `kp2`, `thôn Bù Lư`, `tổ 4`."""
        word = self.reading.words[at]
        if GLUED.match(word.form) and not ROAD_CODE.match(word.form) and not word.form.startswith("hem"):
            run.parts.add("hamlet")
            return at + 1
        prefix = self.runs.prefix(at, HAMLETS)
        if prefix is None:
            return None
        after, written = prefix
        words = self.reading.words
        if after < len(words) and self.reading.says(after, "số") and after + 1 < len(words):
            after += 1
        if after >= len(words) or not (SPACE.match(self.reading.gap(after)) or self.reading.gap(after) in ("", ": ")):
            return None
        end = self.runs.numbers(after)
        if end is None and written not in NUMBERED:
            end = self.runs.named(after)
        elif end is None and written == "khu":
            end = self.runs.capitals(after, 3)
        if end is None and written not in NUMBERED:
            end = self._before_commune(after)
        if end is None:
            return None
        run.parts.add("hamlet")
        return end

    def _before_commune(self, at: int) -> int | None:
        """Where a commune begins a few words on: "khu phố suối đá phường tân thiện" needs no capitals."""
        for end in range(at + 1, min(at + NAME_WORDS, len(self.reading.words) - 1) + 1):
            if not joins(self.reading.gap(end)) or self.taken(end - 1):
                return None
            prefix = self.runs.prefix(end, COMMUNES)
            if prefix and (name := self.names.get(prefix[0])) and name.of(Level.COMMUNE):
                return end
        return None

    def street(self, at: int, run: Run) -> int | None:
        """`đường Hùng Vương`, `hẻm 231 Phú Riềng Đỏ`, `ql14`."""
        word = self.reading.words[at]
        if ROAD_CODE.match(word.form):
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
                end, (*COMMUNES, *DISTRICTS, *HAMLETS)
            ):
                end = self.runs.capitals(end, NAME_WORDS) or end
        if end is None and run.last > run.first:
            end = self.runs.lower(after)
        if end is None:
            return None
        run.parts.add("street")
        return end

    def house(self, at: int, run: Run) -> int | None:
        """`số nhà 12`, `số 8 hẻm 5`, `15 Nguyễn Huệ`."""
        prefix = self.runs.prefix(at, HOUSES)
        first = prefix[0] if prefix else at
        end = self.runs.numbers(first)
        if end is None:
            return None
        if prefix and prefix[1] in ("số nhà", "nhà số", "sn", "lô"):
            if prefix[1] == "sn" and _YEAR.fullmatch(self.reading.words[first].form):
                return None  # Born in that year.
            run.parts.add("house")
            return end
        words = self.reading.words
        if end >= len(words) or not SEPARATORS.match(self.reading.gap(end)):
            return None
        probe = Run(end, end)
        follows = self.street(end, probe)
        if follows is None:
            follows = self._bare_street(end)
            if follows is None or not self._ends_name(follows):
                return None
            if words[end].form in ("thang", "nam", "ngay", "anh", "chi", "ong"):
                return None
        run.parts |= {"house", "street"}
        return follows

    def _bare_street(self, at: int) -> int | None:
        """The end of a street's name without its type; a unit's type is no part of it, even with a capital."""
        end = self.runs.capitals(at, NAME_WORDS)
        for unit in range(at + 1, end or at):
            kind = self.runs.prefix(unit, (*HAMLETS, *COMMUNES, *DISTRICTS))
            # A type is followed by its name: the last word of `Lý Thái Tổ,` is none.
            if kind and kind[0] < len(self.reading.words) and SPACE.match(self.reading.gap(kind[0])):
                return unit
        return end

    def _ends_name(self, at: int) -> bool:
        """Whether a street's bare name ends before word `at`: at the text's end, a comma or dash, or a unit's type."""
        if at >= len(self.reading.words) or re.match(r"\s*[,\-–]", self.reading.gap(at)):
            return True
        return bool(SPACE.match(self.reading.gap(at)) and self.runs.prefix(at, (*HAMLETS, *COMMUNES, *DISTRICTS)))
