"""Names and texts of a deployment in both languages of the hotline (Điều 6.1)."""

from dataclasses import dataclass

from schemas.vocabulary import Language


class Bilingual(str):
    """A text that reads as Vietnamese and knows its English; made for `Language.OTHER`, where both are shown."""

    __slots__ = ("english",)
    english: str

    @classmethod
    def of(cls, vi: str, en: str) -> "Bilingual":
        """Join the two halves of one text."""
        made = cls(vi)
        made.english = en
        return made


@dataclass(frozen=True, slots=True)
class Words:
    """One name or text in Vietnamese and English."""

    vi: str
    en: str

    def of(self, language: Language) -> str:
        """The text in a language; for `Language.OTHER` a `Bilingual`, of which a reply shows both halves."""
        if language is Language.VI:
            return self.vi
        return self.en if language is Language.EN else Bilingual.of(self.vi, self.en)


NO_WORDS = Words("", "")
"""Where a deployment has nothing to say."""
