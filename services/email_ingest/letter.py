"""Writes the mail that carries a reply: threaded under the citizen's own, marked as automatic. Pure.

RFC 5322 (References), RFC 3834 (Auto-Submitted), [MS-OXCMAIL] 2.2.3.2.14 (X-Auto-Response-Suppress).
"""

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email import encoders
from email.header import Header
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import format_datetime, formataddr
from typing import Any

from gateway.domain.hygiene import clean_line
from gateway.outbox.carrier import Enclosure

MAX_REFERENCES = 10
MAX_SUBJECT = 200
LINE = 76

_ID = re.compile(r"[!-;=?-~]{1,120}@[!-;=?-~]{1,120}", re.ASCII)
_REPLY_PREFIX = re.compile(r"(?:\s*(?:re|trả lời|tl)\s?:)+\s*", re.IGNORECASE)
_BREAK = re.compile(r"\n{2,}")


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Who writes: the mailbox and the name beside it."""

    mailbox: str
    name: str

    @property
    def domain(self) -> str:
        """The right half of our Message-IDs."""
        return self.mailbox.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Marks:
    """By which an answer to this mail is known again: Message-ID (without brackets), and a Reply-To or None."""

    message_id: str
    reply_to: str | None


def letter(
    head: Letterhead,
    marks: Marks,
    *,
    known: Mapping[str, Any],
    code: str | None,
    text: str,
    at: datetime,
    files: Sequence[Enclosure] = (),
) -> bytes:
    """The whole mail with CRLF line ends, in ASCII; `known` is what the reader noted about the correspondent.

    Files are attached to the text, which comes in both forms (RFC 2046, 5.1.3 and 5.1.4).

    The headers are made with the old policy: the newer one encodes words that are longer than a line, such as other
    programs' Message-IDs, so that they are not found again.
    """
    mail = MIMEMultipart("mixed", policy=compat32) if files else _text_of(text)
    mail["From"] = _mailbox(head.name, head.mailbox)
    mail["To"] = _mailbox(str(known.get("name", "")), str(known["address"]))
    mail["Subject"] = _words(subject_of(str(known.get("subject", "")), code, head.name), "Subject")
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{marks.message_id}>"
    if marks.reply_to:
        mail["Reply-To"] = _mailbox(head.name, marks.reply_to)
    answered = str(known.get("message_id", ""))
    if _ID.fullmatch(answered):
        mail["In-Reply-To"] = f"<{answered}>"
    references = references_of(answered, [str(one) for one in known.get("references", ())])
    if references:
        mail["References"] = "\n ".join(f"<{one}>" for one in references)
    mail["Auto-Submitted"] = "auto-replied"
    mail["X-Auto-Response-Suppress"] = "All"
    if files:
        for part in (_text_of(text), *map(_attached, files)):
            mail.attach(part)
    # Nothing is folded but by us: a program may not find an id that stands on the next line.
    return mail.as_bytes(policy=compat32.clone(linesep="\r\n", max_line_length=None))


def _text_of(text: str) -> MIMEMultipart:
    made = MIMEMultipart("alternative", policy=compat32)
    made.attach(MIMEText(text, "plain", "utf-8", policy=compat32))
    made.attach(MIMEText(html_of(text), "html", "utf-8", policy=compat32))
    return made


def _attached(file: Enclosure) -> MIMEBase:
    """A file in Base64; its name as RFC 2231 has it."""
    made = MIMEBase(*file.media_type.split("/", 1), policy=compat32)
    made.set_payload(file.content)
    encoders.encode_base64(made)
    name = file.name if file.name.isascii() else ("utf-8", "", file.name)
    made.add_header("Content-Disposition", "attachment", filename=name)
    return made


def subject_of(theirs: str, code: str | None, otherwise: str) -> str:
    """`Re:` and the citizen's subject, or our name where they wrote none, with the receipt code behind it."""
    said = clean_line(theirs, limit=MAX_SUBJECT)
    prefix = _REPLY_PREFIX.match(said)
    said = (said[prefix.end() :] if prefix else said) or otherwise
    return f"Re: {said}" if code is None or code in said else f"Re: {said} [{code}]"


def references_of(answered: str, named: Sequence[str]) -> tuple[str, ...]:
    """References of an answer, oldest first: what the answered mail named (newest first), and itself last.

    Names that no program would take for an id are left out, such as digests of overlong ones.
    """
    chain = dict.fromkeys((answered, *named))
    kept = [one for one in chain if _ID.fullmatch(one)][:MAX_REFERENCES]
    return tuple(reversed(kept))


def html_of(text: str) -> str:
    """The same text for programs that show HTML: escaped, a paragraph for each empty line."""
    paragraphs = (html.escape(one).replace("\n", "<br>\n") for one in _BREAK.split(text.strip()))
    body = "\n".join(f"<p>{one}</p>" for one in paragraphs)
    return f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"></head><body>\n{body}\n</body></html>\n'


def _mailbox(name: str, address: str) -> str:
    said = clean_line(name, limit=MAX_SUBJECT)
    return formataddr((said, address)) if said.isascii() else f"{_words(said, 'From')} <{address}>"


def _words(text: str, header: str) -> str:
    """Encoded words (RFC 2047) in lines as short as the header's name leaves them."""
    return text if text.isascii() else Header(text, "utf-8", LINE, header).encode()
