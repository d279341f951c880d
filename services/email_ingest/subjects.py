"""Tells what of a subject its sender said: without the prefixes of programs, and not what it only repeats."""

import re

from services.email_ingest.quote_words import FORWARD_PREFIXES, NO_SUBJECT, REPLY_PREFIXES

_PREFIX = re.compile(
    r"\s*\[?(?P<word>" + "|".join(re.escape(word) for word in (*REPLY_PREFIXES, *FORWARD_PREFIXES)) + r")"
    r"(?:\s?\[\d{1,3}\]|\s?\(\d{1,3}\)|\^\d{1,3})?\s?[:：]\]?\s*",
    re.IGNORECASE,
)
MAX_PREFIXES = 20


def own_subject(subject: str) -> str:
    """The subject as its sender wrote it; empty for none, for programs' placeholders, and for that of an answer."""
    said = subject.strip()
    for _ in range(MAX_PREFIXES):
        prefix = _PREFIX.match(said)
        if prefix is None:
            break
        if prefix["word"].lower() in REPLY_PREFIXES:
            return ""
        said = said[prefix.end() :]
    said = said.strip()
    return "" if said.lower().strip("[]<>()") in NO_SUBJECT else said


def with_subject(subject: str, text: str) -> str:
    """The text with its subject as first line, unless it says nothing or the text begins with it anyway."""
    said = own_subject(subject)
    if not said or text.lstrip().lower().startswith(said.lower()):
        return text
    return f"{said}\n\n{text}" if text.strip() else said
