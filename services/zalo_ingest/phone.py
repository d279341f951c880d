"""Zalo's way to write a Vietnamese phone number, in E.164."""

import re

_NATIONAL = re.compile(r"(?:\+?84|0)([1-9][0-9]{8,9})")


def e164(text: str) -> str:
    """`84905123456`, `0905123456` or `+84 905 123 456` as `+84905123456`; anything else as it stands."""
    plain = re.sub(r"[\s.()\-]", "", text)
    match = _NATIONAL.fullmatch(plain)
    return text if match is None else f"+84{match[1]}"
