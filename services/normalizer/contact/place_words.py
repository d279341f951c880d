"""The words by which Vietnamese places are written, in the forms that citizens use for them."""

import re
from collections.abc import Mapping
from functools import lru_cache

from services.normalizer.reading import written_as

NUMBER = re.compile(r"\d{1,4}[a-z]{0,2}$")
GLUED = re.compile(r"(?:kp|ap|to|thon|khu|doi|hem|ql|dt|lo|xom)\d{1,4}[a-z]?$")
ROAD_CODE = re.compile(r"(?:ql|dt|tl|dh)\d{1,3}[a-z]?$")
SEPARATORS = re.compile(r"[\s,.\-–/;:()]{0,5}$")
SPACE = re.compile(r"[ \t\u00a0]{1,3}$|\.\s?$")

STREETS = ("đường", "hẻm", "ngõ", "kiệt", "quốc lộ", "ql", "tỉnh lộ", "tl", "đt", "phố", "hẽm")
HAMLETS = (
    "ấp", "thôn", "khu phố", "kp", "k.p", "sóc", "bon", "buôn", "làng", "xóm", "khóm", "khu dân cư", "kdc",
    "khu công nghiệp", "kcn", "khu", "tổ", "tổ dân phố", "đội",
)  # fmt: skip
COMMUNES = ("xã", "x", "phường", "p", "f", "thị trấn", "tt", "ph")
KINDS = {
    "xã": "Xã", "x": "Xã", "phường": "Phường", "p": "Phường", "f": "Phường", "ph": "Phường", "thị trấn": "Thị trấn",
    "tt": "Thị trấn",
}  # fmt: skip
DISTRICTS = ("huyện", "h", "thị xã", "tx", "thành phố", "tp", "quận", "q")
PROVINCES = ("tỉnh", "t")
HOUSES = ("số nhà", "nhà số", "nhà", "số", "sn", "lô")
SHORT = frozenset({"x", "p", "f", "h", "q", "t", "tt", "tx", "tp", "ph", "kp", "ql", "tl"})
"""Abbreviations that need a known name or a full stop after them: alone they mean too many things."""

NUMBERED = frozenset({"tổ", "đội", "khu", "tổ dân phố"})
"""Hamlets that bear numbers, not names: "khu" and "tổ" begin many other phrases."""

ENGLISH = {
    "ward": "commune", "commune": "commune", "town": "commune", "hamlet": "hamlet", "street": "street",
    "district": "district", "city": "district", "province": "province",
}  # fmt: skip
CONNECTORS = frozenset({"thuoc", "cua", "ben"})
SPELT = ("một", "hai", "ba", "bốn", "tư", "năm", "sáu", "bảy", "bẩy", "tám", "chín", "mười")
NAME_WORDS = 4
"""Longest name of a street or hamlet, in words."""

_STOPS = """
bi hu mat co khong nha toi em minh la thi ma rat qua nay do dang va nhung nen sdt dt so dien nuoc rac
cup duong o tai ngay gan truoc sau tren ben cho truong hai xuong da moi may cua voi ten noi xin hoi muon
het hien lien phone email gui chung lai con nguoi
"""
PLACE_STOPS = frozenset(_STOPS.split())
"""Words (folded) that no name written in small letters goes on with."""


@lru_cache(maxsize=64)
def starting(choices: tuple[str, ...]) -> Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]]:
    """The choices by the form of their first word, longest first."""
    found: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for written in sorted(choices, key=len, reverse=True):
        parts = tuple(written.split())
        found.setdefault(written_as(parts[0])[0], []).append((written, parts))
    return {form: tuple(ways) for form, ways in found.items()}


OPENING = frozenset(
    written_as(written.split()[0])[0]
    for written in (*STREETS, *HAMLETS, *COMMUNES, *DISTRICTS, *PROVINCES, *HOUSES, "hamlet", "quarter")
)
"""Forms of the words that a part of a place can begin with."""
