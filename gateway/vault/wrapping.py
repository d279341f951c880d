"""The wrapped data key: what lies on disk of an owner's key, useless without the master key."""

from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.errors import Invalid
from gateway.vault.sealing import KEY_ID_BYTES, NONCE_BYTES, DataKey, framed

PROOF = bytes(16)
"""What a proof of a master key opens to."""


@dataclass(frozen=True, slots=True, repr=False)
class WrappedKey:
    """One owner's data key under the master key `master_id`; `wrapped` is nonce and ciphertext."""

    owner: str
    key_id: bytes
    master_id: str
    wrapped: bytes


def wrap(master_id: str, master: bytes, owner: str, key_id: bytes, secret: bytes, nonce: bytes) -> WrappedKey:
    """Wrap `secret`, the owner's 32-byte data key, bound to owner and key id."""
    ciphertext = AESGCM(master).encrypt(nonce, secret, _place(owner, key_id))
    return WrappedKey(owner, key_id, master_id, nonce + ciphertext)


def unwrap(key: WrappedKey, master: bytes) -> bytes:
    """The 32-byte data key; raises `Invalid("data_key_damaged")` when altered, moved, or of another master key."""
    nonce, ciphertext = key.wrapped[:NONCE_BYTES], key.wrapped[NONCE_BYTES:]
    try:
        return AESGCM(master).decrypt(nonce, ciphertext, _place(key.owner, key.key_id))
    except (InvalidTag, ValueError) as error:
        raise Invalid("data_key_damaged", "An owner's data key cannot be unwrapped.") from error


def rewrap(key: WrappedKey, old: bytes, new_id: str, new: bytes, nonce: bytes) -> WrappedKey:
    """The same data key under another master key."""
    return wrap(new_id, new, key.owner, key.key_id, unwrap(key, old), nonce)


def usable(key: WrappedKey, master: bytes) -> DataKey:
    """The data key, unwrapped and ready for use."""
    return DataKey(key.key_id, AESGCM(unwrap(key, master)))


def proof_of(master_id: str, master: bytes, nonce: bytes) -> bytes:
    """A value by which a master key is recognised later without being revealed."""
    return wrap(master_id, master, "", bytes(KEY_ID_BYTES), PROOF, nonce).wrapped


def proves(proof: bytes, master_id: str, master: bytes) -> bool:
    """Whether this is the master key that made the proof."""
    try:
        return unwrap(WrappedKey("", bytes(KEY_ID_BYTES), master_id, proof), master) == PROOF
    except Invalid:
        return False


def _place(owner: str, key_id: bytes) -> bytes:
    return framed(b"data key", owner.encode(), key_id)
