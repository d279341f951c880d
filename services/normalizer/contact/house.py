"""Reads houses: a number with its street, alley or hamlet."""

import re

from gateway.domain.province import Level
from services.normalizer.contact.place_parts import PartReader, Run
from services.normalizer.contact.place_words import HOUSES, NAME_WORDS, NOT_STREETS, SEPARATORS, SPACE

_YEAR = re.compile(r"(?:19|20)\d\d$")


class HouseReader(PartReader):
    """Reads parts of places, houses among them."""

    def house(self, at: int, run: Run) -> int | None:
        """`số nhà 12`, `số 8 hẻm 5`, `15 Nguyễn Huệ`."""
        prefix = self.runs.prefix(at, HOUSES)
        first = prefix[0] if prefix else at
        end = self.runs.numbers(first)
        if end is None:
            return None
        year = _YEAR.match(self.reading.words[first].form) is not None
        if prefix and prefix[1] in ("số nhà", "nhà số", "sn", "lô"):
            if year and prefix[1] == "sn":
                return None  # A year of birth (sinh năm).
            run.parts.add("house")
            goes_on = end < len(self.reading.words) and SPACE.match(self.reading.gap(end))
            return (self._with_street(end, run) if goes_on else None) or end
        if end >= len(self.reading.words):
            return None
        gap = self.reading.gap(end)
        if not SEPARATORS.match(gap) or ". " in gap:
            return None
        if prefix and prefix[1] == "nhà":
            return self._before(end, run)
        if not prefix and self._is_commune_of_district(end):
            return None  # `6 Long Tân, Phú Riềng` is in Long Tân, not in a street of that name.
        if not year and SPACE.match(gap) and self.hamlet(end, Run(end, end)) is not None:
            run.parts.add("house")
            return end
        return self._with_street(end, run)

    def _with_street(self, end: int, run: Run) -> int | None:
        """The end of the street that follows a house's number, with its type or bare."""
        follows = self.street(end, Run(end, end))
        if follows is None:
            follows = self._bare_street(end)
            if follows is None or not self._ends_name(follows):
                return None
            if self.reading.words[end].form in ("thang", "nam", "ngay", "anh", "chi", "ong"):
                return None
        run.parts |= {"house", "street"}
        return follows

    def _before(self, end: int, run: Run) -> int | None:
        """A house's number after a bare "nhà", where a hamlet or street follows: `nhà 234 ấp 3`, not `nhà 3 tầng`."""
        probe = Run(end, end)
        if self.hamlet(end, probe) is None and self.street(end, probe) is None:
            return None
        run.parts.add("house")
        return end

    def _is_commune_of_district(self, at: int) -> bool:
        """Whether a commune's name stands here with that of a district after it."""
        name = self.names.get(at)
        district = self.names.get(name.last) if name is not None and name.of(Level.COMMUNE) else None
        return district is not None and bool(district.of(Level.DISTRICT))

    def _bare_street(self, at: int) -> int | None:
        """The end of a street's name without its type; a unit's type is no part of it, even with a capital."""
        end = self.runs.capitals(at, NAME_WORDS)
        for unit in range(at + 1, end or at):
            kind = self.runs.prefix(unit, NOT_STREETS)
            # A type is followed by its name: the last word of `Lý Thái Tổ,` is none.
            if kind and kind[0] < len(self.reading.words) and SPACE.match(self.reading.gap(kind[0])):
                return unit
        return end

    def _ends_name(self, at: int) -> bool:
        """Whether a street's bare name ends before word `at`: at the text's end, a comma or dash, or a unit's type."""
        if at >= len(self.reading.words) or re.match(r"\s*[,\-–]", self.reading.gap(at)):
            return True
        if not SPACE.match(self.reading.gap(at)):
            return False
        name = self.names.get(at)
        return (name is not None and bool(name.of(Level.COMMUNE))) or bool(self.runs.prefix(at, NOT_STREETS))
