"""Renders the texts that citizens read; words and their order are data, the names of their blanks are declared here."""

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter

from gateway.domain.province.words import Bilingual
from gateway.errors import Invalid
from schemas.vocabulary import Intake, Language

_ABOUT = frozenset({"code", "hotline"})
_REFUSAL = _ABOUT | {"article", "understood", "place_to_turn", "reason"}
_EMERGENCY = _ABOUT | {"number", "article"}

_TEXTS: Mapping[str, frozenset[str]] = {
    "receipt": _ABOUT | {"due"},
    "acceptance": _ABOUT | {"label"},
    "supplement_request": _ABOUT | {"missing", "example", "article"},
    "rejection_foreign_language": _REFUSAL,
    "rejection_missing_contact": _REFUSAL,
    "rejection_out_of_scope": _REFUSAL,
    "rejection_by_operator": _REFUSAL,
    "redirect_emergency_police": _EMERGENCY,
    "redirect_emergency_fire_rescue": _EMERGENCY,
    "redirect_emergency_medical": _EMERGENCY,
    "redirect_complaint_denunciation": _ABOUT | {"article", "place_to_turn"},
    "merged": _ABOUT,
    "in_review": _ABOUT,
    "transferred": _ABOUT | {"agency", "due", "article", "label"},
    "result": _ABOUT | {"agency", "answer"},
    "added": _ABOUT,
    "files_at_lookup": _ABOUT | {"files", "address", "secret"},
    "unreadable_content": frozenset(),
    "public_answered": frozenset(),
    "public_answer_waits": frozenset({"hotline"}),
    "known_contact_confirm": frozenset({"contact"}),
    "notice_short": frozenset({"notice", "hotline"}),
    "missing_name": frozenset(),
    "missing_phone": frozenset(),
    "missing_address": frozenset(),
    "missing_content": frozenset(),
    "example_name": frozenset(),
    "example_phone": frozenset(),
    "example_address": frozenset(),
    "example_content": frozenset(),
    "shared_position": frozenset({"latitude", "longitude"}),
    "place_to_turn": frozenset({"agency", "address", "number"}),
}

_IN_CHATS = (
    "acceptance",
    "supplement_request",
    "rejection_foreign_language",
    "rejection_missing_contact",
    "rejection_out_of_scope",
    "rejection_by_operator",
    "redirect_emergency_police",
    "redirect_emergency_fire_rescue",
    "redirect_emergency_medical",
    "redirect_complaint_denunciation",
    "merged",
    "in_review",
    "transferred",
    "result",
    "known_contact_confirm",
)
"""What has a shorter form for chats: at most three sentences and one question."""

PLACEHOLDERS: Mapping[str, frozenset[str]] = {
    **_TEXTS,
    **{f"{key}_chat": _TEXTS[key] for key in _IN_CHATS},
    "supplement_request_comment": _TEXTS["supplement_request"],
}
"""Every text the gateway renders, with the blanks that its sentence may have; each is there in both languages."""


_FORMS: Mapping[Intake, tuple[str, ...]] = {Intake.CHAT: ("_chat",), Intake.COMMENT: ("_comment", "_chat")}


def form_for(key: str, intake: Intake) -> str:
    """The key of the form that a text has for an intake; the text itself where there is none of its own."""
    forms = (key + form for form in _FORMS.get(intake, ()))
    return next((form for form in forms if form in PLACEHOLDERS), key)


def blanks(template: str) -> frozenset[str]:
    """Names of a template's blanks. Raises `Invalid` when it is malformed or asks for more than a plain name."""
    found = set()
    try:
        for _, name, form, conversion in Formatter().parse(template):
            if name is None:
                continue
            if not name.isidentifier() or form or conversion:
                raise Invalid("not_a_plain_blank", "A blank is a plain name in braces.")
            found.add(name)
    except ValueError as error:
        raise Invalid("malformed_template", "Braces do not match.") from error
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Texts:
    """The templates of both languages by key."""

    vi: Mapping[str, str]
    en: Mapping[str, str]

    def render(self, key: str, language: Language, values: Mapping[str, str]) -> str:
        """Fill in a text; for another language the Vietnamese and the English one, an empty line between.

        A `Bilingual` value gives its English half to the English text. Raises `Invalid` when a blank has no value.
        """
        if language is Language.VI:
            return _filled(self.vi, key, values)
        english = {name: value.english if isinstance(value, Bilingual) else value for name, value in values.items()}
        if language is Language.EN:
            return _filled(self.en, key, english)
        return f"{_filled(self.vi, key, values)}\n\n{_filled(self.en, key, english)}"


def _filled(templates: Mapping[str, str], key: str, values: Mapping[str, str]) -> str:
    try:
        return templates[key].format_map(values)
    except KeyError as error:
        raise Invalid("text_incomplete", "A reply text or the value of one of its blanks is missing.") from error
