"""Reply tokens: what our own mails carry so that an answer to them is known, and by nobody else to be made.

A token names the submission's receipt code and the reply's id, and proves both together with the account they were
sent to. It stands in our Message-ID, which answers repeat in In-Reply-To and References, and in the plus-address of
our Reply-To, which survives programs that drop both. A token from another address proves nothing: whoever was
forwarded our mail opens nobody's ticket with it.

    <code: 11 signs><reply id: 26 signs><proof: 15 signs>      52 signs of the gateway's alphabet, in lower case
"""

import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from gateway.domain.identity import ALPHABET, Identity, check_sign, grouped, plain_signs

PURPOSE = "mail_reply"
MAX_LOCAL_PART = 64
"""RFC 5321, 4.5.3.1.1."""

_CODE, _REPLY, _PROOF = 11, 26, 15
_TOKEN = re.compile(r"(?:^|[+.])([2-9a-hj-np-z]{52})@", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a token says; nothing is proven before `proven` was asked."""

    code: str
    reply_id: UUID
    proof: str


def reply_token(identity: Identity, account: str, code: str, reply_id: UUID) -> str:
    """The token of one reply to one account."""
    body = plain_signs(code)[:_CODE].lower() + _signs(reply_id.int, _REPLY)
    return body + _proof(identity, account, code, reply_id)


def message_id(token: str, domain: str) -> str:
    """Our Message-ID that carries a token, without angle brackets."""
    return f"{token}@{domain}"


def reply_to(mailbox: str, token: str) -> str | None:
    """The mailbox with the token as its plus-address; None where that would be longer than an address may be."""
    local, _, domain = mailbox.rpartition("@")
    tagged = f"{local}+{token}"
    return f"{tagged}@{domain}" if len(tagged) <= MAX_LOCAL_PART else None


def claims(addresses: Iterable[str]) -> tuple[Claim, ...]:
    """Every token in Message-IDs and addresses, in order."""
    found = (_TOKEN.search(one) for one in addresses)
    return tuple(claim for one in found if one is not None and (claim := _read(one[1].upper())) is not None)


def proven(identity: Identity, account: str, claim: Claim) -> bool:
    """Whether we sent that reply about that submission to this account."""
    return hmac.compare_digest(claim.proof, _proof(identity, account, claim.code, claim.reply_id))


def _read(signs: str) -> Claim | None:
    code, reply, proof = signs[:_CODE], signs[_CODE : _CODE + _REPLY], signs[_CODE + _REPLY :]
    number = 0
    for sign in reply:
        number = number * len(ALPHABET) + ALPHABET.index(sign)
    if number >> 128:
        return None
    return Claim(grouped(code + check_sign(code)), UUID(int=number), proof.lower())


def _proof(identity: Identity, account: str, code: str, reply_id: UUID) -> str:
    return _signs(int.from_bytes(identity.token_mark(PURPOSE, account, code, reply_id.hex), "big"), _PROOF)


def _signs(number: int, count: int) -> str:
    """The last `count` signs of a number, the most significant first."""
    found = []
    for _ in range(count):
        number, rest = divmod(number, len(ALPHABET))
        found.append(ALPHABET[rest])
    return "".join(reversed(found)).lower()
