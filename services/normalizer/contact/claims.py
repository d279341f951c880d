"""Tells whether a place is introduced as the sender's address, and how: `địa chỉ`, `tôi ở`, beside name or phone."""

import re
from collections.abc import Sequence

from services.normalizer.contact.place import Place
from services.normalizer.reading import Reading

_ME = r"(?:toi|em|e|minh|mk|tui|con|chau|chung toi|chung em|i|we)"
_LABEL = re.compile(
    r"(?<!\w)(?:dia chi(?: (?:lien he|nha|cua toi|cua em|hien tai|thuong tru|nguoi gui|o|nha toi|nha em))?|"
    r"d\s?/\s?c|d\.c|dc|"
    r"add|address|vp|van phong|tru so(?: chinh)?|noi o|cho o|thuong tru|tam tru|cu tru|ho khau|ngu|cu ngu|tru)"
    r"\s{0,2}(?:la|is|hien tai|o|tai)?\s{0,2}[:\-]?\s{0,2}(?:o|tai|so)?\s{0,2}$"
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
    rf"\s{{0,2}}(?:(?:noi|cho)\s+)?{_ME}\s+(?:(?:dang|hien|hien dang)\s+)?(?:o|song|sinh song|cu tru|tro)"
    r"(?=\s*(?:$|[,.;!?\n]|(?:thi|nen|ma|roi|day|do)(?!\w)))"
)
"""Behind a place: `xã Lộc Khánh em đang ở`."""

SIGNATURES = frozenset(
    f"contact.name.{rule}" for rule in ("signature", "sentence", "given", "speaking", "alone", "firm", "label")
)
"""Rules of names that stand at the head of what only says who writes."""

_SENTENCE = 110
FULL_STOP = re.compile(r"\w{3}[.!?]\s|\n")
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

FULL = 3
"""Detail of a place with a house, street or hamlet and its unit."""

_HEADS = re.compile(r"\s{0,2}[,:]\s")
"""A full place that a message begins with, as a letter with its address: `ấp 1 xã Tân Hòa, điện yếu quá`."""

_NOT_THERE = re.compile(r"(?<!\w)(?:khong|hong|ko|k|chu khong|hok)\s+(?:phai|thuoc)(?: la| o| ben)?\s{0,2}$")
PLACE_OF_MATTER = re.compile(
    r"(?<!\w)(?:tai|truoc|gan|doan|khu vuc|tuyen|tuyen duong|doc|qua|tu|den|ven|doi dien|canh|sau|trong|"
    r"giua|duoi|xay ra|near|in front of)\s{0,2}$"
)


ORDER = ("label", "first_person", "block", "registered", "line", "residents", "head", "here", "only", "")
"""The ways, the surest first; `only` is that of a place that nothing introduces."""


def claim(reading: Reading, place: Place, contacts: Sequence[tuple[int, int]], signed: int | None) -> str:
    """The way by which a place is introduced as the sender's address, or nothing.

    `contacts` are the spans of names, numbers and e-mail addresses; `signed` is the end of the sender's name where it
    stands at the head of what only says who writes.
    """
    line = reading.folded.rfind("\n", 0, place.start) + 1
    before = reading.folded[max(line, place.start - 70) : place.start]
    if _NOT_THERE.search(before):
        return ""
    label = _LABEL.search(before)
    if label:
        return "registered" if label[0].startswith("ho khau") else "label"
    without = _without(before, max(line, place.start - 70), contacts)
    if _is_spoken(reading, place, before, without):
        return "first_person"
    if _is_signed(reading, place, signed) or _in_block(reading, place, contacts, before):
        return "block"
    if _is_line(reading, place, line) or _is_sentence(reading, place, contacts):
        return "line"
    return _weakly(reading, place, before)


def _is_spoken(reading: Reading, place: Place, before: str, without: str) -> bool:
    """Whether the sender says that he lives there; `without` is what stands before it without names and numbers."""
    if _FIRST_PERSON.search(without) or _HOUSE.search(without) or _ENGLISH.search(before):
        return True
    return _WHERE_I_AM.match(reading.folded, place.end) is not None


def _is_signed(reading: Reading, place: Place, signed: int | None) -> bool:
    """Whether the place follows the sender's name in the sentence that says who writes."""
    if signed is None or not 0 <= place.start - signed <= _SENTENCE:
        return False
    return FULL_STOP.search(reading.folded, signed, place.start) is None


def _weakly(reading: Reading, place: Place, before: str) -> str:
    if _RESIDENTS.search(before) or _ROLE.search(before):
        return "residents"
    if place.detail == FULL and place.start == 0 and _HEADS.match(reading.folded, place.end):
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
    if PLACE_OF_MATTER.search(before):
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
