"""Finds places in a text: runs of house, street, hamlet, commune, district and province, as citizens write them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from gateway.domain.province import Level, Unit
from services.normalizer.contact.units import UnitName
from services.normalizer.reading import Reading, written_as

_NUMBER = re.compile(r"\d{1,4}[a-z]{0,2}$")
_GLUED = re.compile(r"(?:kp|ap|to|thon|khu|doi|hem|ql|dt|lo|xom)\d{1,4}[a-z]?$")
_ROAD_CODE = re.compile(r"(?:ql|dt|tl|dh)\d{1,3}[a-z]?$")
_STREETS = ("đường", "hẻm", "ngõ", "kiệt", "quốc lộ", "ql", "tỉnh lộ", "tl", "đt", "phố", "hẽm")
_HAMLETS = (
    "ấp",
    "thôn",
    "khu phố",
    "kp",
    "k.p",
    "sóc",
    "bon",
    "buôn",
    "xóm",
    "khóm",
    "khu dân cư",
    "kdc",
    "khu công nghiệp",
    "kcn",
    "khu",
    "tổ",
    "tổ dân phố",
    "đội",
)
_COMMUNES = ("xã", "x", "phường", "p", "f", "thị trấn", "tt", "ph")
_DISTRICTS = ("huyện", "h", "thị xã", "tx", "thành phố", "tp", "quận", "q")
_PROVINCES = ("tỉnh", "t")
_SHORT = frozenset({"x", "p", "f", "h", "q", "t", "tt", "tx", "tp", "ph", "kp", "ql", "tl"})
_NUMBERED = frozenset({"tổ", "đội", "khu", "tổ dân phố"})
_ENGLISH = {
    "ward": "commune",
    "commune": "commune",
    "town": "commune",
    "hamlet": "hamlet",
    "street": "street",
    "district": "district",
    "city": "district",
    "province": "province",
}
_PARTS = ("house", "street", "hamlet", "commune", "district", "province")
_SEPARATORS = re.compile(r"[\s,.\-–/;:()]{0,5}$")
_CONNECTORS = frozenset({"thuoc", "cua"})
_SPACE = re.compile(r"[ \t\u00a0]{1,3}$|\.\s?$")
_NAME_WORDS = 4
_PLACE_STOPS = frozenset(
    [
        "bi",
        "hu",
        "mat",
        "co",
        "khong",
        "nha",
        "toi",
        "em",
        "minh",
        "la",
        "thi",
        "ma",
        "rat",
        "qua",
        "nay",
        "do",
        "dang",
        "va",
        "nhung",
        "nen",
        "sdt",
        "dt",
        "so",
        "dien",
        "nuoc",
        "rac",
        "cup",
        "duong",
        "o",
        "tai",
        "ngay",
        "gan",
        "truoc",
        "sau",
        "tren",
        "ben",
        "cho",
        "truong",
        "co",
        "hai",
        "xuong",
        "da",
        "moi",
        "may",
        "cua",
        "voi",
        "ten",
        "noi",
        "xin",
        "hoi",
        "muon",
        "het",
        "do",
        "hien",
        "o",
        "lien",
        "phone",
        "email",
        "gui",
        "chung",
        "lai",
        "con",
        "nguoi",
    ]
)


@dataclass(frozen=True, slots=True)
class Place:
    """One place as written: word and text offsets, which parts it has, the units its names may mean."""

    first: int
    last: int
    start: int
    end: int
    parts: frozenset[str]
    communes: tuple[Unit, ...] = ()
    districts: tuple[Unit, ...] = ()

    @property
    def detail(self) -> int:
        """How near it leads: 3 house, street or hamlet with a unit, 2 a commune or hamlet, 1 less."""
        near = self.parts & {"house", "hamlet", "street"}
        if near and self.parts & {"commune", "district"}:
            return 3
        if self.parts & {"commune", "hamlet", "house"}:
            return 2
        return 1


@dataclass(slots=True)
class _Run:
    """A place while it is being read."""

    first: int
    last: int
    parts: set[str] = field(default_factory=set)
    communes: tuple[Unit, ...] = ()
    districts: tuple[Unit, ...] = ()


@lru_cache(maxsize=64)
def _starting(choices: tuple[str, ...]) -> Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]]:
    """The choices by the form of their first word, longest first."""
    found: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for written in sorted(choices, key=len, reverse=True):
        parts = tuple(written.split())
        found.setdefault(written_as(parts[0])[0], []).append((written, parts))
    return {form: tuple(ways) for form, ways in found.items()}


_OPENING = frozenset(
    form
    for choices in (
        _STREETS,
        _HAMLETS,
        _COMMUNES,
        _DISTRICTS,
        _PROVINCES,
        ("số", "nhà", "sn", "lô", "hamlet", "quarter"),
    )
    for form in _starting(choices)
)


class PlaceFinder:
    """Reads the places of one text."""

    def __init__(self, reading: Reading, names: Mapping[int, UnitName], taken: Callable[[int], bool]) -> None:
        """Take the text, the unit names found in it, and which words are a person's name or a number."""
        self._reading = reading
        self._names = names
        self._taken = taken

    def places(self) -> list[Place]:
        """Every place, in order."""
        found: list[Place] = []
        at = 0
        words = self._reading.words
        while at < len(words):
            run = self._run(at)
            if run is None:
                at += 1
                continue
            found.append(
                Place(run.first, run.last, words[run.first].start, words[run.last - 1].end,
                      frozenset(run.parts), run.communes, run.districts)
            )  # fmt: skip
            at = run.last
        return found

    def _run(self, first: int) -> _Run | None:
        run = _Run(first, first)
        at = first
        while at < len(self._reading.words) and at - first < 40:
            if at > first:
                if self._reading.words[at].form in _CONNECTORS and not self._taken(at):
                    following = self._part(at + 1, run) if at + 1 < len(self._reading.words) else None
                    if following is None:
                        break
                    at += 1
                elif not _SEPARATORS.match(self._reading.gap(at)) or "\n" in self._reading.gap(at):
                    break
            end = self._part(at, run)
            if end is None:
                break
            at = end
            run.last = at
        return run if run.last > first else None

    def _part(self, at: int, run: _Run) -> int | None:
        """The end of the part that begins at word `at`, noted in `run`; None when there is none."""
        if at >= len(self._reading.words) or self._taken(at) or not self._may_begin(at):
            return None
        for read in (
            self._english,
            self._province,
            self._district,
            self._commune,
            self._hamlet,
            self._street,
            self._house,
            self._bare,
        ):
            end = read(at, run)
            if end is not None:
                return end
        return None

    def _may_begin(self, at: int) -> bool:
        """A cheap test that leaves out nearly every word."""
        word = self._reading.words[at]
        return (
            word.form in _OPENING or at in self._names or word.capital or word.form == "bp" or not word.form.isalpha()
        )

    # Each reader below gives the end of its part, or None.

    def _english(self, at: int, run: _Run) -> int | None:
        words = self._reading.words
        if words[at].toned_line:
            return None
        if words[at].form in ("hamlet", "quarter") and at + 1 < len(words) and _NUMBER.match(words[at + 1].form):
            run.parts.add("hamlet")
            return at + 2
        name = self._names.get(at)
        end = name.last if name else self._capitals(at, 3)
        if (
            end
            and words[at].form not in ("the", "our", "my", "this")
            and end < len(words)
            and words[end].form in _ENGLISH
            and _SPACE.match(self._reading.gap(end))
        ):
            part = _ENGLISH[words[end].form]
            self._note(part, name, run)
            return end + 1
        if _NUMBER.match(words[at].form):
            end = self._capitals(at + 1, 4)
            if end and end < len(words) and words[end].form in ("street", "road", "st"):
                run.parts |= {"house", "street"}
                return end + 1
        return None

    def _note(self, part: str, name: UnitName | None, run: _Run) -> None:
        run.parts.add(part)
        if name and part == "commune":
            run.communes = name.of(Level.COMMUNE) or run.communes
        if name and part == "district":
            run.districts = name.of(Level.DISTRICT) or run.districts
            if not name.of(Level.DISTRICT) and not run.communes:
                run.communes = name.of(Level.COMMUNE)

    def _prefix(self, at: int, choices: tuple[str, ...]) -> tuple[int, str] | None:
        """End and wording of the type word that stands at `at`."""
        words = self._reading.words
        for written, parts in _starting(choices).get(words[at].form, ()):
            end = at + len(parts)
            if end <= len(words) and all(
                self._reading.says(number, part) and not self._taken(number)
                for number, part in zip(range(at, end), parts, strict=True)
            ):
                return end, written
        return None

    def _unit(self, at: int, run: _Run, choices: tuple[str, ...], part: str, level: Level) -> int | None:
        prefix = self._prefix(at, choices)
        if prefix is None or prefix[0] >= len(self._reading.words):
            return None
        after, written = prefix
        if not _SPACE.match(self._reading.gap(after)) and self._reading.gap(after) not in ("", ".", ". ", ": "):
            return None
        name = self._names.get(after)
        if name and (name.of(level) or (level is not Level.PROVINCE and name.units)):
            if name.of(level):
                self._note(part, name, run)
            else:
                run.parts.add(part)
                run.districts = run.districts or name.of(Level.DISTRICT)
                run.communes = run.communes or name.of(Level.COMMUNE)
            return name.last
        if written in _SHORT and "." not in self._reading.gap(after):
            return None
        end = self._capitals(after, 3)
        if end is None and part == "commune" and _NUMBER.match(self._reading.words[after].form):
            end = after + 1
        if end is not None:
            run.parts.add(part)
        return end

    def _province(self, at: int, run: _Run) -> int | None:
        return self._unit(at, run, _PROVINCES, "province", Level.PROVINCE)

    def _district(self, at: int, run: _Run) -> int | None:
        return self._unit(at, run, _DISTRICTS, "district", Level.DISTRICT)

    def _commune(self, at: int, run: _Run) -> int | None:
        return self._unit(at, run, _COMMUNES, "commune", Level.COMMUNE)

    def _hamlet(self, at: int, run: _Run) -> int | None:
        word = self._reading.words[at]
        if _GLUED.match(word.form) and not _ROAD_CODE.match(word.form) and not word.form.startswith("hem"):
            run.parts.add("hamlet")
            return at + 1
        prefix = self._prefix(at, _HAMLETS)
        if prefix is None:
            return None
        after, written = prefix
        words = self._reading.words
        if after < len(words) and self._reading.says(after, "số") and after + 1 < len(words):
            after += 1
        if after >= len(words) or not (
            _SPACE.match(self._reading.gap(after)) or self._reading.gap(after) in ("", ": ")
        ):
            return None
        end = self._numbers(after)
        if end is None and written not in _NUMBERED:
            end = self._named(after)
        elif end is None and written == "khu":
            end = self._capitals(after, 3)
        if end is None:
            return None
        run.parts.add("hamlet")
        return end

    def _street(self, at: int, run: _Run) -> int | None:
        word = self._reading.words[at]
        if _ROAD_CODE.match(word.form):
            run.parts.add("street")
            return at + 1
        prefix = self._prefix(at, _STREETS)
        if prefix is None or prefix[0] >= len(self._reading.words):
            return None
        after, _ = prefix
        if self._reading.says(after, "số") and after + 1 < len(self._reading.words):
            after += 1
        if not _SPACE.match(self._reading.gap(after)) and self._reading.gap(after):
            return None
        end = self._numbers(after)
        if end is None:
            end = self._capitals(after, _NAME_WORDS)
        elif end < len(self._reading.words) and self._reading.gap(end) == " ":
            named = self._names.get(end)
            if (named is None or self._goes_on(named)) and not self._prefix(end, (*_COMMUNES, *_DISTRICTS, *_HAMLETS)):
                end = self._capitals(end, _NAME_WORDS) or end
        if end is None and run.last > run.first:
            end = self._lower(after)
        if end is None:
            return None
        run.parts.add("street")
        return end

    def _house(self, at: int, run: _Run) -> int | None:
        prefix = self._prefix(at, ("số nhà", "nhà số", "số", "sn", "lô"))
        first = prefix[0] if prefix else at
        end = self._numbers(first)
        if end is None:
            return None
        if prefix and prefix[1] in ("số nhà", "nhà số", "sn", "lô"):
            run.parts.add("house")
            return end
        words = self._reading.words
        if end >= len(words) or not _SEPARATORS.match(self._reading.gap(end)):
            return None
        probe = _Run(end, end)
        follows = self._street(end, probe)
        if follows is None:
            follows = self._capitals(end, _NAME_WORDS)
            if follows is None or (follows < len(words) and not re.match(r"\s*[,\-–]", self._reading.gap(follows))):
                return None
            if words[end].form in ("thang", "nam", "ngay", "anh", "chi", "ong"):
                return None
        run.parts |= {"house", "street"}
        return follows

    def _bare(self, at: int, run: _Run) -> int | None:
        """A unit's name without its type: after another part, or capitalised, or before a district's name."""
        word = self._reading.words[at]
        name = self._names.get(at)
        if word.form == "bp" and run.parts:
            run.parts.add("province")
            return at + 1
        if name is None or not name.units or self._goes_on(name):
            return None
        if not run.parts and not (word.capital or self._followed(name) or self._announced(at)):
            return None
        if not run.parts and word.toned_line and not word.capital and not self._announced(at):
            return None
        if (
            name.of(Level.PROVINCE)
            and ("commune" in run.parts or "district" in run.parts)
            and not name.of(Level.DISTRICT)
        ):
            run.parts.add("province")
            return name.last
        if name.of(Level.DISTRICT) and (
            run.communes or not name.of(Level.COMMUNE) or "commune" in run.parts or not run.parts
        ):
            run.districts = run.districts or name.of(Level.DISTRICT)
            if not run.communes:
                run.communes = tuple(unit for unit in name.of(Level.COMMUNE))
            run.parts.add("district")
            return name.last
        if name.of(Level.COMMUNE) and "commune" not in run.parts:
            run.communes = name.of(Level.COMMUNE)
            run.parts.add("commune")
            return name.last
        if name.of(Level.DISTRICT):
            run.districts = run.districts or name.of(Level.DISTRICT)
            run.parts.add("district")
            return name.last
        if name.of(Level.PROVINCE) and run.parts:
            run.parts.add("province")
            return name.last
        return None

    def _goes_on(self, name: UnitName) -> bool:
        """Whether the name is only the beginning of another one, as `Phú Riềng` in the street `Phú Riềng Đỏ`."""
        words = self._reading.words
        if name.last >= len(words) or not words[name.first].capital or self._shouted(name.first):
            return False
        following = words[name.last]
        return (
            following.capital
            and following.toned_line
            and self._reading.gap(name.last) == " "
            and name.last not in self._names
            and not self._prefix(name.last, (*_COMMUNES, *_DISTRICTS, *_PROVINCES))
            and not self._taken(name.last)
        )

    def _announced(self, at: int) -> bool:
        return at > 0 and self._reading.words[at - 1].form in ("o", "tai", "ngu", "ve", "in", "at")

    def _followed(self, name: UnitName) -> bool:
        """Whether a district's or its type's name comes right after, as in `bom bo bu dang`."""
        following = self._names.get(name.last)
        if following is not None and following.of(Level.DISTRICT):
            return True
        return (
            name.last < len(self._reading.words)
            and self._prefix(name.last, ("huyện", "thị xã", "tx", "tp", "tỉnh")) is not None
        )

    def _numbers(self, at: int) -> int | None:
        """A house or hamlet number such as `12`, `5A`, `12/3/4`, `K54`, `B2`."""
        words = self._reading.words
        if (
            at >= len(words)
            or not re.match(r"(?:\d{1,4}[a-z]{0,2}|[a-z]{1,2}\d{1,3})$", words[at].form)
            or self._taken(at)
        ):
            return None
        end = at + 1
        while (
            end < len(words)
            and end - at < 5
            and self._reading.gap(end) in ("/", "-")
            and _NUMBER.match(words[end].form)
        ):
            end += 1
        if (
            end < len(words)
            and self._reading.gap(end) == " "
            and re.match(r"[A-D]$", self._reading.text[words[end].start : words[end].end])
        ):
            end += 1
        return end

    def _named(self, at: int) -> int | None:
        return self._capitals(at, _NAME_WORDS) or self._lower(at)

    def _capitals(self, at: int, most: int) -> int | None:
        """The end of a run of capitalised words or numbers at `at`; None without any, or in a line of capitals."""
        words = self._reading.words
        if at >= len(words) or not words[at].capital:
            return None
        if self._shouted(at):
            return self._lower(at)
        end = at
        while (
            end < len(words)
            and end - at < most
            and (words[end].capital or (end > at and words[end].form.isdigit() and len(words[end].form) < 4))
            and not self._taken(end)
            and (end == at or _SPACE.match(self._reading.gap(end)))
            and not (
                end > at
                and self._prefix(end, _COMMUNES + _DISTRICTS)
                and words[end].form in ("xa", "phuong", "huyen", "tx", "tp", "tt", "kp")
            )
        ):
            end += 1
        return end if end > at else None

    def _shouted(self, at: int) -> bool:
        word = self._reading.words[at]
        return len(word.form) > 1 and self._reading.text[word.start : word.end].isupper()

    def _lower(self, at: int) -> int | None:
        """A name in small letters: up to four words that a comma, a line's end or a type word closes."""
        words = self._reading.words
        for end in range(at + 1, min(at + _NAME_WORDS, len(words)) + 1):
            word = words[end - 1]
            if self._taken(end - 1):
                return None
            if word.form in _PLACE_STOPS and end > at + 1:
                return None
            if end == len(words):
                return end
            gap = self._reading.gap(end)
            if gap.strip() or "\n" in gap:
                return end if gap.strip()[:1] in (",", ".", "-", "–", ";", "(", ")", "") else None
            if self._prefix(end, (*_COMMUNES, *_DISTRICTS, *_PROVINCES)) or end in self._names or self._taken(end):
                return end
        return None
