"""The words by which Vietnamese places are written, in the forms that citizens use for them."""

import re
from collections.abc import Mapping

from services.normalizer.reading import written_as

NUMBER = re.compile(r"\d{1,4}[a-z]{0,2}$")
GLUED = re.compile(r"(?:kp|ap|to|thon|khu|doi|hem|ql|dt|lo|xom)\d{1,4}[a-z]?$")
ROAD_CODE = re.compile(r"(?:ql|dt|tl|dh)\d{1,3}[a-z]?$")
SEPARATORS = re.compile(r"[\s,.\-–/;:()]{0,5}$")
SPACE = re.compile(r"[ \t\u00a0]{1,3}$|\.\s?$")

Types = Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]]
"""Type words by the form of the first of their words: as written and in parts, the longest first."""


def _types(*choices: str) -> Types:
    found: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for written in sorted(choices, key=len, reverse=True):
        parts = tuple(written.split())
        found.setdefault(written_as(parts[0])[0], []).append((written, parts))
    return {form: tuple(ways) for form, ways in found.items()}


_COMMUNES = ("xã", "x", "phường", "p", "f", "thị trấn", "tt", "ph")
_DISTRICTS = ("huyện", "h", "thị xã", "tx", "thành phố", "tp", "quận", "q")
_PROVINCES = ("tỉnh", "t")
_HAMLETS = (
    "ấp", "thôn", "khu phố", "kp", "k.p", "sóc", "bon", "buôn", "làng", "xóm", "khóm", "khu dân cư", "kdc",
    "khu công nghiệp", "kcn", "khu", "tổ", "tổ dân phố", "đội",
)  # fmt: skip
STREETS = _types("đường", "hẻm", "ngõ", "kiệt", "quốc lộ", "ql", "tỉnh lộ", "tl", "đt", "phố", "hẽm")
HAMLETS = _types(*_HAMLETS)
COMMUNES = _types(*_COMMUNES)
DISTRICTS = _types(*_DISTRICTS)
PROVINCES = _types(*_PROVINCES)
HOUSES = _types("số nhà", "nhà số", "nhà", "số", "sn", "lô")
DISTRICTS_AND_ABOVE = _types("huyện", "thị xã", "tx", "tp", "tỉnh")
COMMUNES_AND_DISTRICTS = _types(*_COMMUNES, *_DISTRICTS)
UNITS = _types(*_COMMUNES, *_DISTRICTS, *_PROVINCES)
NOT_STREETS = _types(*_HAMLETS, *_COMMUNES, *_DISTRICTS)
KINDS = {
    "xã": "Xã", "x": "Xã", "phường": "Phường", "p": "Phường", "f": "Phường", "ph": "Phường", "thị trấn": "Thị trấn",
    "tt": "Thị trấn",
}  # fmt: skip
SHORT = frozenset({"x", "p", "f", "h", "q", "t", "tt", "tx", "tp", "ph", "kp", "ql", "tl"})
"""Abbreviations that need a known name or a full stop after them: alone they mean too many things."""

NUMBERED = frozenset({"tổ", "đội", "khu", "tổ dân phố"})
"""Hamlets that bear numbers, not names: "khu" and "tổ" begin many other phrases."""

ENGLISH = {
    "ward": "commune", "commune": "commune", "town": "commune", "hamlet": "hamlet", "street": "street",
    "district": "district", "city": "district", "province": "province",
}  # fmt: skip
ENGLISH_SAID = frozenset({*ENGLISH, "quarter", "road", "st"})
"""Forms of the words without one of which no part of a place is written in English."""

CONNECTORS = frozenset({"thuoc", "cua", "ben"})
SPELT = _types("một", "hai", "ba", "bốn", "tư", "năm", "sáu", "bảy", "bẩy", "tám", "chín", "mười")
NAME_WORDS = 4
"""Longest name of a street or hamlet, in words."""

_STOPS = """
bi hu mat co khong nha toi em minh la thi ma rat qua nay do dang va nhung nen sdt dt so dien nuoc rac
cup duong o tai ngay gan truoc sau tren ben cho truong hai xuong da moi may cua voi ten noi xin hoi muon
het hien lien phone email gui chung lai con nguoi
"""
PLACE_STOPS = frozenset(_STOPS.split())
"""Words (folded) that no name written in small letters goes on with."""


OPENING = frozenset({*STREETS, *HAMLETS, *COMMUNES, *DISTRICTS, *PROVINCES, *HOUSES, "hamlet", "quarter"})
"""Forms of the words that a part of a place can begin with."""
