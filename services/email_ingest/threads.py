"""Tells which submission a mail answers: by our own reply tokens and from the same address only."""

from gateway.domain.identity import Identity
from services.email_ingest.mail import Mail
from services.email_ingest.tokens import Claim, claims, proven


def answered(mail: Mail, account: str, identity: Identity) -> str | None:
    """The receipt code of the submission that `account` adds to with this mail; None for a new matter.

    What the mail answers directly counts before what it merely refers to. A receipt code in subject or text opens
    nothing: it can be read over a shoulder.
    """
    for claim in claims((*mail.references, *mail.delivered_to)):
        if proven(identity, account, claim):
            return claim.code
    return None


def returned(mail: Mail) -> tuple[Claim, ...]:
    """Which of our replies a bounce gives back: still to be proven with the account that the reply went to."""
    return claims((*mail.returned, *mail.references, *mail.delivered_to))
