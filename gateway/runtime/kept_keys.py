"""Sees to it that data is written and read with one set of keys, on however many machines."""

import hashlib
import hmac

from gateway.domain.identity import Identity
from gateway.errors import Invalid
from gateway.runtime.data_folder import DataFolder
from gateway.runtime.secret_files import read_or_make
from gateway.runtime.settings import Profile
from gateway.store.port import Store

IDENTITY_CLAIM = "identity/fingerprint"
FILES_CLAIM = "files/fingerprint"


def key_of_data(folder: DataFolder, name: str, profile: Profile, *, written: bool) -> bytes:
    """A key that data is written with; `written` says that there is data, for which none may be made any more.

    A key made anew would hide that the one before is lost. Raises `Invalid("secret_missing")`, and what reading the
    file raises.
    """
    if written and not (folder.secrets / f"{name}.key").exists():
        raise Invalid("secret_missing", f"{name}.key is missing in the secrets folder, and data was written with it.")
    return read_or_make(folder.secrets, name, profile)


async def was_written(store: Store) -> bool:
    """Whether a gateway has started on this store before."""
    return await store.holder(IDENTITY_CLAIM) is not None


async def same_keys(store: Store, identity: Identity, address_key: bytes) -> None:
    """Refuse keys with which other data would be written than lies in the store, on this or another machine.

    Every id and code is derived from the identity key: another one would give citizens other accounts. Another key of
    file addresses would find no file. The vault itself knows its master keys. Raises `Invalid("identity_changed")` or
    `Invalid("files_key_changed")`, and `Unavailable`.
    """
    if not await _held(store, IDENTITY_CLAIM, identity.fingerprint()):
        raise Invalid("identity_changed", "The identity key is not the one this data was written with.")
    if not await _held(store, FILES_CLAIM, _fingerprint(address_key)):
        raise Invalid("files_key_changed", "The key of file addresses is not the one this data was written with.")


async def _held(store: Store, claim: str, fingerprint: str) -> bool:
    mine = fingerprint.encode()
    return await store.claim(claim, mine) == mine


def _fingerprint(key: bytes) -> str:
    """Tells keys apart and reveals none: 16 hex digits."""
    return hmac.digest(key, b"fingerprint", hashlib.sha256).hex()[:16]
