"""The address of a file: a keyed hash of owner and bytes, so that it names nobody and shows nothing."""

import hashlib
import hmac
import re

from gateway.errors import Invalid

_ADDRESS = re.compile(r"[0-9a-f]{64}")


def address_of(key: bytes, owner: str, content: bytes) -> str:
    """HMAC-SHA256 over owner and bytes, 64 hex digits: the same bytes of two owners lie at two addresses."""
    name = owner.encode()
    digest = hmac.new(key, len(name).to_bytes(4, "big") + name, hashlib.sha256)
    digest.update(content)
    return digest.hexdigest()


def checked(address: str) -> str:
    """The address itself; raises `Invalid("bad_address")` for anything else, which might name another path."""
    if _ADDRESS.fullmatch(address) is None:
        raise Invalid("bad_address", "A file's address is 64 hex digits.")
    return address


def context_of(address: str) -> str:
    """What binds sealed bytes to their address."""
    return f"file:{address}"
