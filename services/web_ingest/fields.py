"""Reads and checks what a citizen typed into the form, while they can still mend it (Điều 6.2, 6.3)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import phonenumbers

from gateway.domain.hygiene import MAX_TEXT, clean_line, clean_text
from services.web_ingest.faults import FieldFault

LINES = {"name": 120, "phone": 40, "email": 254, "address": 300, "place": 300, "reference": 100, "called_at": 40}
"""One-line fields and their longest values."""

MIN_CONTENT = 10
HONEYPOT = "website"
_EMAIL = re.compile(r"[^\s@<>\",;]{1,64}@[^\s@<>\",;.]+(\.[^\s@<>\",;.]+)+")
_MOBILE = re.compile(r"(?:\+?84|0)[35789]\d{8}")


@dataclass(frozen=True, slots=True)
class Typed:
    """A form's values, cleaned, and what is wrong with them."""

    values: dict[str, str]
    faults: tuple[FieldFault, ...]


def read_submission(fields: Mapping[str, str]) -> Typed:
    """Values of the public form; name, phone and address are asked for at once (Điều 6.3)."""
    values = cleaned(fields)
    faults = [*too_long(fields), *content_faults(values["content"])]
    if sum(sign.isalpha() for sign in values["name"]) < 2:
        faults.append(FieldFault("name", "missing" if not values["name"] else "absurd"))
    if not values["phone"]:
        faults.append(FieldFault("phone", "missing"))
    if len(values["address"]) < 5 or not any(sign.isalpha() for sign in values["address"]):
        faults.append(FieldFault("address", "missing" if not values["address"] else "absurd"))
    faults += contact_faults(values)
    if fields.get(HONEYPOT, "").strip():
        faults.append(FieldFault(HONEYPOT, "leave_empty"))
    return Typed(values, first_per_field(faults))


def read_addition(fields: Mapping[str, str], *, uploads: int, asked: Sequence[str] = ()) -> Typed:
    """Values of an addition: any one of them will do, since the citizen answers what was asked.

    Where nothing was typed, each field in `asked` says so.
    """
    values = cleaned(fields)
    faults = [*too_long(fields), *contact_faults(values)]
    given = any(values[name] for name in ("content", "name", "phone", "address", "email"))
    if not given and not uploads:
        faults += [FieldFault(name, "missing") for name in asked or ("content",)]
    return Typed(values, first_per_field(faults))


def cleaned(fields: Mapping[str, str]) -> dict[str, str]:
    """Every text field of the forms, harmless and bounded; absent ones are empty."""
    values = {name: clean_line(fields.get(name, ""), limit=limit) for name, limit in LINES.items()}
    values["content"] = clean_text(fields.get("content", "")).strip()
    return values


def too_long(fields: Mapping[str, str]) -> list[FieldFault]:
    """Fields that were longer than allowed, before they were cut."""
    limits = {**LINES, "content": MAX_TEXT}
    return [FieldFault(name, "too_long") for name, limit in limits.items() if len(fields.get(name, "").strip()) > limit]


def content_faults(content: str) -> list[FieldFault]:
    """Whether there is a text at all; whether it is clear is judged later."""
    if not content:
        return [FieldFault("content", "missing")]
    if sum(sign.isalnum() for sign in content) < MIN_CONTENT:
        return [FieldFault("content", "too_short")]
    return []


def contact_faults(values: Mapping[str, str]) -> list[FieldFault]:
    """A phone number or email address that cannot be one."""
    faults = []
    if values["phone"] and e164(values["phone"]) is None:
        faults.append(FieldFault("phone", "absurd"))
    if values["email"] and not _EMAIL.fullmatch(values["email"]):
        faults.append(FieldFault("email", "absurd"))
    return faults


def first_per_field(faults: list[FieldFault]) -> tuple[FieldFault, ...]:
    """One sentence beside each field is enough."""
    found: dict[str, FieldFault] = {}
    for fault in faults:
        found.setdefault(fault.field, fault)
    return tuple(found.values())


def e164(text: str) -> str | None:
    """A phone number in E.164, read as Vietnamese unless it says its country; None when it cannot be one.

    Vietnamese mobile prefixes count even where the library's numbering plan is older than they are.
    """
    plain = re.sub(r"[\s.()\-]", "", text)
    if _MOBILE.fullmatch(plain):
        return f"+84{plain[-9:]}"
    try:
        number = phonenumbers.parse(text, "VN")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
