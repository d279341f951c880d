"""Master keys from a file: the default key provider, for one machine."""

import hashlib
import hmac
import os
import secrets
import stat
from pathlib import Path

from gateway.errors import Invalid, Unavailable

KEY_BYTES = 32


class FileKeyProvider:
    """`gateway.vault.port.KeyProvider` on a text file of mode 0600, read once.

    One key a line as 64 hex digits, further words on the line are remarks. The first line is the current key, the
    others are earlier ones, kept until the vault's `rewrap_all` is through. A key's id is derived from the key.
    """

    def __init__(self, path: Path) -> None:
        """Read the file; raises `Unavailable("key_file_missing")`, or `Invalid` when exposed or malformed."""
        found = [(key_id(key), key) for key in _read(path)]
        self._current = found[0]
        self._keys = dict(found)

    def current(self) -> tuple[str, bytes]:
        """Id and 32 bytes of the key that wraps new data keys."""
        return self._current

    def by_id(self, key_id: str) -> bytes:
        """A key of the file; raises `Invalid("unknown_master_key")`."""
        if key_id not in self._keys:
            raise Invalid("unknown_master_key", "A master key is missing from the key file.")
        return self._keys[key_id]


def key_id(key: bytes) -> str:
    """A name for a master key that does not reveal it: 16 hex digits."""
    return hmac.digest(key, b"master key id", hashlib.sha256).hex()[:16]


def add_master_key(path: Path) -> None:
    """Put a new random key first in the key file, or make the file (mode 0600); earlier keys stay below it.

    Raises what reading the file raises, and `Unavailable("key_file_unwritable")`. Durable on return.
    """
    earlier = path.read_text() if path.exists() and _read(path) else ""
    made = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
    try:
        descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(f"{secrets.token_hex(KEY_BYTES)}\n{earlier}")
            file.flush()
            os.fsync(file.fileno())
        made.replace(path)
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        made.unlink(missing_ok=True)
        raise Unavailable("key_file_unwritable", type(error).__name__) from error


def _read(path: Path) -> list[bytes]:
    try:
        mode = path.stat().st_mode
        text = path.read_text("ascii")
    except OSError as error:
        raise Unavailable("key_file_missing", "The file with the master keys cannot be read.") from error
    except UnicodeDecodeError as error:
        raise Invalid("key_file_malformed", "The key file is not a text file.") from error
    if stat.S_IMODE(mode) & 0o077:
        raise Invalid("key_file_exposed", "The key file may be read by others; its mode must be 0600.")
    try:
        keys = [bytes.fromhex(line.split()[0]) for line in text.splitlines() if line.strip()]
    except ValueError as error:
        raise Invalid("key_file_malformed", "Each line of the key file begins with 64 hex digits.") from error
    if not keys or any(len(key) != KEY_BYTES for key in keys):
        raise Invalid("key_file_malformed", "Each line of the key file begins with 64 hex digits.")
    return keys
