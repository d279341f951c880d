"""Reads sources of mails as the email channel does, in the same bounded children, and says what they say."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from gateway.errors import Invalid
from services.email_ingest.limits import MAX_SOURCE
from services.email_ingest.mail import Mail
from services.email_ingest.reader import MailReader, mail_children


def mail_lines(files: Sequence[Path]) -> Iterator[dict[str, Any]]:
    """What each mail says; `auto` other than `none` is why the gateway ignores it. `error` when it cannot be read."""
    with asyncio.Runner() as runner:
        children = mail_children()
        reader = MailReader(children)
        try:
            for file in files:
                with file.open("rb") as source:
                    # One byte more than is read, so that a cut is known as one.
                    content = source.read(MAX_SOURCE + 1)
                yield runner.run(_line(reader, content))
        finally:
            runner.run(children.close())


async def _line(reader: MailReader, source: bytes) -> dict[str, Any]:
    try:
        return shown((await reader.read(source)).mail)
    except Invalid as error:
        return {"error": error.reason}


def shown(mail: Mail) -> dict[str, Any]:
    """A mail as the command prints it; `date` is ISO 8601 with the zone that was written."""
    return {
        "message_id": mail.message_id,
        "from": {"name": mail.sender.name, "address": mail.sender.address},
        "subject": mail.subject,
        "date": mail.date.isoformat() if mail.date else None,
        "text": mail.text,
        "quoted": mail.quoted,
        "attachments": [
            {"name": file.name, "type": file.declared_type, "size": file.size, "sha256": file.sha256}
            for file in mail.files
        ],
        "auto": mail.auto.value,
        "defects": list(mail.defects),
    }
