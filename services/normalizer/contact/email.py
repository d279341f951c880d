"""Finds the citizen's e-mail address in a text."""

import re

from services.normalizer.contact.found import Found

_LOCAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._%+\-]{0,63}$")
_DOMAIN = re.compile(r"[A-Za-z0-9\-]{1,63}(?:\.[A-Za-z0-9\-]{1,63}){0,4}\.[A-Za-z]{2,24}")
_MOST = 20


def own_email(text: str) -> Found | None:
    """The first address that is not of a government office; the hotline's own is often quoted."""
    at = -1
    for _ in range(_MOST):
        at = text.find("@", at + 1)
        if at < 0:
            return None
        local = _LOCAL.search(text[max(0, at - 64) : at])
        domain = _DOMAIN.match(text, at + 1)
        if local and domain and not domain[0].lower().endswith(".gov.vn"):
            start = at - len(local[0])
            return Found(text[start : domain.end()].lower(), start, domain.end(), "contact.email")
    return None
