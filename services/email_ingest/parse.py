"""Reads a mail's source whole: pure, bounded and tolerant; whatever comes in, a `Mail` comes out."""

import hashlib
import re
from dataclasses import dataclass

from gateway.domain.hygiene import MAX_TEXT, clean_line
from services.email_ingest.addresses import Address, read_addresses
from services.email_ingest.automatic import auto_of, returned_ids
from services.email_ingest.body_text import text_of
from services.email_ingest.dates import read_date
from services.email_ingest.encoded_words import bare, header_text, unfolded
from services.email_ingest.file_names import file_name
from services.email_ingest.limits import MAX_HEADERS_TOTAL, bounded_source
from services.email_ingest.mail import (
    MAX_ID,
    MAX_REFERENCES,
    MAX_SIGNATURE,
    MAX_SUBJECT,
    Mail,
    Mailbox,
    MailFile,
    ReadMail,
    packed,
)
from services.email_ingest.mime_tree import Leaf, sort_parts
from services.email_ingest.part import Part, parse_parts
from services.email_ingest.quoting import part_text

NO_SENDER = "no_sender"
NO_DATE = "no_date"

_ID = re.compile(r"<([^<>]{1,8192})>")
_BARE_ID = re.compile(r"[^\s<>]+")
_LIST_ID = re.compile(r"<([^<>\s]{1,200})>")
_DELIVERED = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to")


def read_mail(source: bytes) -> ReadMail:
    """Read one mail; never raises for anything that its sender can write."""
    bounded, cut = bounded_source(source)
    root, more = parse_parts(bounded)
    tree = sort_parts(root)
    said, wrong = text_of(tree)
    parted = part_text(said)
    senders = read_addresses(root.header("from"), limit=5) or read_addresses(root.header("sender"), limit=5)
    sender = next((one for one in senders if one.usable), senders[0] if senders else Address("", ""))
    subject = clean_line(header_text(root.header("subject")), limit=MAX_SUBJECT)
    date = read_date(root.header("date"))
    defects = [*cut, *more, *wrong, *(flaw for leaf in tree.files for flaw in leaf.defects)]
    defects += [NO_SENDER] * (not sender.usable) + [NO_DATE] * (date is None)
    every = (*tree.text, *tree.html, *tree.files)
    mail = Mail(
        message_id=_message_id(root),
        sender=_mailbox(sender),
        reply_to=tuple(map(_mailbox, read_addresses(root.header("reply-to"), limit=5))),
        to=tuple(map(_mailbox, read_addresses(root.header("to")))),
        delivered_to=_delivered_to(root),
        subject=subject,
        date=date,
        references=_references(root),
        text=parted.text[:MAX_TEXT],
        quoted=parted.quoted[:MAX_TEXT],
        signature=parted.signature[:MAX_SIGNATURE],
        files=tuple(_file(number, leaf) for number, leaf in enumerate(tree.files)),
        auto=auto_of(root, sender.address.lower(), subject, every),
        lists=tuple(found[1].lower() for found in _LIST_ID.finditer(root.header("list-id")[:1000])),
        returned=returned_ids(every),
        defects=tuple(dict.fromkeys(defects)),
    )
    return ReadMail(mail, tuple(leaf.content for leaf in tree.files))


def read_packed(source: bytes) -> bytes:
    """The same from bytes to bytes, for the child process that does it."""
    return packed(read_mail(source))


@dataclass(frozen=True, slots=True)
class Head:
    """What tells one mail from another before it is read: who sent it, its own name, and what was sent."""

    sender: str
    message_id: str
    digest: str


def head_of(source: bytes) -> Head:
    """Look at the headers within the first 64 kB, and hash the rest; linear, for whoever receives the mail.

    `sender` is an address in lower case, empty when there is none that can be answered. `digest` is over what was sent
    as it was sent: another way here leaves it, and a reader that is mended later does too.
    """
    unified = source.replace(b"\r\n", b"\n")
    head, _, body = unified.partition(b"\n\n")
    root, _ = parse_parts(head[:MAX_HEADERS_TOTAL] + b"\n\n")
    digest = hashlib.sha256(hashlib.sha256(body).digest())
    for name in ("from", "subject", "date"):
        digest.update(hashlib.sha256(unfolded(root.header(name)).encode("utf-8", "replace")).digest())
    senders = read_addresses(root.header("from"), limit=5) or read_addresses(root.header("sender"), limit=5)
    sender = next((one.address.lower() for one in senders if one.usable), "")
    return Head(sender, _message_id(root), digest.hexdigest())


def _mailbox(address: Address) -> Mailbox:
    return Mailbox(name=address.name, address=address.address)


def _bounded_id(said: str) -> str:
    """An id that fits anywhere: one that is too long for any program is known by its digest."""
    said = clean_line(said.strip(), limit=10_000)
    return said if len(said) <= MAX_ID else f"sha256-{hashlib.sha256(said.encode()).hexdigest()}"


def _message_id(root: Part) -> str:
    said = bare(root.header("message-id"))
    found = _ID.search(said)
    return _bounded_id(found[1] if found else said.strip("<>"))


def _references(root: Part) -> tuple[str, ...]:
    """Every message that this one names, the one it answers first."""
    found: dict[str, None] = {}
    for name in ("in-reply-to", "references"):
        said = bare(root.header(name))
        ids = _ID.findall(said) or _BARE_ID.findall(said)
        found.update(dict.fromkeys(_bounded_id(one) for one in reversed(ids)))
    return tuple(found)[:MAX_REFERENCES]


def _delivered_to(root: Part) -> tuple[str, ...]:
    headers = [root.header(name) for name in (*_DELIVERED, "to", "cc")]
    found = {one.address.lower(): None for header in headers for one in read_addresses(header) if one.usable}
    return tuple(found)[:MAX_REFERENCES]


def _file(number: int, leaf: Leaf) -> MailFile:
    return MailFile(
        name=file_name(leaf, number),
        declared_type=leaf.media_type,
        size=len(leaf.content),
        sha256=hashlib.sha256(leaf.content).hexdigest(),
        inline=leaf.disposition == "inline",
    )
