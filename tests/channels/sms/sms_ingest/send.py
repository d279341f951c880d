"""Hands one message to the SMS gateway, and says what may be believed afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass

import httpx

from gateway.domain.splitting import split_text
from gateway.outbox.carrier import NO_FILES, Delivered, FilesTaken, Handover, Later, Parcel, Refused, Unclear
from gateway.runtime.calling import Answered, Unreached, post


@dataclass(frozen=True)
class SmsCarrier:
    """The channel's `gateway.outbox.carrier.Carrier`."""

    client: httpx.AsyncClient
    url: str
    secret: str
    channel: str = "sms"
    takes: FilesTaken = NO_FILES

    def split(self, text: str) -> Sequence[str]:
        """The messages of a reply, each within ten segments."""
        return split_text(text, 670)

    async def hand_over(self, parcel: Parcel) -> Handover:
        """Hand over one message; `reference` lets the gateway know a repeat, so that nobody gets it twice."""
        if "phone" not in parcel.correspondent:
            return Refused("unknown_correspondent")
        message = {"to": parcel.correspondent["phone"], "text": parcel.text, "reference": parcel.token}
        secret = {"Authorization": f"Bearer {self.secret}"}
        match await post(self.client, f"{self.url}/messages", seconds=15, headers=secret, json=message):
            case Answered(status=202):
                return Delivered()
            case Answered(status=401 | 403):
                return Later("no_access", 900, whole_channel=True, alarm=True)
            case Unreached() | Answered(status=429 | 503):
                return Later("not_now", 30, whole_channel=True)
            case Answered(status) if 400 <= status < 500:
                return Refused(f"http_{status}")
        return Unclear("no_answer")
