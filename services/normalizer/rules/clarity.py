"""Điều 6.2: whether a text puts a matter at all, or only greets, thanks, advertises or says too little."""

from dataclasses import dataclass

from services.normalizer.judgement import Clarity
from services.normalizer.lexicon import Lexicon
from services.normalizer.patterns import Found
from services.normalizer.reading import Reading

_STRONG = 4.0
_MEDIUM = 2.0
_ADVERTS = 2


@dataclass(frozen=True, slots=True)
class ClarityFound:
    """How clear it is, and the advertising words if that is what it is."""

    clarity: Clarity
    found: tuple[Found, ...]


def clarity_of(
    reading: Reading, masked: frozenset[int], lexicon: Lexicon, *, points: float, attachments: int
) -> ClarityFound:
    """Judge the words that are left when greetings, fillers and contact are taken away.

    `points` are those of the best field: one strong phrase is a matter, however short the text.
    """
    found = lexicon.clarity.find(reading)
    adverts = tuple(one for one in found if one.tag == "advertising")
    sure_adverts = tuple(one for one in found if one.tag == "scam")
    reports = any(one.tag == "report" for one in found)
    if not reports and (len({one.written for one in adverts}) + 2 * len(sure_adverts) >= _ADVERTS):
        return ClarityFound(Clarity.ADVERTISING, adverts + sure_adverts)
    empty = set(masked)
    for one in found:
        if one.tag in ("greeting", "thanks", "filler"):
            empty.update(range(one.first, one.last))
    left = [number for number, word in enumerate(reading.words) if number not in empty and len(word.form) > 1]
    tags = {one.tag for one in found}
    return ClarityFound(_clarity(reading, left, tags, masked, points, attachments, lexicon), ())


def _clarity(
    reading: Reading,
    left: list[int],
    tags: set[str],
    masked: frozenset[int],
    points: float,
    attachments: int,
    lexicon: Lexicon,
) -> Clarity:
    if not reading.words:
        return Clarity.MEDIA_ONLY if attachments else Clarity.EMPTY
    if points >= _STRONG and len(left) >= 2:
        return Clarity.CLEAR
    if points >= _MEDIUM and len(left) >= 3:
        return Clarity.CLEAR
    if len(left) >= lexicon.thresholds.clear_words:
        return Clarity.CLEAR
    if "thanks" in tags and len(left) <= 1 and not masked:
        return Clarity.THANKS
    if not left and "greeting" in tags and not masked:
        return Clarity.GREETING
    return Clarity.UNCLEAR
