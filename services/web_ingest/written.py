"""Writes a checked form down as the JSON that `read` understands: the canonical body of what came without one."""

from collections.abc import Mapping
from datetime import datetime

from schemas.vocabulary import Intake, Label, Language
from services.web_ingest.bodies import ConsentBody, ContactBody, EntryBody, FormBody


def written_form(values: Mapping[str, str], language: Language, consent: ConsentBody | None) -> bytes:
    """The public form or an addition, from cleaned values."""
    body = FormBody(
        content=values["content"],
        contact=_contact(values),
        place=values["place"] or None,
        language=_spoken(language),
        consent=consent,
    )
    return body.model_dump_json(exclude_none=True).encode()


def written_entry(
    values: Mapping[str, str], intake: Intake, received_at: datetime | None, label: Label | None, subfield: str | None
) -> bytes:
    """An operator's entry from the page, from cleaned values."""
    body = EntryBody.model_validate(
        {
            "content": values["content"],
            "contact": _contact(values),
            "place": values["place"] or None,
            "intake": intake,
            "reference": values["reference"] or None,
            "received_at": received_at,
            "label": label,
            "subfield": subfield,
        }
    )
    return body.model_dump_json(exclude_none=True).encode()


def _contact(values: Mapping[str, str]) -> ContactBody:
    return ContactBody(
        name=values["name"] or None,
        phone=values["phone"] or None,
        email=values["email"] or None,
        address=values["address"] or None,
    )


def _spoken(language: Language) -> Language:
    return Language.EN if language is Language.EN else Language.VI
