"""The 8-bit Vietnamese charsets that Python has no codec for, as tables, and the 7-bit one as rules.

Facts: VISCII 1.1 and VIQR are RFC 1456; TCVN3 (the fonts called ABC) is TCVN 5712:1993, whose letters above 0x80 are
the same in all three of its variants wherever all three define them.
"""

import re
import unicodedata

_ASCII = "".join(map(chr, range(128)))

TCVN3 = _ASCII + (
    "ÀẢÃÁẠẶẬÈẺẼÉẸỆÌỈĨ"
    "ÍỊÒỎÕÓỌỘỜỞỠỚỢÙỦŨ"
    "\u00a0ĂÂÊÔƠƯĐăâêôơưđẰ"
    "\u0300\u0309\u0303\u0301\u0323àảãáạẲằẳẵắẴ"
    "ẮẦẨẪẤỀặầẩẫấậèỂẻẽ"
    "éẹềểễếệìỉỄẾỒĩíịò"
    "Ổỏõóọồổỗốộờởỡớợù"
    "ỖủũúụừửữứựỳỷỹýỵỐ"
)
"""256 signs; capital letters below 0x20 (variant VN1) are left out, because mails hold control characters there."""

_VISCII_BELOW_32 = {0x02: "Ẳ", 0x05: "Ẵ", 0x06: "Ẫ", 0x14: "Ỷ", 0x19: "Ỹ", 0x1E: "Ỵ"}

VISCII = "".join(_VISCII_BELOW_32.get(code, sign) for code, sign in enumerate(_ASCII)) + (
    "ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐ"
    "ỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲ"
    "Õắằặấầẩậẽẹếềểễệố"
    "ồổỗỠƠộờởịỰỨỪỬơớƯ"
    "ÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳ"
    "ĐứÒÓÔạỷừửÙÚỹỵÝỡư"
    "àáâãảăữẫèéêẻìíĩỉ"
    "đựòóôõỏọụùúũủýợỮ"
)

_BREVE = {"^": "\u0302", "(": "\u0306", "+": "\u031b"}
_TONE = {"`": "\u0300", "?": "\u0309", "~": "\u0303", "'": "\u0301", ".": "\u0323"}
_VIQR = re.compile(r"\\(.)|([dD])[dD]|([aA]\(|[aeoAEO]\^|[ouOU]\+|[aeiouyAEIOUY])([`?~'.]?)", re.DOTALL)

_VIQR_WORD = re.compile(r"[a-zA-Z]*(?:[aeo]\^|[ou]\+|a\()(?:[`?~'.]?[a-z])", re.IGNORECASE)
_WORD = re.compile(r"[a-zA-Z]+")
_VIQR_WORDS = 4
_VIQR_SHARE = 0.15


def from_table(raw: bytes, table: str) -> str:
    """Decode by a table of 256 signs."""
    return raw.decode("latin-1").translate(dict(enumerate(table)))


def from_viqr(text: str) -> str:
    """Vietnamese out of its 7-bit spelling, for example `ddu+o+`ng` for đường."""
    return unicodedata.normalize("NFC", _VIQR.sub(_viqr_sign, text))


def looks_like_viqr(text: str) -> bool:
    """Whether ASCII text is VIQR: several words with a circumflex, breve or horn sign inside, as no other text has."""
    sample = text[:8000]
    found = len(_VIQR_WORD.findall(sample))
    return found >= _VIQR_WORDS and found >= _VIQR_SHARE * len(_WORD.findall(sample))


def _viqr_sign(found: re.Match[str]) -> str:
    escaped, stroke, vowel, tone = found.groups()
    if escaped is not None:
        return str(escaped)
    if stroke is not None:
        return "Đ" if stroke == "D" else "đ"
    return str(vowel[0]) + _BREVE.get(vowel[1:], "") + _TONE.get(tone, "")
