"""Chooses the vault's adapter by URL, so that a deployment's settings and nothing else name it."""

from pathlib import Path

from gateway.errors import Invalid
from gateway.vault.port import KeyProvider, Vault

SQLITE = "sqlite:///"


def open_vault(url: str, provider: KeyProvider) -> Vault:
    """Open `sqlite:///<path>`; what follows the third slash is the file's path, so `sqlite:////srv/…` is absolute.

    Raises `Invalid("unknown_vault")` for another scheme or an empty path, `Unavailable("master_key_missing")` or
    `Unavailable("master_key_changed")` when `provider` lacks the keys that this vault was written with, and
    `Unavailable` when it cannot be opened.
    """
    path = url.removeprefix(SQLITE)
    if path in (url, ""):
        raise Invalid("unknown_vault", "The vault's URL begins with sqlite:/// and names a file.")
    from gateway.vault.sqlite import SqliteVault  # noqa: PLC0415 - a deployment needs its own driver only

    return SqliteVault(Path(path), provider)
