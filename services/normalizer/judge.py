"""Judges one submission: every rule over one reading of its text; pure and deterministic."""

from gateway.domain.hygiene import clean_text
from gateway.domain.province import Province, Unit
from schemas.judgement import Classification, Evidence, RankedField
from schemas.ticket import Locality
from schemas.vocabulary import ContactItem, Label, Language
from services.normalizer.judgement import Clarity, Complaint, Judgement, Matter
from services.normalizer.lexicon import Lexicon
from services.normalizer.reading import Reading
from services.normalizer.rules.clarity import ClarityFound, clarity_of
from services.normalizer.rules.conduct import insults_in, masked_insults_in
from services.normalizer.rules.contact import contact_of, missing_items
from services.normalizer.rules.emergency import emergency_in
from services.normalizer.rules.language import language_of
from services.normalizer.rules.legal_complaint import complaint_in
from services.normalizer.rules.scope import Scope, evidence_of, scope_of
from services.normalizer.rules.signs import signs_in
from services.normalizer.rules.urgency import danger_in, foreign_danger_in

_UNKNOWN = Classification(ranked=(RankedField(label=Label.OTHER, subfield="other", confidence=0.1),))
MAX_PLACE = 500

_NO_MATTER = frozenset({Clarity.EMPTY, Clarity.MEDIA_ONLY, Clarity.GREETING, Clarity.THANKS, Clarity.UNCLEAR})


def judge(matter: Matter, province: Province, lexicon: Lexicon) -> Judgement:
    """What the rules find in a matter: never an error, whatever the text; the same for the same input.

    A field that an operator gave while typing the matter in is certain (Điều 8.1).
    """
    text = matter.text if matter.text.isascii() and matter.text.isprintable() else clean_text(matter.text)
    reading = lexicon.read(text)
    contact = contact_of(reading, matter, province, lexicon)
    masked = words_in(reading, contact.spans)
    scope = _given(matter) or scope_of(reading, masked, lexicon)
    language = language_of(text, lexicon, matter.language_chosen)
    signs = signs_in(reading, masked, lexicon)
    leads = lexicon.trained.leads(reading, masked, signs.terms)
    emergency = emergency_in(reading, lexicon, masked, language, signs, leads.emergency)
    complaint = complaint_in(
        reading, lexicon, masked, signs.complaints, service_points=scope.points, lead=leads.complaint
    )
    danger = danger_in(reading, lexicon)
    if language is Language.OTHER:
        danger += foreign_danger_in(reading, lexicon)
    insults = [evidence_of(reading, *span, "conduct.insult") for span in insults_in(reading, lexicon.conduct)]
    insults += [_masked(reading, span) for span in masked_insults_in(reading, lexicon.conduct)]
    clarity = _clarity(reading, masked, lexicon, scope, matter)
    if emergency or complaint.kind is not Complaint.NONE or matter.label_given:
        clarity = ClarityFound(Clarity.CLEAR, ())
    content = (ContactItem.CONTENT,) if clarity.clarity in _NO_MATTER else ()
    adverts = tuple(evidence_of(reading, one.first, one.last, "clarity.advertising") for one in clarity.found)
    # An advertisement puts no matter of the field that it sells to.
    fields = None if clarity.clarity is Clarity.ADVERTISING else scope.classification
    classification = None if content else fields or _UNKNOWN
    return Judgement(
        language=language,
        clarity=clarity.clarity,
        classification=classification,
        confident=scope.confident and classification is not None and clarity.clarity is not Clarity.ADVERTISING,
        contact=contact.contact,
        missing=missing_items(contact.contact) + content,
        place=_place(contact.place, matter.position),
        locality=_locality(contact.unit),
        emergency=emergency.label if emergency else None,
        complaint=complaint.kind,
        conduct=bool(insults),
        urgent=bool(danger) or emergency is not None,
        evidence=(
            (emergency.evidence if emergency else ())
            + complaint.evidence + danger + scope.evidence + adverts + tuple(insults[:5]) + contact.evidence
        ),
    )  # fmt: skip


def _clarity(reading: Reading, masked: frozenset[int], lexicon: Lexicon, scope: Scope, matter: Matter) -> ClarityFound:
    # A point on the map says as much as a photo: where it is, but not what.
    shared = matter.attachments + (matter.position is not None)
    return clarity_of(reading, masked, lexicon, points=scope.points, attachments=shared)


def _place(told: str | None, position: str | None) -> str | None:
    return "; ".join(part for part in (told, position) if part)[:MAX_PLACE] or None


def _given(matter: Matter) -> Scope | None:
    if matter.label_given is None:
        return None
    field = RankedField(label=matter.label_given, subfield=matter.subfield_given, confidence=1.0)
    return Scope(Classification(ranked=(field,)), confident=True, points=0.0, evidence=())


def words_in(reading: Reading, spans: tuple[tuple[int, int], ...]) -> frozenset[int]:
    """Numbers of the words that begin within spans of the text."""
    ordered = sorted(spans)
    found = set()
    at = 0
    for number, word in enumerate(reading.words):
        while at < len(ordered) and ordered[at][1] <= word.start:
            at += 1
        if at < len(ordered) and ordered[at][0] <= word.start < ordered[at][1]:
            found.add(number)
    return frozenset(found)


def _masked(reading: Reading, span: tuple[int, int]) -> Evidence:
    return Evidence(
        text=reading.text[span[0] : span[1]][:500],
        start=span[0],
        end=min(span[1], span[0] + 500),
        rule="conduct.masked",
    )


def _locality(unit: Unit | None) -> Locality | None:
    return unit.locality if unit else None
