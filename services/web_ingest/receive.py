"""The one place of the channel that publishes: files first, then the raw message, and only then an answer."""

import hashlib
import logging
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from gateway.domain.channel_messages import raw_message
from gateway.domain.media_types import kind_of
from gateway.errors import Invalid, Unavailable
from schemas.base import Value
from schemas.files import Attachment, AttachmentPersonal, AttachmentState
from schemas.raw import Raw, RawPersonal
from schemas.vocabulary import Intake
from services.web_ingest.bodies import ANSWERS, OPERATOR
from services.web_ingest.photos import Photo
from services.web_ingest.web import CHANNEL, Web

log = logging.getLogger(__name__)

JSON_TYPE = "application/json"


@dataclass(frozen=True, slots=True)
class Arrival:
    """A checked request: who it is from, its own name within that account, and its body as it came."""

    intake: Intake
    account: str
    external_id: str
    payload: bytes
    photos: tuple[Photo, ...] = ()
    answers: str = ""
    operator: str = ""

    def digest(self) -> str:
        """Tells one body from another, files included."""
        found = hashlib.sha256(self.payload)
        for photo in self.photos:
            found.update(hashlib.sha256(photo.content).digest())
        return found.hexdigest()

    def named_by_content(self, prefix: str = "") -> "Arrival":
        """The same, with its content as its own name within the account: for forms, which bring no other."""
        return replace(self, external_id=prefix + self.digest())


class Receipt(Value):
    """What the sender is given at once: a code is not an acceptance."""

    id: UUID
    code: str
    secret: str
    received_at: datetime


def receipt_for(web: Web, arrival: Arrival, received_at: datetime) -> Receipt:
    """The receipt that this arrival always gets: derived, so that asking again gives the same."""
    inbound_id = web.identity.inbound_id(CHANNEL, arrival.account, arrival.external_id)
    code = web.identity.receipt_code(inbound_id)
    return Receipt(id=inbound_id, code=code, secret=web.identity.lookup_secret(code), received_at=received_at)


async def under_present_account(web: Web, arrival: Arrival, received_at: datetime) -> Arrival | Receipt:
    """The arrival under the account that holds now; of one that was taken before an erasure only its receipt.

    While nobody can be asked who was erased it is taken as it is: what comes is durable without the store.
    """
    try:
        while await web.vault.is_erased(arrival.account):
            receipt = receipt_for(web, arrival, received_at)
            if await web.successors.was_taken(arrival.account, receipt.id):
                return receipt
            arrival = replace(arrival, account=web.identity.successor(arrival.account))
    except Unavailable as error:
        log.warning("erasures_unknown", extra={"channel": CHANNEL, "reason": error.reason})
    return arrival


async def receive(web: Web, arrival: Arrival, received_at: datetime) -> Receipt:
    """Make an arrival durable; raises `Invalid` or `Unavailable`, and then nothing was acknowledged.

    Repeating it repeats the same message under the same id: later stages take it once.
    """
    web.check_room()
    receipt = receipt_for(web, arrival, received_at)
    with web.acknowledge.time():
        await web.bus.publish(raw_message(await _raw(web, arrival, receipt), subject=receipt.code))
    web.received[arrival.intake].inc()
    return receipt


async def _raw(web: Web, arrival: Arrival, receipt: Receipt) -> Raw:
    return Raw(
        id=receipt.id,
        channel=CHANNEL,
        intake=arrival.intake,
        endpoint=arrival.account,
        account=arrival.account,
        received_at=receipt.received_at,
        trusted=arrival.intake is not Intake.FORM,
        content_type=JSON_TYPE,
        attachments=await _stored(web, arrival),
        trial=web.trial,
        personal=RawPersonal(payload=arrival.payload, headers=_headers(arrival)),
    )


async def claimed(web: Web, key: str, arrival: Arrival, received_at: datetime) -> Receipt:
    """Hold an idempotency key for this body; the receipt of whoever held it first.

    Raises `Invalid("idempotency_key_reused")` when the key was used for another body.
    """
    name = hashlib.sha256(key.encode()).hexdigest()
    mine = f"{arrival.digest()} {received_at.isoformat()}".encode()
    held = (await web.store.claim(f"web/key/{arrival.account}/{name}", mine)).decode()
    digest, _, at = held.partition(" ")
    if digest != arrival.digest():
        raise Invalid("idempotency_key_reused", "This Idempotency-Key was used with another body.")
    return receipt_for(web, arrival, datetime.fromisoformat(at))


def _headers(arrival: Arrival) -> dict[str, str]:
    ours = {ANSWERS: arrival.answers, OPERATOR: arrival.operator}
    return {name: value for name, value in ours.items() if value}


async def _stored(web: Web, arrival: Arrival) -> tuple[Attachment, ...]:
    return tuple(
        [
            Attachment(
                number=number,
                kind=kind_of(photo.media_type),
                state=AttachmentState.STORED,
                file=await web.files.put(arrival.account, photo.content, media_type=photo.media_type),
                personal=AttachmentPersonal(name=photo.name),
            )
            for number, photo in enumerate(arrival.photos)
        ]
    )
