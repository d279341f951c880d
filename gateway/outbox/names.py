"""Which names of messages can be a platform's own; they come from outside, with every echo."""

LONGEST_NAME = 4000
"""Bytes of a platform's name for a message; a Message-ID has at most 998 (RFC 5322, 2.1.1)."""


def storable(name: str) -> bool:
    """Whether a name can be one that a platform gave: half of a surrogate pair, which JSON may bring, is in none."""
    try:
        return len(name.encode()) <= LONGEST_NAME
    except UnicodeEncodeError:
        return False
