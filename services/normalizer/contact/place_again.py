"""Finds what a text says again of a place: what its unit has become, and which commune a hamlet lies in."""

import re
from collections.abc import Sequence

from services.normalizer.contact.claims import FULL_STOP
from services.normalizer.contact.place import Place
from services.normalizer.reading import Reading

_NOW = re.compile(
    r"(?<!\w)(?:nay|bay gio|gio|hien nay)(?: (?:chuyen ve|don ve|ve o|chuyen sang|la|thuoc|thanh|van ten|van la|"
    r"doi thanh|doi ten thanh|nhap vao|ve))?\s{0,2}$"
)
"""Before the unit that an old one has become: `thôn 1 Nghĩa Bình cũ, bây giờ là xã Nghĩa Trung`."""

_FORMERLY = re.compile(r"(?<!\w)(?:truoc|truoc day|hoi truoc|hoi xua)(?: (?:o|ngu|song o|o ben))?\s{0,2}$")
_LONGEST_CHANGE = 60


def now_in(reading: Reading, places: Sequence[Place], chosen: Place) -> Place | None:
    """The unit that the place is said to be in now, or the place that the sender has moved to."""
    for place in places:
        if place.start < chosen.end or not place.communes:
            continue
        between = reading.folded[chosen.end : place.start]
        if len(between) > _LONGEST_CHANGE or FULL_STOP.search(between):
            return None
        if _NOW.search(between):
            return place
    return None


def was_left(reading: Reading, place: Place) -> bool:
    """Whether the sender lived there before: `trước ở phường Quang Vinh`."""
    return _FORMERLY.search(reading.folded[max(0, place.start - 20) : place.start]) is not None


def said_again(places: Sequence[Place], chosen: Place) -> Place | None:
    """Where the text says more of a place than it does there.

    Of a hamlet alone: the only commune that is named. Of a commune whose name several bear: the same one with its
    district, as in `thôn 5 Minh Hưng. Minh Hưng Bù Đăng nhé, không phải Chơn Thành`.
    """
    if not chosen.has_unit:
        named = [place for place in places if place.communes and "commune" in place.parts]
        return named[0] if len({place.communes for place in named}) == 1 else None
    if len(chosen.communes) == 1 or chosen.districts:
        return None
    communes = frozenset(chosen.communes)
    return next((place for place in places if place.districts and not communes.isdisjoint(place.communes)), None)
