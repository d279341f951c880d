"""Derived identities: accounts, message ids, receipt codes and secrets, the same at every stage and every repeat."""

import hmac
from dataclasses import dataclass
from uuid import UUID, uuid5

NAMESPACE = UUID("5f0d9a5e-1022-5000-8000-000000001022")
"""Root of every derived id of the gateway."""

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""32 signs that are not mistaken for each other when read out: no 0/O, no 1/I."""

DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2212"
"""Phones and word processors put other dashes in place of the typed one."""

PAIRS = tuple(first + second for second in ALPHABET for first in ALPHABET)
"""Ten bits as two signs, the lower five first."""

VALUES = {sign: value for value, sign in enumerate(ALPHABET)}

CODE_SIGNS = 12
SECRET_SIGNS = 12


@dataclass(frozen=True, slots=True, repr=False)
class Identity:
    """Keyed derivations; `key` (32 bytes) is part of the data: backed up, never rotated in place."""

    key: bytes

    def account(self, channel: str, user_id: str) -> str:
        """The citizen's account on a channel: 32 hex digits that do not reveal the channel's user id."""
        return self._digest("account", channel, user_id).hex()[:32]

    def account_of_unreadable(self, channel: str, endpoint: str, raw_id: UUID) -> str:
        """An account for one raw message of which nobody can tell who wrote it; no citizen's account is ever equal."""
        return self._digest("account of unreadable", channel, endpoint, raw_id.hex).hex()[:32]

    def inbound_id(self, channel: str, account: str, external_id: str, digest: str = "") -> UUID:
        """The id of one message at its source; `digest` joins where external ids are not to be trusted (mail)."""
        return _uuid8(self._digest("inbound", channel, account, external_id, digest)[:16])

    def receipt_code(self, inbound_id: UUID) -> str:
        """Eleven derived signs and a check sign, grouped by four: `7KQX-4M9T-2BHW`."""
        body = _signs(self._digest("code", inbound_id.hex), CODE_SIGNS - 1)
        return grouped(body + check_sign(body))

    def lookup_secret(self, code: str) -> str:
        """Proof that one received the code from us: twelve signs, 60 bits, grouped by four."""
        return grouped(_signs(self._digest("secret", code), SECRET_SIGNS))

    def secret_matches(self, code: str, secret: str) -> bool:
        """Compare in constant time, forgiving case, spaces and dashes."""
        given = plain_signs(secret).encode("ascii", "replace")
        return hmac.compare_digest(plain_signs(self.lookup_secret(code)).encode("ascii"), given)

    def term(self, name: str, value: str) -> str:
        """An index entry for a value that must not be readable, such as a phone number."""
        return f"{name}:{self._digest('term', name, value).hex()[:32]}"

    def token_mark(self, purpose: str, *parts: str) -> bytes:
        """32 bytes that prove, to us alone, that we put these parts together for this purpose."""
        return self._digest("token", purpose, *parts)

    def fingerprint(self) -> str:
        """Tells whether this is the key the data was written with, without revealing it."""
        return self._digest("fingerprint").hex()[:16]

    def _digest(self, *parts: str) -> bytes:
        framed = b"".join([len(raw).to_bytes(4, "big") + raw for raw in map(str.encode, parts)])
        return hmac.digest(self.key, framed, "sha256")


def message_id(cause: UUID, topic: str, number: int) -> UUID:
    """Id of the `number`-th message that a cause puts on a topic: the same whenever it is published again."""
    return uuid5(NAMESPACE, f"message/{cause}/{topic}/{number}")


def stub_cause(inbound_id: UUID) -> UUID:
    """The cause under which a message's stub is recorded: never the message's own, which can be read some day."""
    return uuid5(inbound_id, "unreadable")


def timer_id(history: str, kind: str, due_at: str) -> UUID:
    """Id of one firing of a timer; `due_at` as ISO text in UTC."""
    return uuid5(NAMESPACE, f"timer/{history}/{kind}/{due_at}")


def command_id(code: str, version_seen: int, verdict: str, operator: str) -> UUID:
    """Id of a command: the same verdict of the same operator on the same version is one command."""
    return uuid5(NAMESPACE, f"command/{code}/{version_seen}/{verdict}/{operator}")


def agency_cause(agency: str, answer_id: UUID) -> UUID:
    """The cause under which an agency's answer is recorded: ids that others choose never meet the gateway's own."""
    return uuid5(NAMESPACE, f"agency/{agency}/{answer_id}")


def reread_id(inbound_id: UUID, run: str) -> UUID:
    """Id of the correction of a message by one run of reading again: each run corrects it once."""
    return uuid5(NAMESPACE, f"reread/{inbound_id}/{run}")


def settlement_id(withdrawal: UUID, operator: str) -> UUID:
    """Id of an operator's word that a citizen's withdrawal was seen to: given twice it is one."""
    return uuid5(NAMESPACE, f"settlement/{withdrawal}/{operator}")


def ticket_id(account: str, code: str) -> UUID:
    """Id of the ticket that a submission becomes."""
    return uuid5(NAMESPACE, f"ticket/{account}/{code}")


def plain_signs(text: str) -> str:
    """A code or secret as typed or pasted by a citizen, without case, white space and dashes; unknown signs stay."""
    return "".join(sign for sign in text.upper() if not sign.isspace() and sign not in DASHES)


def grouped(signs: str) -> str:
    """Signs in groups of four."""
    return "-".join([signs[at : at + 4] for at in range(0, len(signs), 4)])


def read_code(text: str) -> str | None:
    """A receipt code as a citizen typed it, in its canonical form; None when it cannot be one of ours."""
    signs = plain_signs(text)
    if len(signs) != CODE_SIGNS or any(sign not in ALPHABET for sign in signs):
        return None
    return grouped(signs) if check_sign(signs[:-1]) == signs[-1] else None


def check_sign(signs: str) -> str:
    """One sign that catches any single wrong sign and most swaps: weighted sum modulo 32 with odd weights."""
    total = sum([(2 * place + 1) * VALUES[sign] for place, sign in enumerate(signs)])
    return ALPHABET[total % len(ALPHABET)]


def _uuid8(digest: bytes) -> UUID:
    """A UUID of version 8 (RFC 9562, 5.8: the bits are our own); Python 3.11 makes versions 1 to 5 only."""
    number = int.from_bytes(digest, "big")
    number = number & ~(0xF << 76) | (8 << 76)
    return UUID(int=number & ~(0x3 << 62) | (0x2 << 62))


def _signs(digest: bytes, count: int) -> str:
    number = int.from_bytes(digest[:16], "big")
    return "".join([PAIRS[number >> bits & 1023] for bits in range(0, 5 * count, 10)])[:count]
