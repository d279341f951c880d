"""Reads mails in bounded child processes: a mail can spoil only its own reading."""

from gateway.errors import Invalid
from gateway.runtime.bounded_child import BoundedChildren
from services.email_ingest.mail import ReadMail, unpacked
from services.email_ingest.parse import read_packed

ATTEMPTS = 2
"""A child may die of something else than the mail; twice is no chance."""


CALLS_PER_CHILD = 10_000
"""Nothing but Python's own code runs there, and starting a child costs as much as reading 200 mails."""


def mail_children(at_once: int = 1) -> BoundedChildren:
    """Children for reading mails; nothing is started before the first mail."""
    return BoundedChildren(at_once=at_once, calls_per_child=CALLS_PER_CHILD)


class MailReader:
    """Reads one mail at a time and child."""

    def __init__(self, children: BoundedChildren) -> None:
        """Take the children; they belong to the caller."""
        self._children = children

    async def read(self, source: bytes) -> ReadMail:
        """A mail's words and files.

        Raises `Invalid("unreadable")` for a mail that twice took more time or memory than a mail may, and
        `Unavailable` when no child can be started.
        """
        reason = ""
        for _ in range(ATTEMPTS):
            try:
                return unpacked(await self._children.run(read_packed, source))
            except Invalid as error:
                reason = error.reason
        raise Invalid("unreadable", f"Reading the mail failed twice: {reason}.")
