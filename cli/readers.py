"""What a channel's messages are read with: one entry per channel, for payloads, raw messages and filed originals."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gateway.domain.identity import Identity
from gateway.errors import Invalid
from schemas.base import Contract
from schemas.inbound import Inbound
from schemas.raw import Raw
from services.email_ingest.filed import filed_raw as filed_mail
from services.email_ingest.filed import read_filed
from services.web_ingest.filed import filed_raw
from services.web_ingest.inbound import inbound_of


@dataclass(frozen=True, slots=True)
class Reader:
    """A channel's pure reader, and how its originals were filed.

    `read` gives everything that one raw message says, citizens' messages and other; it raises `Invalid`. `filed` puts
    the original of a recorded message, which is its part of the raw payload, back into a raw message.
    """

    read: Callable[[Raw, Identity], Sequence[Contract]]
    filed: Callable[[Inbound, bytes], Raw]


READERS: Mapping[str, Reader] = {
    "web": Reader(lambda raw, identity: (inbound_of(raw, identity),), filed_raw),
    "email": Reader(read_filed, filed_mail),
}


def reader_of(channel: str) -> Reader:
    """The channel's reader; raises `Invalid("unknown_channel")`."""
    found = READERS.get(channel)
    if found is None:
        raise Invalid("unknown_channel", f"Readers exist for: {', '.join(sorted(READERS))}.")
    return found
