"""Tells the sender's contact address from the place of the matter, among the places that a text names."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.domain.vietnamese import fold
from services.normalizer.contact.found import Found
from services.normalizer.contact.place import Place
from services.normalizer.reading import Reading

_ME = r"(?:toi|em|e|minh|mk|tui|con|chau|chung toi|chung em|i|we)"
_LABEL = re.compile(
    r"(?<!\w)(?:dia chi(?: (?:lien he|nha|cua toi|cua em|hien tai|thuong tru|nguoi gui|o|nha toi|nha em))?|"
    r"d\s?/\s?c|d\.c|dc|"
    r"add|address|vp|van phong|tru so(?: chinh)?|noi o|cho o|thuong tru|tam tru|cu tru|ho khau|ngu|cu ngu|tru)\s{0,2}(?:la|is|hien tai|o|"
    r"tai)?\s{0,2}[:\-]?\s{0,2}(?:o|tai|so)?\s{0,2}$"
)
_FIRST_PERSON = re.compile(
    rf"(?<!\w)(?<!binh ){_ME}\s+(?:(?:nha|hien|dang|hien dang|hien nay|hien tai|cung|la nguoi|la cu dan|la dan|nguoi|"
    r"dan|song|sinh song|thue tro|tro|o tro|o nho|o gan|o ke|o sat|o canh|gan|cho|cau|truong|ke|sat|doi dien|ben hong|"
    r"thuong tru|cu tru|am|live|living|are|am living|s'?tieng|khmer|tay|nung|m'nong|dan toc)\s*){0,5}"
    r"(?:o|o tai|tai|ngu|ngu tai|ben|duoi|tren|trong|in|at|on)?\s{0,2}[,:(]?\s{0,2}$"
)
_HOUSE = re.compile(
    rf"(?<!\w)(?:nha|gia dinh|ho)\s+(?:(?:{_ME}\s+)?(?:(?:hien|dang|minh|thi)\s+)?|{_ME}\s+(?:\w+\s+){{1,3}})"
    rf"(?:o|o tai|tai|so|ngu tai)\s{{0,2}}[,:(]?\s{{0,2}}$"
)
_WHERE_I_AM = re.compile(
    rf"\s{{0,2}},?\s{{0,2}}(?:(?:noi|cho)\s+)?{_ME}\s+(?:(?:dang|hien|hien dang)\s+)?(?:o|song|sinh song|cu tru|tro)(?!\w)"
)
"""Behind a place: `xã Lộc Khánh em đang ở`."""

_ELSEWHERE = re.compile(
    r"(?<!\w)o (?:cho|noi|tinh|huyen|xa|phuong) khac(?!\w)|"
    r"(?<!\w)(?:em|toi|minh|tui|con|chau|anh|chi|e)(?: \w+){0,3} o (?:sai gon|sg|tp ?hcm|thanh pho ho chi minh|ha noi|"
    r"binh duong|thu duc|dong nai|tay ninh|dak lak|dak nong|long an|lam dong|nuoc ngoai)(?!\w)"
)
"""Who says that he lives elsewhere gives no address by naming where the matter is."""

_BELONGS = re.compile(
    r"(?<!\w)(?:truong|thpt|thcs|tieu hoc|mam non|cho|tram y te|tram xa|benh vien|ubnd|uy ban|cong an|kcn|khu cong nghiep|"
    r"nga ba|nga tu|nga 3|nga 4|cau|ho|nong truong|cay xang|buu dien|tram|hoi truong|chu tich|can bo|vo|vao|ra|di|ve|ngang|"
    r"doan|qua|tu|toi|den|xuong|len|canteen|park|factory),?\s{0,2}$"
)
"""Before a commune whose name only says which market or school is meant."""

_NOW = re.compile(
    r"(?<!\w)(?:nay|bay gio|gio|hien nay)(?: (?:chuyen ve|don ve|ve o|chuyen sang|la|thuoc|thanh|van ten|van la|doi thanh|doi ten thanh|nhap vao|ve))?\s{0,2}$"
)
"""Before the unit that an old one has become: `thôn 1 Nghĩa Bình cũ, bây giờ là xã Nghĩa Trung`."""

_FORMERLY = re.compile(r"(?<!\w)(?:truoc|truoc day|hoi truoc|hoi xua)(?: (?:o|ngu|song o|o ben))?\s{0,2}$")
_NOT_THERE = re.compile(r"(?<!\w)(?:khong|hong|ko|k|chu khong|hok)\s+(?:phai|thuoc)(?: la| o| ben)?\s{0,2}$")
_BEYOND = re.compile(
    r"(?<!\w)(?:binh duong|tay ninh|long an|dak lak|dak nong|lam dong|sai gon|tp ?hcm|hcm|ho chi minh|thu dau mot|tdm|di an|"
    r"thuan an|thu duc|buon ma thuot|ha noi|can tho|ca mau|vung tau|binh thuan|khanh hoa|ben cat|quan \d{1,2}|q\.? ?\d{1,2})(?!\w)"
)
"""Places beyond the province: who gives one with his name or number lives there, wherever the matter is."""

_NEARBY = 90
_LONGEST_CHANGE = 60
_SIGNATURES = frozenset(
    f"contact.name.{rule}" for rule in ("signature", "sentence", "given", "speaking", "alone", "firm", "label")
)
"""Rules of names that stand at the head of what only says who writes."""

_SENTENCE = 110
_FULL_STOP = re.compile(r"\w{3}[.!?]\s|\n")
_ROLE = re.compile(
    rf"(?<!\w){_ME}\s+la\s+(?:to truong|truong thon|truong ap|bi thu|giao vien|hoc sinh|sinh vien|phu huynh|"
    r"cuu chien binh|cong nhan|nong dan|chu (?:quan|tiem|tro|co so|ho|nha)|can bo)(?:\s[\w/]+){0,6}\s{0,2}"
    r"[,:(]?\s{0,2}$"
)
_RESIDES = re.compile(
    r"[^.!?;\n]{0,48}(?<!\w)(?:o|o tro[^,.\n]{0,24}|ngu|cu ngu|tru|tru tai|thuong tru|tam tru|song o|song tai|"
    r"nha o|nha|nha toi o|ngu tai|o tai|hien o|dang o)\s{0,2}[,:]?\s{0,2}$"
)
"""Between the sender's name or phone and a place, in one sentence: `Bảy Đờn ở ấp Phước Tân`."""

