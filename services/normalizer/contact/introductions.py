"""The ways in which senders introduce their names, and where a text may do so: `tôi tên là`, `họ tên:`, `em là`."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from services.normalizer.contact.word_places import holds_any, places_of
from services.normalizer.reading import Reading

_LABEL = re.compile(
    r"(?<!\w)(?:ho va ten|ho ten|ho & ten|(?:ho )?ten nguoi (?:gui|goi|phan anh|dan|lien he|nop don|nop thue|lam don)|"
    r"nguoi (?:gui|goi|phan anh|viet|kien nghi|lien he|nop|lam don|bao|bao tin|hoi)|"
    r"bao tin(?=\s?: ?(?:ong|ba|anh|chi)\b)|dau moi(?: lien he)?|"
    r"nguoi dai dien(?: theo)?(?: phap luat)?|dai dien|ten cong dan|cong dan|full name|name|from|"
    r"contact(?: person)?|ten)"
    r"\s{0,2}[:=]\s{0,3}(?:ong|ba|anh|chi|mr|mrs|ms)?\.?\s{0,2}"
)
_SAID = re.compile(
    r"(?<!\w)ho va ten\s+|(?<!\w)ho ten\s+|(?<!\w)ten\s+(?:du|day du)\s+|"
    r"(?<!\w)(?<!dat )(?:"
    r"(?:toi|em|e|minh|mih|mk|tui|con|chau|chi|anh|bac|t)\s+(?:ho\s+)?ten\s+(?:day du\s+)?(?:la\s+)?|"
    r"(?<!dat )(?<!sang )ten\s+(?:cua\s+)?(?:toi|em|minh|mk|tui|con|chau|e)\s*(?:la|:)?\s+|"
    r"toi\s+la\s+ten\s+|ten\s+la\s+|ten\s+day\s+du\s+(?:la\s+)?|(?:em|toi|minh|con)\s+goi\s+la\s+|"
    r"(?:toi|tui|em)\s+dung\s+don\s+la\s+|nguoi\s+(?:viet|lam don|phan anh)\s+la\s+|my name(?:'s| is)\s+|name'?s\s+)"
)
_AM = re.compile(
    r"(?<!\w)(?:(?:toi|em|e|minh|mih|mk|tui|con|chau|qua)\s+(?:la|:)\s+(?:(?:ba|ong|chi|anh|co|chu)\s+)?|"
    r"(?:i am|i'm|im|this is)\s+(?:(?:mr|mrs|ms|dr|prof)\.?\s+)?(?!an?\s|the\s)|nguoi viet[: ]+)"
)
_IN_ROLE = re.compile(
    r"(?<!\w)(?:toi|em|e|minh|tui|con|chau)\s+(?:la|:)\s+(?:phu huynh|giao vien|co giao|thay giao|"
    r"y si|bac si|dieu duong|truong thon|truong ap|to truong|bi thu|chu ho|chu tro|chu quan|chu co so|"
    r"nguoi dan|cong nhan|hoi vien|sinh vien|hoc sinh|cuu chien binh|can bo huu tri)"
    r"\s+(?:to \d+ |(?:ong|ba|anh|chi)\s+)?"
)
"""`tôi là phụ huynh Phan Thị Hồng Đào`: what the sender is, before the name."""

_NAMED = re.compile(
    r"(?:^|\n)\s*(?:da\s+)?ten\s+|(?:^|[\n.!?]\s*)(?:da\s+)?(?:chi|anh|co|chu|bac|di)\s+(?:la|ten)\s+|"
    r"(?:^|[\n.;,]\s*)(?:toi|em|minh|tui)\s?[,:]\s+"
)
"""Openings that introduce somebody only where a family name and a whole name follow."""

_NAMED_HOLDS = frozenset({"ten", "chi la", "anh la", "co la", "chu la", "bac la", "di la"})
_CALLED = frozenset({"toi", "em", "minh", "tui"})
"""Words of which a text that they fit holds one, and those that a comma or colon follows."""

_SELF = re.compile(r"(?<!\w)(?:toi|tui|em|minh)\s+(?:keu\s+)?(?!la\s)(?=\S)")

_PRONOUNS = frozenset({"toi", "tui", "em", "e", "minh", "mih", "mk", "con", "chau"})


class Introduction(NamedTuple):
    """A way in which a name is introduced.

    `begins` are forms of the words with which the pattern begins; without any it begins with the sign before them.
    `demanding` is how much the words after it must look like a name: 1 asks for a family name or capitals, 2 for a
    family name and capitals or three words.
    """

    pattern: re.Pattern[str]
    rule: str
    demanding: int
    begins: frozenset[str]


INTRODUCTIONS = (
    Introduction(
        _LABEL,
        "label",
        0,
        frozenset({"ho", "ten", "nguoi", "bao", "dau", "dai", "cong", "full", "name", "from", "contact"}),
    ),
    Introduction(
        _SAID, "said", 0, _PRONOUNS | {"ho", "ten", "chi", "anh", "bac", "t", "nguoi", "mi", "name", "names", "name's"}
    ),
    Introduction(_AM, "am", 1, _PRONOUNS | {"qua", "i", "i'm", "im", "this", "nguoi"}),
    Introduction(_IN_ROLE, "am", 2, _PRONOUNS),
    Introduction(_NAMED, "named", 2, frozenset()),
    Introduction(_SELF, "self", 2, _PRONOUNS),
)


def introduced(reading: Reading, way: Introduction) -> Iterator[re.Match[str]]:
    """Where the pattern fits, in order, none over another: looked at only where one of its first words stands."""
    if not way.begins and _may_be_named(reading):
        yield from way.pattern.finditer(reading.folded)
    behind = 0
    for number in places_of(reading, way.begins):
        start = reading.words[number].start
        match = way.pattern.match(reading.folded, start) if start >= behind else None
        if match:
            behind = match.end()
            yield match


def _may_be_named(reading: Reading) -> bool:
    """Whether the text holds words that introduce somebody, or a pronoun with a comma or colon behind it."""
    if holds_any(reading, _NAMED_HOLDS):
        return True
    gaps = (reading.gap(number + 1) for number in places_of(reading, _CALLED) if number + 1 < len(reading.words))
    return any(gap.lstrip().startswith((",", ":")) for gap in gaps)
