"""Finds phone numbers in a text, writes them as E.164 (numbering plan of 2018), and chooses among the sender's own."""

import re
from collections.abc import Sequence

import phonenumbers

from services.normalizer.contact.found import Found
from services.normalizer.contact.spoken import spoken_numbers

_GAP = r"[ .\-_·)]{0,3}"
_MOBILE = re.compile(
    rf"(?<![\d/])(?:\(?(?:\+|00)?84\)?{_GAP}\(?0?|\(?0){_GAP}(?:[35789]|1{_GAP}[2689])(?:{_GAP}\d){{8}}(?!\d)"
)
_LANDLINE = re.compile(rf"(?<![\d/])(?:\(?(?:\+|00)84\)?{_GAP}|\(?0)2(?:{_GAP}\d){{9}}(?!\d)")
_NO_ZERO = re.compile(r"(?<![\d.,/\-+])[35789]\d{2}[ .\-]?\d{3}[ .\-]?\d{3}(?!\d)(?![.,]\d)")
_NO_ZERO_SAID = re.compile(r"(?<=\b(?:dt|so) )[35789]\d(?:[ .\-]?\d){7}(?!\d)(?![.,]\d)")
_ABROAD = re.compile(r"(?<!\d)\+(?!84)[1-9](?:[ .\-()]{0,2}\d){7,14}(?!\d)")
_LETTERS = re.compile(r"(?<![^\W_])[0-9oil](?:[ .\-]?[0-9oil]){8,11}(?![^\W_])")
_MONEY = re.compile(r"\s{0,2}(?:d|dong|vnd|trieu|k|ty|usd)\b")

_NOT_PHONES = re.compile(
    r"(?:cccd|cmnd|cmt|cmtnd|can cuoc|can cuoc cong dan|chung minh(?: nhan dan| thu)?|mst|ma so thue|stk|"
    r"so tai khoan|tai khoan|ma ho so|ma so|ma bien nhan|bien nhan|bien so|bien kiem soat|so the|the bhyt|"
    r"ma khach hang|ma kh|so hop dong|hop dong|hoa don|danh bo|ma pe|so bhxh|ma bhxh|ho chieu|passport|"
    r"so seri|seri|van don|ma don|id card)"
    r"(?:(?!so (?:em|toi|minh|tui|con)\b|sdt|dien thoai|phone|\bgoi\b|zalo|\blh\b|lien he)[^\d\n]){0,14}$"
)
_NOT_OWN = re.compile(
    r"(?:hotline|tong dai|duong day nong|(?:so|sdt|dien thoai|dt)(?: dien thoai)? (?:cua )?"
    r"(?:ong|ba(?! (?:em|e|toi|minh|tui|con)\b)|anh|chi|chu|co|bac|can bo|chu tich|truong|quan|cong ty|shop|tho)\b"
    r"[^\d\n]{0,30}|"
    r"so goi (?:toi|den)(?: la)?|"
    r"(?:goi|goi vao|goi den|goi toi|goi dien|lien he) (?:so|den so|vao so|toi so)|tu so|so la(?!\w)|"
    r"so may la)[^\d\n]{0,6}$"
)
_NAMED_OTHER = re.compile(
    r"\b(?:ban|chu|tai xe|doi tuong|thang|dua|nguoi(?: \w+)?|nhan vien|ban em|ban toi)(?: (?:em|toi|minh))? ten "
    r"(?:la )?(?:\w+ ){1,4}(?:so |sdt |dt |zalo )?$"
)
"""`người bán tên Trần Thanh Sang 0777…`: a number behind the name of somebody who is spoken of."""

_OF_MINE = re.compile(r"\b(?:em|e|toi|minh|tui)\s*$")
_OF_TITLE = re.compile(r"\b(?:ong|ba|anh|chi|chu|co|bac)\s*$")
_REACHED = re.compile(r"\b(?:lien lac|lien he|goi|lh|nhan)\b")