_ENGLISH = re.compile(
    r"(?<!\w)(?:staying|living|live|lives|reside|residing|based|resident)\s+(?:in|at|on|near|of)\s{0,2}$"
)
_HERE = re.compile(
    r"(?<!\w)(?:xom|khu|cho|ap|thon|to|khu pho|hem|nha|phuong|xa)\s+(?:nha\s+)?(?:toi|em|minh|tui|"
    r"chung toi)\s{0,2}(?:o|tai|thuoc|la|,)?\s{0,2}$"
)
_OPENING = re.compile(r"\s*(?:o|tai|dia chi)?\s*$")
_RESIDENTS = re.compile(
    r"(?<!\w)(?:toi|em|minh|tui|chung toi|chung em)\s+(?:la\s+)?(?:nguoi dan|cu dan|ba con|ho dan|dan|nguoi|"
    r"doanh nghiep)\s+(?:o|tai|song o|cua)?\s{0,2}$"
)
_BLOCK = re.compile(
    r"[\s,.;:()\-–—/|]*(?:(?:\d{2} tuoi|sn \d{4}|sinh nam \d{4}|day|ne)[\s,.;:()\-–—/|]*)?"
    r"(?:(?:sdt|so dt|dt|so dien thoai|dien thoai|so may|di dong|so di dong|may|so|phone|zalo|lh|lien he|tel|o|ngu|"
    r"ngu tai|tai|o tai|nha|nha o|nha em|"
    r"hien|hien o|dang o|dia chi|dc|email|my|me|to|gmail|cua toi|nguoi [\w']{2,9}|dan toc [\w']{2,9}|la|va)"
    r"[\s,.;:()\-–—/|<>]*){0,4}$"
)
_ALONE = re.compile(
    r"[\s,.;:()\-–—]*(?:(?:da|vang|ngay|o|tai|nha|nha o|em|toi|minh|tui|con|chau|a|ah|nha|nhe|nhe ad|ad|day|ne|"
    r"luon|do|cua|dia chi|la|ben|duoi|moi|cu)[\s,.;:()\-–—!]*){0,5}"
)
"""What may stand beside a place that is all a line says."""

