"""Finds the only place that a text names, where nothing introduces it and its sender can be reached."""

import re
from collections.abc import Sequence

from services.normalizer.contact.claims import FULL, PLACE_OF_MATTER
from services.normalizer.contact.found import Found
from services.normalizer.contact.place import Place
from services.normalizer.contact.words import ContactWords
from services.normalizer.reading import Reading

_NEARBY = 90
_BEFORE = 40
_ELSEWHERE = re.compile(r"(?<!\w)o (?:cho|noi|tinh|huyen|xa|phuong) khac(?!\w)")
_I_LIVE = re.compile(r"(?<!\w)(?:em|e|toi|minh|tui|con|chau|anh|chi)(?: \w{1,12}){0,3} (?:o|song) [^.!?\n]{0,30}")
_BELONGS = re.compile(
    r"(?<!\w)(?:truong|thpt|thcs|tieu hoc|mam non|cho|tram y te|tram xa|benh vien|ubnd|uy ban|cong an|kcn|"
    r"khu cong nghiep|nga ba|nga tu|nga 3|nga 4|cau|ho|nong truong|cay xang|buu dien|tram|hoi truong|chu tich|can bo|"
    r"vo|vao|ra|di|ve|ngang|doan|qua|tu|toi|den|xuong|len|canteen|park|factory),?\s{0,2}$"
)
"""Before a commune whose name only says which market or school is meant."""

_OF_MATTER = re.compile(
    r"(?<!\w)(?:(?:truoc|trong lo|trong vuon|gan|canh|giua|doi dien|ven|dau|cuoi)(?: (?!nha)\w+){1,4}|tren|doc|nga|"
    r"(?:dat|thua|ray)(?: \w+){0,5}|(?:ong|ba|anh|chi|ho|no|ban|me|chong)(?: \w+){0,4} (?:o|tai|ben|duoi))\s{0,2}$"
)
"""Before a place that something else is near, or where somebody else lives."""

_OF_ANOTHER = re.compile(r"\s*(?:cua|nha) (?:ong|ba|anh|chi|chu|co|bac|ho|no)(?!\w)")
_THERE = re.compile(r"(?<!\w)(?:cung (?:dia chi|cho|xom|ap|thon|khu pho)|ngay do|(?:o|nha) do luon|do luon)(?!\w)")
"""By this the sender says that the place of the matter is where he lives."""


def only_place(
    reading: Reading, places: Sequence[Place], words: ContactWords, *, name: Found | None, phone: Found | None
) -> Place | None:
    """The only place of a text whose sender says how he can be reached: nobody would ask him for another.

    With name and number a commune will do, with either a hamlet or house in it; where the text says that the sender
    lives elsewhere, that others live there, or only what it is near, there is none.
    """
    named = [place for place in places if "commune" in place.parts and place.communes and not _belongs(reading, place)]
    if not named or len({place.communes for place in named}) > 1 or not (name or phone):
        return None
    if lives_elsewhere(reading) or lives_beyond(reading, words, name, phone):
        return None
    nearest = max(named, key=lambda place: place.detail)
    if on_street(nearest):
        return None
    before = reading.folded[max(0, nearest.start - _BEFORE) : nearest.start]
    if not _THERE.search(reading.folded) and (
        _OF_MATTER.search(before) or _OF_ANOTHER.match(reading.folded, nearest.end)
    ):
        return None
    if name and phone:
        return nearest
    near = nearest.detail == FULL and bool(nearest.parts & {"hamlet", "house"})
    return nearest if near and not PLACE_OF_MATTER.search(before) else None


def on_street(place: Place) -> bool:
    """Whether it is somewhere on a street, as lamps and holes are: who lives there has a number."""
    return "street" in place.parts and not place.parts & {"hamlet", "house"}


def lives_elsewhere(reading: Reading) -> bool:
    """Whether somebody is said to live at another place than one that is named."""
    return _ELSEWHERE.search(reading.folded) is not None


def lives_beyond(reading: Reading, words: ContactWords, name: Found | None, phone: Found | None) -> bool:
    """Whether the sender lives beyond the province: a place there stands beside name or phone, or after `tôi ở`."""
    folded = reading.folded
    for one in (name, phone):
        if one and words.beyond.search(folded, max(0, one.start - _NEARBY // 2), one.end + _NEARBY):
            return True
    return any(words.beyond.search(match[0]) for match in _I_LIVE.finditer(folded))


def _belongs(reading: Reading, place: Place) -> bool:
    before = reading.folded[max(0, place.start - _BEFORE) : place.start]
    return place.detail < FULL and _BELONGS.search(before) is not None
