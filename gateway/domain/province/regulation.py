"""The coordination regulation as data: its articles, its fields of Article 4 and how each is transferred."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from gateway.domain.province.words import Words
from gateway.errors import Invalid
from schemas.vocabulary import Label, Language

CITED = (
    *("4.1", "4.2", "4.3", "4.4", "4.5", "4.6", "6.1", "6.2", "6.3", "8.2", "8.3", "9.1", "9.2", "9.3", "9.4", "9.5"),
    *("9.6", "10.1", "10.2", "10.3", "15.4", "17.2", "18.2", "18.5"),
)
"""Clauses that the rules cite: a regulation that lacks one is refused at start, so no citation fails later."""


class TransferPolicy(StrEnum):
    """Whether a ticket goes to its agency by itself or waits for an operator (Điều 8, 9)."""

    AUTOMATIC = "automatic"
    OPERATOR_CONFIRMS = "operator_confirms"


@dataclass(frozen=True, slots=True)
class LabelRule:
    """One field of Article 4; `min_confidence` is the least at which an automatic transfer is allowed, 0 to 1."""

    names: Words
    article: str
    transfer_policy: TransferPolicy
    min_confidence: float
    subfields: Mapping[str, Words]


@dataclass(frozen=True, slots=True)
class Emergency:
    """The number to call at once (Điều 4.6)."""

    number: str
    names: Words

    def name(self, language: Language) -> str:
        """The service behind the number."""
        return self.names.of(language)


@dataclass(frozen=True, slots=True)
class Regulation:
    """A decision with its fields; `articles` maps "6.3" or "19" to its full citation."""

    id: str
    version: str
    valid_from: date
    names: Words
    articles: Mapping[str, Words]
    labels: Mapping[Label, LabelRule]
    emergencies: Mapping[Label, Emergency]

    def citation(self, article: str) -> Words:
        """How a clause is cited to a citizen. Raises `Invalid` for one that the regulation does not have."""
        found = self.articles.get(article)
        if found is None:
            raise Invalid("unknown_article", "The regulation has no such clause.")
        return found