_BESIDE = 40
"""Signs that may stand beside a place that is all a line says."""

_STARTS = re.compile(r"(?:^|[.!?\n]\s*)$")
_ENDS = re.compile(r"\s*(?:a|ah|nha|nhe|ad)?\s*(?:[.!?)\n]+\s*|$)")
_INTRODUCED = 16
_MYSELF = re.compile(rf"(?:(?:{_ME})\s+(?:ten\s+)?(?:la\s+)?|(?:sdt|dt|zalo|so|lh|lien he)[\s:.]*|[\s(])*")
"""Before the sender's name or phone where the sentence before was the address."""

_FULL = 3
_TWO = 2
_HEADS = re.compile(r"\s{0,2}[,:]\s")
"""A full place that a message begins with, as a letter with its address: `ấp 1 xã Tân Hòa, điện yếu quá`."""

_PLACE_OF_MATTER = re.compile(
    r"(?<!\w)(?:tai|truoc|gan|doan|khu vuc|tuyen|tuyen duong|doc|qua|tu|den|ven|doi dien|canh|sau|trong|"
    r"giua|duoi|xay ra|near|in front of)\s{0,2}$"
)


@dataclass(frozen=True, slots=True)
class Places:
    """The contact address, as found text and as place, and the place of the matter."""

    address: Found | None
    address_place: Place | None
    matter: Place | None
    matter_text: str | None


def tell_apart(
    reading: Reading,
    places: Sequence[Place],
    contacts: Sequence[tuple[int, int]],
    *,
    name: Found | None = None,
    phone: Found | None = None,
) -> Places:
    """Choose the contact address; what is left first is the place of the matter.

    `contacts` are the spans of names, numbers and e-mail addresses, `name` and `phone` the sender's own.

    An address is introduced ("địa chỉ", "tôi ở", "nhà em ở"), stands in a block with the sender's name or phone, or is
    all that a line says.
    A place without any of these is where the matter is: then the address is asked for, unless the text gives the
    sender's name and number, or either and a hamlet or house, and no other place. One place may be both ("nhà em
    ở ấp 3 xã Tân Hưng mất điện"): it is the address, and the locality of the matter as well.
    """
    signed = name.end if name and name.rule in _SIGNATURES else None
    scored = [(_claim(reading, place, contacts, signed), place) for place in places]
    claimed = [
        (rule, place) for rule, place in scored if rule and (place.detail >= 2 or rule in ("label", "registered"))
    ]
    claimed.sort(
        key=lambda item: (
            not item[1].communes,
            not item[1].has_unit,
            _ORDER.index(item[0]),
            -item[1].detail,
            item[1].start,
        )
    )
    said = None if claimed else _labelled(reading)
    if not claimed and said is None:
        claimed = _only(reading, places, name=name, phone=phone)
    if not claimed:
        matter = _matter(reading, places, None)
        return Places(said, None, matter, _shown(reading, matter))
    rule, chosen = claimed[0]
    later = _become(reading, places, chosen)
    if later and _FORMERLY.search(reading.folded[max(0, chosen.start - 20) : chosen.start]):
        later, chosen = None, later
    end = later.end if later else chosen.end
    shown = _trim(reading.text[chosen.start : end])
    within = (_within(places, chosen) or _told_apart(places, chosen)) if later is None else None
    if within is not None:
        shown = _completed(reading, shown, within)
    found = Found(shown, chosen.start, end, f"contact.address.{rule}")
    chosen = later or within or chosen
    matter = _matter(reading, places, found)
    return Places(found, chosen, matter, _shown(reading, matter))


