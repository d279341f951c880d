"""What a deployment sets once: its clocks, its channels and its privacy notice."""

from dataclasses import dataclass

from gateway.domain.province.words import Words
from schemas.vocabulary import Intake, Language


@dataclass(frozen=True, slots=True)
class Times:
    """Deadlines: `quiet_seconds` and `supplement_hours` in wall-clock time, the others in working hours (Điều 10)."""

    quiet_seconds: int
    supplement_hours: int
    focal_officer_hours: int
    head_hours: int


@dataclass(frozen=True, slots=True)
class ChannelData:
    """One way to reach the hotline (Điều 2, 3.5): `code` is the gateway's channel, `address` where citizens find it."""

    code: str
    intake: Intake
    names: Words
    address: str

    def name(self, language: Language) -> str:
        """Its name as citizens know it."""
        return self.names.of(language)


@dataclass(frozen=True, slots=True)
class Notice:
    """The privacy notice of the first answer; `version` is recorded with every consent."""

    version: str
    texts: Words

    def text(self, language: Language) -> str:
        """The notice; for another language both texts, one after the other."""
        if language is Language.OTHER:
            return f"{self.texts.vi}\n\n{self.texts.en}"
        return self.texts.of(language)
