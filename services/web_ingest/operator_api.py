"""Operators' entries over the API: calls, paper letters and portal items, with recording or scans (Điều 3.5, 11.1)."""

import secrets

from starlette.requests import Request
from starlette.responses import Response

from gateway.domain.media_types import CITIZEN, RECORDING
from services.web_ingest.api import accepted_answer
from services.web_ingest.bodies import ENTRY, check_field, check_not_ahead, read_body
from services.web_ingest.incoming import Shape, authorized, check_size, idempotency_key, incoming
from services.web_ingest.photos import PHOTOS
from services.web_ingest.photos import RECORDING as RECORDING_FIELD
from services.web_ingest.receive import Arrival, Receipt, claimed, receive
from services.web_ingest.site import Site
from services.web_ingest.web import CHANNEL, Web

ENTRY_FILES = {RECORDING_FIELD: RECORDING, PHOTOS: CITIZEN}


class OperatorApi:
    """`POST /v1/operator/entries`."""

    def __init__(self, site: Site) -> None:
        """Take what pages and API share."""
        self._site = site
        self._shape = Shape("entry", site.entry_bounds(texts=frozenset({"entry"})), ENTRY_FILES)

    async def enter(self, request: Request) -> Response:
        """Take an entry under the operator's name; its reference number makes it one entry for ever."""
        site, web = self._site, self._site.web
        check_size(site, request, self._shape)
        operator = authorized(site, request, web.settings.operator_keys)
        key = idempotency_key(request)
        async with await incoming(site, request, self._shape) as found:
            body = read_body(ENTRY, found.payload, max_bytes=web.settings.json_bytes)
            check_field(body.label, body.subfield)
            check_not_ahead("received_at", body.received_at, web.clock())
            name = body.reference or key or secrets.token_hex(16)
            arrival = Arrival(
                intake=body.intake,
                account=web.identity.account(CHANNEL, f"{body.intake}:{name}"),
                external_id=f"entry:{name}",
                payload=found.payload,
                photos=found.photos,
                operator=operator,
            )
            receipt = await receive_entry(web, arrival, name)
        return accepted_answer(site, receipt)


async def receive_entry(web: Web, arrival: Arrival, name: str) -> Receipt:
    """Make an entry durable under its reference; raises `Invalid("idempotency_key_reused")` for another body."""
    first = await claimed(web, name, arrival, web.clock())
    return await receive(web, arrival, first.received_at)
