"""Puts a filed event back into a request of its own, so that it can be read again after a reader was mended."""

import json
import re
from collections.abc import Mapping, Sequence

from gateway.domain.channel_messages import Said
from gateway.domain.identity import Identity
from gateway.domain.strict_json import read_json
from gateway.errors import Invalid
from schemas.inbound import Inbound
from schemas.raw import Raw, RawPersonal
from services.facebook_ingest.effects import Context, Known
from services.facebook_ingest.inbound import effects_of_items, objects_asked, people_asked
from services.facebook_ingest.items import LARGEST, items_of
from services.facebook_ingest.members import mapping, object_of, words
from services.facebook_ingest.page import Page

JSON_TYPE = "application/json"
_PAGE = re.compile(r"[0-9]{1,30}", re.ASCII)


def filed_raw(inbound: Inbound, event: bytes) -> Raw:
    """The request that holds just the event of a recorded inbound; raises `Invalid` when that cannot be read.

    An edit in public is named by the time of its request, and a mention stands on somebody else's page: neither is part
    of the event, so that these are found again only while their request is on the topic.
    """
    value = read_json(event, max_bytes=LARGEST, texts_checked=False)
    if not isinstance(value, dict):
        raise Invalid("unreadable", "The filed event is no object.")
    page = _page_of(value)
    seconds = inbound.sent_at.timestamp()
    kind, time = ("changes", int(seconds)) if "field" in value else ("messaging", int(seconds * 1000))
    request = {"object": "page", "entry": [{"id": page, "time": time, kind: [value]}]}
    return Raw(
        id=inbound.id,
        channel=inbound.channel,
        intake=inbound.intake,
        endpoint=page,
        account=inbound.account,
        received_at=inbound.received_at,
        trusted=True,
        content_type=JSON_TYPE,
        trial=inbound.trial,
        personal=RawPersonal(payload=json.dumps(request).encode()),
    )


def read_kept(raw: Raw, page: Page, identity: Identity) -> Sequence[Said]:
    """What a request says, from the topic or put back by `filed_raw`; raises nothing.

    A filed event belongs to the account that it was recorded under, whatever it was known by when it came.
    """
    items = items_of(raw)
    known = Known()
    if raw.account is not None:
        threads = dict.fromkeys(people_asked(items, page), raw.account)
        known = Known(threads, owners=dict.fromkeys(objects_asked(items), raw.account))
    return [effect.said for effect in effects_of_items(items, Context(raw, page, identity, known))]


def endpoint_of(raw: Raw) -> str:
    """The page that a request is about: that of its first event; empty when that names none."""
    page = items_of(raw)[0].page
    return page if _PAGE.fullmatch(page) else ""


def _page_of(value: Mapping[str, object]) -> str:
    """The page to which an event came: whom a message was sent to, or under whose post something was written."""
    if "field" in value:
        return words(mapping(value, "value"), "post_id").partition("_")[0]
    return object_of(mapping(value, "recipient"), "id")
