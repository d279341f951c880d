"""What the rules found in a message: language, field, contact, and the words that decided."""

from pydantic import Field

from schemas.base import Code, Personal, Value
from schemas.vocabulary import Label


class Evidence(Personal):
    """The words that made a rule hit; offsets count code points of the judged text."""

    text: str = Field(max_length=500)
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    rule: str = Field(max_length=100)


class RankedField(Value):
    """One field a matter may belong to."""

    label: Label
    subfield: Code | None = None
    confidence: float = Field(ge=0, le=1)


class Classification(Value):
    """The field of Article 4 that a matter belongs to; two fields at once stay a ranked list, best first."""

    ranked: tuple[RankedField, ...] = Field(min_length=1)

    @property
    def best(self) -> RankedField:
        """The most likely field."""
        return self.ranked[0]
