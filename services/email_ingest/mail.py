"""What a mail says, as plain values: the result of reading its source, before anybody decides what to do with it."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import Field

from gateway.errors import Invalid
from schemas.base import Code, Personal, Text

MAX_ADDRESSES = 100
MAX_FILES = 210
MAX_REFERENCES = 50
MAX_SUBJECT = 500
MAX_SIGNATURE = 2_000
MAX_ID = 250
"""Characters of a Message-ID; a longer one is replaced by its digest."""

SIZE_BYTES = 8


class Auto(StrEnum):
    """Why nobody wrote this mail by hand; `none` for a person's."""

    NONE = "none"
    AUTO_REPLY = "auto_reply"
    BOUNCE = "bounce"
    LIST = "list"
    REPORT = "report"


class Mailbox(Personal):
    """A name and an address out of a header; `address` is empty where only a name was written."""

    name: str = Field(default="", max_length=200)
    address: str = Field(default="", max_length=254)


class MailFile(Personal):
    """A file of the mail; its bytes travel beside."""

    name: str = Field(max_length=500)
    declared_type: str = Field(max_length=130)
    size: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    inline: bool = False


class Mail(Personal):
    """A mail's own words, decoded, cleaned and bounded."""

    message_id: str = Field(default="", max_length=MAX_ID, description="Without angle brackets.")
    sender: Mailbox = Mailbox()
    reply_to: tuple[Mailbox, ...] = Field(default=(), max_length=MAX_ADDRESSES)
    to: tuple[Mailbox, ...] = Field(default=(), max_length=MAX_ADDRESSES)
    delivered_to: tuple[str, ...] = Field(
        default=(), max_length=MAX_REFERENCES, description="Addresses it was delivered to, for reply tokens."
    )
    subject: str = Field(default="", max_length=MAX_SUBJECT)
    date: datetime | None = Field(default=None, description="With the zone that was written.")
    references: tuple[str, ...] = Field(
        default=(), max_length=MAX_REFERENCES, description="In-Reply-To first, then References from the newest."
    )
    text: Text = ""
    quoted: Text = ""
    signature: str = Field(
        default="", max_length=MAX_SIGNATURE, description="The part of `quoted` that is the sender's signature."
    )
    files: tuple[MailFile, ...] = Field(default=(), max_length=MAX_FILES)
    auto: Auto = Auto.NONE
    lists: tuple[str, ...] = Field(default=(), max_length=MAX_REFERENCES, description="List-Id values, lower case.")
    returned: tuple[str, ...] = Field(default=(), description="Message-IDs of the mail that a bounce gives back.")
    defects: tuple[Code, ...] = Field(default=(), max_length=50)


@dataclass(frozen=True, slots=True)
class ReadMail:
    """A mail and the bytes of its files, in the same order."""

    mail: Mail
    contents: tuple[bytes, ...]


def packed(read: ReadMail) -> bytes:
    """As one block of bytes, for the way from the child that reads to the parent."""
    head = read.mail.model_dump_json().encode("utf-8", "replace")
    return b"".join((len(head).to_bytes(SIZE_BYTES, "big"), head, *read.contents))


def unpacked(block: bytes) -> ReadMail:
    """The same again; raises `Invalid("unreadable")` for what no reader of ours packs."""
    begin = SIZE_BYTES + int.from_bytes(block[:SIZE_BYTES], "big")
    try:
        mail = Mail.model_validate_json(block[SIZE_BYTES:begin])
    except ValueError:
        raise Invalid("unreadable", "The reader's result is damaged.") from None
    contents = []
    for file in mail.files:
        contents.append(block[begin : begin + file.size])
        begin += file.size
    if begin != len(block) or any(
        hashlib.sha256(content).hexdigest() != file.sha256 for content, file in zip(contents, mail.files, strict=True)
    ):
        raise Invalid("unreadable", "The reader's result is damaged.")
    return ReadMail(mail, tuple(contents))
