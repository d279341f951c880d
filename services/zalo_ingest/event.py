"""One event of Zalo's with whom it concerns worked out: whose account, which message, when."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gateway.domain.identity import Identity
from schemas.raw import Raw
from services.zalo_ingest.catalogue import INTERACTIONS
from services.zalo_ingest.payload import Members, instant, name_at, words

CHANNEL = "zalo"


@dataclass(frozen=True, slots=True, repr=False)
class Event:
    """An event with whom it concerns worked out."""

    raw: Raw
    identity: Identity
    body: Members
    name: str
    at: datetime
    citizen: str
    anonymous: bool

    @property
    def account(self) -> str | None:
        """The citizen's account with this OA; somebody anonymous has one of their own, nobody has none."""
        kind = "anonymous:" if self.anonymous else ""
        return self.identity.account(CHANNEL, f"{self.raw.endpoint}:{kind}{self.citizen}") if self.citizen else None

    def id_for(self, account: str) -> UUID:
        """Derived from the platform's own name for the message; an event without one is told apart by its content.

        What nobody signed has names of its own, so that it can never stand in the place of a genuine message.
        """
        told = name_at(self.body, "message", "msg_id") or hashlib.sha256(self.raw.personal.payload).hexdigest()
        return self.identity.inbound_id(CHANNEL, account, told if self.raw.trusted else f"untrusted/{told}")


def event_of(raw: Raw, identity: Identity, body: Members) -> Event:
    """Work out whom the body of a raw message concerns."""
    name = words(body, "event_name")
    return Event(
        raw=raw,
        identity=identity,
        body=body,
        name=name,
        at=instant(words(body, "timestamp"), raw.received_at),
        citizen=_citizen(body, raw.endpoint),
        anonymous=name.startswith(("anonymous_", "oa_send_anonymous_")),
    )


def _citizen(body: Members, oa: str) -> str:
    """The side that is not the OA: receipts and echoes have it as the recipient, messages as the sender."""
    told = (("sender", "id"), ("recipient", "id"), ("follower", "id"), ("user", "id"), ("user_id",))
    return next((one for one in (name_at(body, *path) for path in told) if one and one != oa), "")


def noted(event: Event) -> dict[str, str]:
    """What answering needs to know; nothing for events that are no interaction, which open no window."""
    if event.name not in INTERACTIONS:
        return {}
    told = {
        "oa_id": event.raw.endpoint,
        "anonymous_id" if event.anonymous else "user_id": event.citizen,
        "conversation_id": name_at(event.body, "message", "conversation_id"),
        "message_id": name_at(event.body, "message", "msg_id"),
        "interacted_at": event.at.isoformat(),
    }
    return {name: value for name, value in told.items() if value}
