"""Reads address headers (From, To, Reply-To): names, groups, comments and everything that is nearly an address."""

from dataclasses import dataclass, field

from gateway.domain.hygiene import clean_line
from services.email_ingest.encoded_words import decoded_words, unfolded

MAX_ADDRESSES = 100
MAX_ADDRESS = 254
"""RFC 5321, 4.5.3.1.3, without the angle brackets."""

MAX_NAME = 200


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox as it stands in a header; `address` is empty where only a name was written."""

    name: str
    address: str

    @property
    def usable(self) -> bool:
        """Whether mail can be sent there."""
        local, at, domain = self.address.rpartition("@")
        return bool(at and local and domain) and self.address.isprintable() and not set(self.address) & set(' <>"(),;:')


@dataclass(slots=True)
class _Entry:
    """What was read of one address so far."""

    words: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    angle: str | None = None

    def address(self) -> Address | None:
        phrase = "".join(self.words).strip()
        comment = " ".join(self.comments).strip()
        if self.angle is not None:
            return Address(_name(phrase or comment), _spec(self.angle))
        if "@" in phrase:
            # `Name user@host` without brackets: the word with the sign is the address.
            said = phrase.split()
            at = next(number for number, word in enumerate(said) if "@" in word)
            return Address(_name(" ".join((*said[:at], *said[at + 1 :])) or comment), _spec(said[at]))
        name = _name(phrase or comment)
        return Address(name, "") if name else None


def read_addresses(header: str, *, limit: int = MAX_ADDRESSES) -> tuple[Address, ...]:
    """Addresses in order, at most `limit`; the names of groups are left out. Linear, never raises."""
    text = unfolded(header)
    found: list[Address] = []
    entry = _Entry()
    at = 0
    while at < len(text) and len(found) < limit:
        sign = text[at]
        if sign in ",;":
            _keep(found, entry)
            entry = _Entry()
        elif sign == ":" and entry.angle is None and "@" not in "".join(entry.words[-1:]):
            entry = _Entry()
        elif sign == '"':
            at = _quoted(text, at, entry)
        elif sign == "(":
            at = _comment(text, at, entry)
        elif sign == "<":
            end = text.find(">", at)
            end = len(text) if end < 0 else end
            entry.angle = text[at + 1 : end]
            at = end
        else:
            end = _word_end(text, at)
            entry.words.append(text[at:end])
            at = end - 1
        at += 1
    if len(found) < limit:
        _keep(found, entry)
    return tuple(found)


def _keep(found: list[Address], entry: _Entry) -> None:
    address = entry.address()
    if address is not None:
        found.append(address)


def _word_end(text: str, at: int) -> int:
    end = at + 1
    while end < len(text) and text[end] not in ',;:"(<':
        end += 1
    return end


def _quoted(text: str, at: int, entry: _Entry) -> int:
    """Take a quoted string; where it is not closed, the quote is an ordinary sign. Returns its last position."""
    said = []
    end = at + 1
    while end < len(text):
        if text[end] == "\\" and end + 1 < len(text):
            said.append(text[end + 1])
            end += 2
            continue
        if text[end] == '"':
            entry.words.append("".join(said))
            return end
        said.append(text[end])
        end += 1
    entry.words.append(text[at + 1 :].partition("<")[0])
    rest = text.find("<", at)
    return len(text) if rest < 0 else rest - 1


def _comment(text: str, at: int, entry: _Entry) -> int:
    """Take a comment, nested ones with it. Returns its last position."""
    depth = 0
    for end in range(at, len(text)):
        if text[end] == "(":
            depth += 1
        elif text[end] == ")":
            depth -= 1
            if depth == 0:
                entry.comments.append(text[at + 1 : end])
                return end
    entry.comments.append(text[at + 1 :])
    return len(text)


def _name(text: str) -> str:
    return clean_line(decoded_words(text), limit=MAX_NAME).strip("'\" ")


def _spec(text: str) -> str:
    """An address without route, spaces and the `mailto:` that some programs leave."""
    said = decoded_words(text.rpartition(":")[2] if text.startswith(("@", "mailto:")) else text)
    return clean_line("".join(said.split()), limit=MAX_ADDRESS + 1)[:MAX_ADDRESS]