_ACCUSED = re.compile(r"\s*(?:gia danh|mao danh|lua|goi doi|goi den doi|quay roi|goi de doa|nhan tin de doa|khung bo)")
"""After a number that somebody complains of."""

_IN_BRACKETS_OF_ANOTHER = re.compile(
    r"(?:^|[\s,.])(?<!la )(?:ong|ba|anh|chi|doi tuong)\s+(?:\w+\s+){1,4}\((?:(?!\b(?:toi|em|minh|tui)\b)[^()\n]){0,60}$"
)
"""`ông Phan Văn Rớt (căn cước …, ĐT …`: a number within brackets is whose name stands before them."""

_HAS_NONE = re.compile(
    r"\b(?:k|ko|khong|hok|hong|hk|chua|chang)\s+(?:co|xai|dung)\s+(?:so\s+)?(?:dt|sdt|dien thoai|may|so)\b"
)
"""Who has no telephone is called on the number that is given instead."""

_MINE = re.compile(
    r"(?:\b(?:toi|em|minh|tui|con|chau|me|my|mk|e)\b[^\d\n]{0,18}|sdt|so dt|\bdt|dien thoai|phone|zalo|lh|"
    r"lien he|\bmine\b[^\d\n]{0,20}[:+]?)[^\d\n]{0,8}$"
)
_CORRECTED = re.compile(
    r"so moi|sua lai|nham so|dinh chinh|doi so|so dung|ghi nham|viet nham|sai so|xin loi|\b(?:nham|lon)\b|"
    r"bo roi|mat roi|khong dung nua|doi roi|gio (?:dung|xai)"
)

_OLD_PREFIXES = {
    "120": "70", "121": "79", "122": "77", "126": "76", "128": "78", "123": "83", "124": "84", "125": "85",
    "127": "81", "129": "82", "162": "32", "163": "33", "164": "34", "165": "35", "166": "36", "167": "37",
    "168": "38", "169": "39", "186": "56", "188": "58", "199": "59",
}  # fmt: skip
"""Eleven-digit mobile prefixes until September 2018 and what they became (Kế hoạch 798/QĐ-BTTTT)."""

_MOBILE_PREFIXES = frozenset(
    [f"3{digit}" for digit in "23456789"]
    + [f"5{digit}" for digit in "25689"]
    + [f"7{digit}" for digit in "06789"]
    + [f"8{digit}" for digit in "123456789"]
    + [f"9{digit}" for digit in "012346789"]
    + ["55", "95", "87"]
)
_CANDIDATES = 60
_DIGITS = re.compile(r"\d")
_FEWEST_DIGITS = 6
"""As many as a number must have even when letters stand for some of its digits; most texts have fewer."""


def find_phones(folded: str) -> list[Found]:
    """Every telephone number, whoever's it is, in order; in the folded text."""
    found: list[Found] = []
    if len(_DIGITS.findall(folded)) >= _FEWEST_DIGITS:
        found = _find(folded)
        if not found and _LETTERS.search(folded):
            found = _find(_LETTERS.sub(_as_digits, folded))
    return found or _spoken(folded)


def has_none(folded: str) -> bool:
    """Whether the sender says to have no telephone: then any number that is given will reach him."""
    return _HAS_NONE.search(folded) is not None


def own_phone(folded: str, numbers: Sequence[Found]) -> Found | None:
    """Of several numbers of the sender's own the first one, or the last where it is introduced as a correction."""
    if not numbers:
        return None
    sure = [one for one in numbers if one.sure] or numbers
    last = sure[-1]
    if len(sure) > 1 and _CORRECTED.search(folded, sure[0].end, last.end):
        return last
    said = [one for one in sure if said_of_own(folded, one.start)] or sure
    mobile = [one for one in said if one.rule != "contact.phone.landline"]
    return (mobile or said)[0]


def said_of_own(folded: str, start: int) -> bool:
    """Whether the words before a number introduce it as the sender's: `sđt em`, `liên hệ`."""
    return _MINE.search(folded[max(0, start - 30) : start]) is not None


