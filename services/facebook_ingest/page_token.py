"""The page's access token: a file of its own, read anew whenever it is needed, so that a new one needs no restart."""

from pathlib import Path

from gateway.errors import Unavailable

LONGEST = 4_000


class PageToken:
    """The token in a file that nobody else may read."""

    def __init__(self, path: Path) -> None:
        """Take the file; it is not touched before `current`."""
        self.path = path

    def current(self) -> str:
        """The token as it is now; raises `Unavailable` with the reason when there is none that may be used."""
        try:
            exposed = self.path.stat().st_mode & 0o077
            token = self.path.read_text("ascii")[:LONGEST].strip()
        except (OSError, UnicodeDecodeError):
            raise Unavailable("token_missing", "The page's token cannot be read.") from None
        if exposed:
            raise Unavailable("token_exposed", "The file of the page's token may be read by others; make it 0600.")
        if not token or not token.isprintable():
            raise Unavailable("token_missing", "The file of the page's token holds none.")
        return token
