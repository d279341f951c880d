"""The sealed value: AES-256-GCM under a data key, bound to its owner and its place (NIST SP 800-38D)."""

from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.errors import Invalid

VERSION = b"\x01"
KEY_BYTES = 32
KEY_ID_BYTES = 8
NONCE_BYTES = 12
TAG_BYTES = 16
HEAD_BYTES = len(VERSION) + KEY_ID_BYTES + NONCE_BYTES
OVERHEAD = HEAD_BYTES + TAG_BYTES
"""Bytes by which a sealed value is longer than the plain one."""

LARGE = 256 * 1024
"""From this many bytes on, encryption (1 ms per MB, without the interpreter lock) belongs in a thread."""


@dataclass(frozen=True, slots=True, repr=False)
class DataKey:
    """An unwrapped data key, ready for use; `id` tells it from the keys of other owners."""

    id: bytes
    cipher: AESGCM


def framed(*parts: bytes) -> bytes:
    """Join parts so that no two different lists give the same bytes: each after its length in 4 bytes."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def seal_value(key: DataKey, nonce: bytes, owner: str, plain: bytes, context: str) -> bytes:
    """Version 1: version byte, key id (8), nonce (12), ciphertext with tag (16). Never use a nonce twice."""
    head = VERSION + key.id
    return head + nonce + key.cipher.encrypt(nonce, plain, _bound_to(head, owner, context))


def open_value(key: DataKey, owner: str, sealed: bytes, context: str) -> bytes:
    """The plain bytes; raises `Invalid("sealed_damaged")` when altered, moved, or sealed under another key."""
    head = VERSION + key.id
    if len(sealed) < OVERHEAD or not sealed.startswith(head):
        raise Invalid("sealed_damaged", "The value is not one sealed under this key.")
    try:
        return key.cipher.decrypt(sealed[len(head) : HEAD_BYTES], sealed[HEAD_BYTES:], _bound_to(head, owner, context))
    except InvalidTag as error:
        raise Invalid("sealed_damaged", "The value was altered or does not belong here.") from error


def _bound_to(head: bytes, owner: str, context: str) -> bytes:
    return framed(head, owner.encode(), context.encode())