def said_of_another(folded: str, start: int, end: int) -> bool:
    """Whether the words beside a number say that it is somebody else's: `hotline`, `số chủ quán`."""
    before = folded[max(0, start - 48) : start]
    other = _NOT_OWN.search(before)
    if other and (_OF_MINE.search(other[0]) or _is_self(folded, other[0])):
        other = None  # `Bà Nguyễn Thị Bông … Số của bà 039…` speaks of herself.
    if other or _ACCUSED.match(folded, end):
        return True
    if _NAMED_OTHER.search(before) and not _REACHED.search(before):
        return True
    return _IN_BRACKETS_OF_ANOTHER.search(folded[max(0, start - 90) : start]) is not None


def _spoken(folded: str) -> list[Found]:
    """Numbers in words; seldom written, and then the only ones."""
    return [
        Found(value, start, end, "contact.phone.spoken")
        for digits, start, end in spoken_numbers(folded)
        if (value := _e164(digits)) and not _is_something_else(folded, start, end, sure=True)
    ]


def _find(folded: str) -> list[Found]:
    spans: dict[int, Found] = {}
    for pattern, rule, sure in (
        (_MOBILE, "contact.phone.mobile", True),
        (_LANDLINE, "contact.phone.landline", True),
        (_ABROAD, "contact.phone.abroad", True),
        (_NO_ZERO, "contact.phone.without_zero", False),
        (_NO_ZERO_SAID, "contact.phone.without_zero", False),
    ):
        for number, match in enumerate(pattern.finditer(folded)):
            if number >= _CANDIDATES:
                break
            start = match.start() + (len(match[0]) - len(match[0].lstrip("(")))
            if any(one.start < match.end() and start < one.end for one in spans.values()):
                continue
            value = _e164(match[0])
            if value and not _is_something_else(folded, start, match.end(), sure=sure):
                spans[start] = Found(value, start, match.end(), rule, sure)
    return [spans[start] for start in sorted(spans)]


def _as_digits(match: re.Match[str]) -> str:
    raw = match[0]
    digits = sum(sign.isdigit() for sign in raw)
    return raw.translate(str.maketrans("oil", "011")) if digits >= 6 else raw


def _is_self(folded: str, introduced: str) -> bool:
    """Whether the sender calls himself by the title that the number is said to be of."""
    return _OF_TITLE.search(introduced) is not None and introduced.split()[-1:] == folded[:12].split()[:1]


def _is_something_else(folded: str, start: int, end: int, *, sure: bool) -> bool:
    """Whether it is no telephone number: of an identity card, an account, a file; an amount of money."""
    if _NOT_PHONES.search(folded[max(0, start - 48) : start]):
        return True
    return not sure and _MONEY.match(folded, end) is not None


def _e164(raw: str) -> str | None:
    digits = "".join(sign for sign in raw if sign.isdigit())
    if raw.strip().startswith("+") and not digits.startswith("84"):
        return _abroad(digits)
    digits = digits.removeprefix("00")
    if digits.startswith("84") and len(digits) >= 11:
        digits = digits[2:]
    digits = digits.removeprefix("0")
    if len(digits) == 10 and digits[:3] in _OLD_PREFIXES:
        digits = _OLD_PREFIXES[digits[:3]] + digits[3:]
    if len(digits) == 9 and digits[:2] in _MOBILE_PREFIXES:
        return "+84" + digits
    if len(digits) == 10 and digits[0] == "2":
        return _abroad("84" + digits)
    return None


def _abroad(digits: str) -> str | None:
    """The number when the numbering plans of the world know it."""
    try:
        number = phonenumbers.parse("+" + digits)
    except phonenumbers.NumberParseException:
        return None
    return "+" + digits if phonenumbers.is_valid_number(number) else None


def normal_phone(given: str) -> str | None:
    """A number typed into a field or given by a channel as E.164; None when it is none."""
    return _e164(given) if sum(sign.isdigit() for sign in given) >= 8 else None
