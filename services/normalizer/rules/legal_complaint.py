"""Điều 4.6: complaints and denunciations in the sense of the law, told from the everyday use of the words."""

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.judgement import Evidence
from schemas.vocabulary import Label
from services.normalizer.judgement import Complaint
from services.normalizer.lexicon import Lexicon
from services.normalizer.patterns import Found
from services.normalizer.reading import Reading
from services.normalizer.rules.scope import evidence_of

_SERVICE = 4
"""Points of a field from which a text clearly is about a service."""


@dataclass(frozen=True, slots=True)
class ComplaintFound:
    """How certain it is, and the words that say so."""

    kind: Complaint
    evidence: tuple[Evidence, ...]


def complaint_in(
    reading: Reading,
    lexicon: Lexicon,
    masked: frozenset[int],
    found: Sequence[Found],
    *,
    service_points: float,
    lead: float,
) -> ComplaintFound:
    """Whether the text puts a legal complaint or denunciation.

    Of the patterns `found`, `legal` ones decide unless an `everyday` one stands there too. The bare `word` ("khiếu
    nại", "tố cáo") is an everyday word where the rest of the text clearly is about a service (`service_points`); else
    a person decides. Many who put one use none of these words: likeness to such texts tells, `lead` being how much
    more it is like them than like all else; where it is little, a person decides again.
    """
    named = _named(reading, found, service_points=service_points)
    limits = lexicon.thresholds
    everyday = any(one.tag == "everyday" for one in found)
    # Of a matter that is clearly about a service a little likeness says no more than that it is put formally.
    enough = limits.complaint_legal if service_points >= _SERVICE else limits.complaint_possible
    if named.kind is not Complaint.NONE or everyday or lead < enough:
        return named
    kind = Complaint.LEGAL if lead >= limits.complaint_legal else Complaint.POSSIBLE
    telling = lexicon.trained.telling(reading, masked, Label.COMPLAINT_DENUNCIATION)
    rule = f"legal_complaint.{kind.value}"
    return ComplaintFound(kind, tuple(evidence_of(reading, number, number + 1, rule) for number in telling))


def _named(reading: Reading, found: Sequence[Found], *, service_points: float) -> ComplaintFound:
    legal = [one for one in found if one.tag == "legal"]
    everyday = [one for one in found if one.tag == "everyday"]
    words = [one for one in found if one.tag in ("word", "accusation")]
    if legal:
        return _made(reading, Complaint.POSSIBLE if everyday else Complaint.LEGAL, legal)
    if everyday or not words:
        return ComplaintFound(Complaint.NONE, ())
    grave = any(one.tag == "grave" for one in found) or any(one.tag == "accusation" for one in words)
    if service_points >= _SERVICE and not grave:
        return ComplaintFound(Complaint.NONE, ())
    return _made(reading, Complaint.POSSIBLE, words)


def _made(reading: Reading, kind: Complaint, found: list[Found]) -> ComplaintFound:
    rule = f"legal_complaint.{kind.value}"
    return ComplaintFound(kind, tuple(evidence_of(reading, one.first, one.last, rule) for one in found[:5]))
