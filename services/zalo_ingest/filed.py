"""Puts a filed webhook back into the raw message that `receive` had wrapped it in, so that it can be read again."""

from collections.abc import Sequence

from gateway.domain.channel_messages import Said
from gateway.domain.identity import Identity
from gateway.errors import Invalid
from schemas.inbound import Inbound
from schemas.raw import Raw, RawPersonal
from services.zalo_ingest.inbound import NO_OA, read_raw
from services.zalo_ingest.payload import Members, members_of, name_at

JSON_TYPE = "application/json"

BY_THE_OA = ("oa_", "user_received_message", "user_seen_message")
"""Beginnings of the names of events whose sender is the OA: its own messages, and receipts of them."""


def filed_raw(inbound: Inbound, payload: bytes) -> Raw:
    """The raw message of a recorded inbound and its webhook's body: pure, and as it was but for the signature."""
    return Raw(
        id=inbound.id,
        channel=inbound.channel,
        intake=inbound.intake,
        endpoint=endpoint_of(payload),
        account=inbound.account,
        received_at=inbound.received_at,
        trusted=True,
        content_type=JSON_TYPE,
        trial=inbound.trial,
        personal=RawPersonal(payload=payload),
    )


def read_kept(raw: Raw, identity: Identity) -> Sequence[Said]:
    """What a raw message says, from the topic or put back by `filed_raw`; raises nothing.

    Whether a filed one was signed is not kept, and ids depend on it: it is read as both, and the recorded id tells.
    """
    if raw.account is None:
        return read_raw(raw, identity)
    return (*read_raw(raw, identity), *read_raw(raw.model_copy(update={"trusted": False}), identity))


def endpoint_of(payload: bytes) -> str:
    """The OA that a webhook is about as its body tells; of one that names none the app that it is about."""
    try:
        body = members_of(payload)
    except Invalid:
        return NO_OA
    told = (_named(body), name_at(body, "oa_id"), name_at(body, "app_id"))
    return next((one for one in told if one), NO_OA)


def _named(body: Members) -> str:
    side = "sender" if name_at(body, "event_name").startswith(BY_THE_OA) else "recipient"
    return name_at(body, side, "id")
