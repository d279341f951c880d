"""What a channel's messages are read with: one entry per channel, for payloads, raw messages and filed originals."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gateway.domain.identity import Identity
from gateway.errors import Invalid
from gateway.runtime.settings import read_settings
from schemas.base import Contract
from schemas.inbound import Inbound
from schemas.raw import Raw
from services.email_ingest.filed import filed_raw as filed_mail
from services.email_ingest.filed import read_filed
from services.facebook_ingest import filed as facebook
from services.facebook_ingest.configuration import TRIAL_APP
from services.facebook_ingest.page import Page
from services.facebook_ingest.settings import FacebookSettings
from services.web_ingest.filed import filed_raw
from services.web_ingest.inbound import inbound_of
from services.zalo_ingest import filed as zalo


@dataclass(frozen=True, slots=True)
class Reader:
    """A channel's pure reader, and how its originals were filed.

    `read` gives everything that one raw message says, citizens' messages and other; it raises `Invalid`. `filed` puts
    the original of a recorded message, which is its part of the raw payload, back into a raw message.
    """

    read: Callable[[Raw, Identity], Sequence[Contract]]
    filed: Callable[[Inbound, bytes], Raw]


def _read_facebook(raw: Raw, identity: Identity) -> Sequence[Contract]:
    """Of which app the echoes are our own, and which buttons say nothing, is for the settings to tell."""
    settings = read_settings(FacebookSettings)
    page = Page(raw.endpoint, settings.app_id or TRIAL_APP, frozenset(settings.silent_postbacks))
    return facebook.read_kept(raw, page, identity)


READERS: Mapping[str, Reader] = {
    "web": Reader(lambda raw, identity: (inbound_of(raw, identity),), filed_raw),
    "zalo": Reader(zalo.read_kept, zalo.filed_raw),
    "facebook": Reader(_read_facebook, facebook.filed_raw),
    "email": Reader(read_filed, filed_mail),
}


def reader_of(channel: str) -> Reader:
    """The channel's reader; raises `Invalid("unknown_channel")`."""
    found = READERS.get(channel)
    if found is None:
        raise Invalid("unknown_channel", f"Readers exist for: {', '.join(sorted(READERS))}.")
    return found
