"""What proves to a mail server who we are: a password, or an access token that somebody else renews in a file."""

from dataclasses import dataclass, field
from pathlib import Path

from gateway.errors import Unavailable

MAX_TOKEN = 20_000


@dataclass(frozen=True, slots=True)
class Password:
    """A password or app password."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AccessToken:
    """An OAuth 2 access token, for XOAUTH2."""

    text: str = field(repr=False)


Secret = Password | AccessToken


@dataclass(frozen=True, slots=True)
class Credentials:
    """Login and where its secret is."""

    user: str = field(repr=False)
    password: str = field(repr=False)
    token_file: Path | None = None

    def secret(self) -> Secret:
        """Of this moment: tokens live for an hour. Raises `Unavailable("token_file_unreadable")`."""
        if self.token_file is None:
            return Password(self.password)
        try:
            with self.token_file.open(encoding="ascii") as file:
                token = file.read(MAX_TOKEN).strip()
        except (OSError, ValueError):
            token = ""
        if not token or not token.isprintable() or " " in token:
            raise Unavailable("token_file_unreadable", "The file of the access token holds none.")
        return AccessToken(token)
