"""Reads the lines of IMAP answers that the client library hands over as they came (RFC 3501, 7). Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

_UIDVALIDITY = re.compile(rb"\[UIDVALIDITY (\d{1,10})\]", re.IGNORECASE)
_UIDNEXT = re.compile(rb"\[UIDNEXT (\d{1,10})\]", re.IGNORECASE)
_EXISTS = re.compile(rb"(\d{1,10}) EXISTS", re.IGNORECASE)
_FETCH = re.compile(rb"\d{1,10} FETCH \(", re.IGNORECASE)
_UID = re.compile(rb"(?:^|[( ])UID (\d{1,10})", re.IGNORECASE)
_SIZE = re.compile(rb"RFC822\.SIZE (\d{1,20})", re.IGNORECASE)
_DATE = re.compile(rb'INTERNALDATE "([^"]{1,40})"', re.IGNORECASE)
_LITERAL = re.compile(rb"BODY\[\](?:<\d+>)? \{\d+\}$", re.IGNORECASE)
_SHORT = re.compile(rb'BODY\[\](?:<\d+>)? "((?:[^"\\]|\\.){0,10000})"', re.IGNORECASE)

Line = bytes | bytearray
"""A line without its end, or a literal's content, which alone comes as a bytearray."""


@dataclass(frozen=True, slots=True)
class Selected:
    """What a server says of a folder when it is opened; `uidnext` and `uidvalidity` are None where it does not say."""

    uidvalidity: int | None
    uidnext: int | None
    exists: int


@dataclass(frozen=True, slots=True)
class Listed:
    """A message as listed: its size in bytes as the server estimates it, and when the server got it (with zone)."""

    size: int
    arrived_at: datetime | None


def selected(lines: Iterable[Line]) -> Selected:
    """What EXAMINE or SELECT answered."""
    uidvalidity = uidnext = None
    exists = 0
    for line in lines:
        if found := _UIDVALIDITY.search(line):
            uidvalidity = int(found[1])
        elif found := _UIDNEXT.search(line):
            uidnext = int(found[1])
        elif found := _EXISTS.fullmatch(line):
            exists = int(found[1])
    return Selected(uidvalidity, uidnext, exists)


def searched(lines: Sequence[Line], *, first: int) -> list[int]:
    """UIDs that a search for `first:*` found, ascending.

    A server names the last message even when its UID is lower (RFC 3501, 6.4.8): that one is left out. The last line
    is the command's own status and holds words.
    """
    found = {int(word) for line in lines[:-1] for word in line.split() if word.isdigit()}
    return sorted(uid for uid in found if uid >= first)


def listed(lines: Iterable[Line]) -> dict[int, Listed]:
    """Sizes and arrival by UID; a line without UID and size is news about another message's flags."""
    found = {}
    for line in lines:
        uid, size = _UID.search(line), _SIZE.search(line)
        if _FETCH.match(line) and uid and size:
            said = _DATE.search(line)
            found[int(uid[1])] = Listed(int(size[1]), _instant(said[1]) if said else None)
    return found


def bodies(lines: Sequence[Line]) -> dict[int, bytes]:
    """Contents by UID, out of the answer to a FETCH of UID and one piece of `BODY[]` each.

    The UID may stand before the literal or after it; a short content may come as a string. NIL says that there is none:
    Dovecot's word for a mail that somebody removed.
    """
    found = {}
    for number, line in enumerate(lines):
        if isinstance(line, bytearray) or not _FETCH.match(line):
            continue
        after = lines[number + 1 : number + 3]
        if _LITERAL.search(line) and after and isinstance(after[0], bytearray):
            uid = _UID.search(line) or (_UID.search(after[1]) if len(after) > 1 else None)
            content = bytes(after[0])
        elif short := _SHORT.search(line):
            uid = _UID.search(line)
            content = re.sub(rb"\\(.)", rb"\1", short[1])
        else:
            continue
        if uid:
            found[int(uid[1])] = content
    return found


def _instant(said: bytes) -> datetime | None:
    try:
        return datetime.strptime(said.decode("ascii", "replace").strip(), "%d-%b-%Y %H:%M:%S %z")
    except ValueError:
        return None
