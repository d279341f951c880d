"""Says what an operator can do about a refused command, by the reason that its history's writer recorded."""

from collections.abc import Mapping

UNCHANGED = "The command was refused; nothing was changed."

ADVICE: Mapping[str, str] = {
    "already_a_ticket": "It is a ticket: `gateway review CODE route` moves it, `gateway answer CODE` answers it.",
    "already_answered": "The citizen has the answer: `gateway show CODE` tells it.",
    "already_there": "That agency has the ticket.",
    "label_is_redirected": "The hotline does not handle this label: `gateway review CODE redirect --to LABEL`.",
    "no_redirect_label": "Only emergencies, complaints and denunciations are redirected.",
    "not_in_charge": "Another agency has the ticket: `gateway show CODE` names it.",
    "outdated_version": "It has changed since: look again with `gateway show CODE`, then decide.",
    "unknown_agency": "No agency has this code today: `gateway agencies` lists them.",
    "unknown_article": "The regulation has no such clause.",
}
"""Reasons that an operator can do something about."""


def told_refusal(reason: str) -> str:
    """That nothing was changed, and what to do instead where that is known."""
    return f"{UNCHANGED} {ADVICE[reason]}" if reason in ADVICE else UNCHANGED
