"""The two messages by which a channel speaks: a payload as it came, and what a reader found in it."""

from pydantic import TypeAdapter

from gateway.domain.identity import message_id
from gateway.domain.tracing import entry
from schemas.envelope import Message
from schemas.inbound import Ignored, Inbound, StaffMessage, Withdrawn
from schemas.raw import Raw
from schemas.topics import CHANNELS

INBOUND = "inbound"

Said = Inbound | StaffMessage | Withdrawn | Ignored
"""The closed set of what a reader finds."""

_RAW = TypeAdapter(Raw)


def source_of(channel: str, part: str) -> str:
    """Who says so, as a CloudEvents source, such as `/zalo_ingest/read`."""
    return f"/{CHANNELS[channel]}/{part}"


def raw_message(raw: Raw, *, subject: str = "") -> Message:
    """The message that carries a payload, keyed by its endpoint: the beginning of a trace.

    `subject` is the receipt code, where it is known already.
    """
    raw_id = str(raw.id)
    return Message(
        topic=f"raw.{raw.channel}",
        key=raw.endpoint,
        id=raw_id,
        type=Raw.TYPE,
        source=source_of(raw.channel, "receive"),
        time=raw.received_at,
        value=_RAW.dump_json(raw),
        subject=subject,
        traceparent=entry(raw_id),
    )


def inbound_message(said: Said, endpoint: str) -> Message:
    """The message that carries what was found, keyed by account; what concerns nobody in particular by the endpoint."""
    return Message(
        topic=INBOUND,
        key=said.account or endpoint,
        id=str(message_id(said.id, INBOUND, 0)),
        type=said.TYPE,
        source=source_of(said.channel, "read"),
        time=said.received_at,
        value=said.model_dump_json().encode(),
        subject=said.code if isinstance(said, Inbound) else "",
    )