_ORDER = ("label", "first_person", "block", "registered", "line", "residents", "head", "here", "only", "")


def _belongs(reading: Reading, place: Place) -> bool:
    before = reading.folded[max(0, place.start - 24) : place.start]
    return place.detail < _FULL and _BELONGS.search(before) is not None


def _lives_beyond(reading: Reading, name: Found | None, phone: Found | None) -> bool:
    sides = [one for one in (name, phone) if one]
    return any(
        _BEYOND.search(reading.folded, max(0, one.start - _NEARBY // 2), one.end + _NEARBY) is not None for one in sides
    )


def _become(reading: Reading, places: Sequence[Place], chosen: Place) -> Place | None:
    """The unit that the place is said to be in now."""
    for place in places:
        if place.start < chosen.end or not place.communes:
            continue
        between = reading.folded[chosen.end : place.start]
        if len(between) > _LONGEST_CHANGE or _FULL_STOP.search(between):
            return None
        if _NOW.search(between):
            return place
    return None


def _within(places: Sequence[Place], chosen: Place) -> Place | None:
    """The commune that a hamlet given alone lies in: the only one that the text names."""
    if chosen.has_unit:
        return None
    named = [place for place in places if place.communes and "commune" in place.parts]
    return named[0] if len({place.communes for place in named}) == 1 else None


def _told_apart(places: Sequence[Place], chosen: Place) -> Place | None:
    """Where the text says again which commune of a name is meant: `Minh Hưng Bù Đăng nhé, không phải Chơn Thành`."""
    if len(chosen.communes) < _TWO or chosen.districts:
        return None
    again = [place for place in places if place.districts and set(place.communes) & set(chosen.communes)]
    return again[0] if again else None


def _completed(reading: Reading, shown: str, within: Place) -> str:
    """The hamlet with its commune, told once where the commune was named with that hamlet."""
    commune = _trim(reading.text[within.start : within.end])
    return commune if fold(shown) in fold(commune) else f"{shown}, {commune}"


def _only(
    reading: Reading, places: Sequence[Place], *, name: Found | None, phone: Found | None
) -> list[tuple[str, Place]]:
    """The only place of a text whose sender says how he can be reached: nobody would ask him for another."""
    named = [place for place in places if "commune" in place.parts and place.communes and not _belongs(reading, place)]
    if not named or len({place.communes for place in named}) > 1 or not (name or phone):
        return []
    if _ELSEWHERE.search(reading.folded) or _lives_beyond(reading, name, phone):
        return []
    nearest = max(named, key=lambda place: place.detail)
    before = reading.folded[max(0, nearest.start - 20) : nearest.start]
    if not (name and phone):
        if nearest.detail < _FULL or not nearest.parts & {"hamlet", "house"} or _PLACE_OF_MATTER.search(before):
            return []
    return [("only", nearest)]


def _claim(reading: Reading, place: Place, contacts: Sequence[tuple[int, int]], signed: int | None) -> str:
    line = reading.folded.rfind("\n", 0, place.start) + 1
    before = reading.folded[max(line, place.start - 70) : place.start]
    without = _without(before, max(line, place.start - 70), contacts)
    if _NOT_THERE.search(before):
        return ""
    label = _LABEL.search(before)
    if label:
        return "registered" if label[0].startswith("ho khau") else "label"
    if _FIRST_PERSON.search(without) or _HOUSE.search(without) or _ENGLISH.search(before):
        return "first_person"
    if _WHERE_I_AM.match(reading.folded, place.end):
        return "first_person"
    if signed is not None and 0 <= place.start - signed <= _SENTENCE:
        if not _FULL_STOP.search(reading.folded, signed, place.start):
            return "block"
    if _in_block(reading, place, contacts, before):
        return "block"
    if _is_line(reading, place, line) or _is_sentence(reading, place, contacts):
        return "line"
    if _RESIDENTS.search(before) or _ROLE.search(before):
        return "residents"
    if place.detail == _FULL and place.start == 0 and _HEADS.match(reading.folded, place.end):
        return "head"
    if _HERE.search(before) or ({"house", "commune"} <= place.parts and _OPENING.match(before)):
        return "here"
    return ""


def _is_line(reading: Reading, place: Place, line: int) -> bool:
    """Whether the place is all that its line says, as in the answer to "where do you live"."""
    end = reading.folded.find("\n", place.end)
    after = reading.folded[place.end : end if end >= 0 else None]
    before = reading.folded[line : place.start]
    return len(before) + len(after) <= _BESIDE and bool(_ALONE.fullmatch(before) and _ALONE.fullmatch(after))


def _is_sentence(reading: Reading, place: Place, contacts: Sequence[tuple[int, int]]) -> bool:
    """Whether a place with its commune is a sentence, the last one or next to the sender's name or phone."""
    if place.detail < 2 or not _STARTS.search(reading.folded[: place.start]):
        return False
    ends = _ENDS.match(reading.folded, place.end)
    if ends is None:
        return False
    return place.start > 0 and (
        ends.end() == len(reading.folded)
        or any(0 <= left - ends.end() <= _INTRODUCED and _MYSELF.fullmatch(reading.folded, ends.end(), left)
               for left, _ in contacts)
    )  # fmt: skip


def _in_block(reading: Reading, place: Place, contacts: Sequence[tuple[int, int]], before: str) -> bool:
    if _PLACE_OF_MATTER.search(before):
        return False
    for left, right in contacts:
        if 0 <= place.start - right <= 70 and _RESIDES.match(reading.folded[right : place.start]):
            return True
        if 0 <= place.start - right <= 40 and _BLOCK.match(reading.folded[right : place.start]):
            return True
        if 0 <= left - place.end <= 40 and _BLOCK.match(reading.folded[place.end : left]):
            return True
    return False


def _without(before: str, offset: int, contacts: Sequence[tuple[int, int]]) -> str:
    for left, right in sorted(contacts, reverse=True):
        if left >= offset and right - offset <= len(before):
            before = before[: left - offset] + " " + before[right - offset :]
    return re.sub(r"\b(?:ten la|ten|la|sdt|dt|so dien thoai|dien thoai)\s{1,3}(?=\s|,|$)|[,;:\-–]", " ", before)


_FREE = re.compile(r"(?:^|\n)\s{0,3}(?:dia chi[^:\n]{0,24}|d/c|address)\s{0,2}[:=]\s{0,2}([^\n]{6,200})")


def _labelled(reading: Reading) -> Found | None:
    """A labelled address that could not be read: it is kept as the citizen wrote it."""
    match = _FREE.search(reading.folded)
    if match is None or not any(sign.isalpha() for sign in match[1]):
        return None
    return Found(
        _trim(reading.text[match.start(1) : match.end(1)]), match.start(1), match.end(1), "contact.address.label"
    )


def _matter(reading: Reading, places: Sequence[Place], address: Found | None) -> Place | None:
    others = [place for place in places if address is None or not address.start <= place.start < address.end]
    pointed = [
        place for place in others if _PLACE_OF_MATTER.search(reading.folded[max(0, place.start - 20) : place.start])
    ]
    if pointed:
        return pointed[0]
    return others[0] if others else None


def _shown(reading: Reading, place: Place | None) -> str | None:
    return _trim(reading.text[place.start : place.end]) if place else None


def _trim(text: str) -> str:
    return " ".join(text.split()).strip(" ,.;:-–()")[:500]
