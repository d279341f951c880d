"""Writes the events that Zalo would send about a citizen, as its developers' pages show them."""

import secrets
from dataclasses import dataclass
from typing import Any

Event = dict[str, Any]


@dataclass(frozen=True)
class Events:
    """Events between one citizen and one OA; `now` is in milliseconds since 1970."""

    app_id: str
    oa: str

    def message(self, user: str, kind: str, message: dict[str, Any], now: int) -> Event:
        """Something a citizen sent, such as `text` or `image`."""
        return {
            "app_id": self.app_id,
            "user_id_by_app": f"9{user[:18]}",
            "event_name": f"user_send_{kind}",
            "sender": {"id": user},
            "recipient": {"id": self.oa},
            "message": {"msg_id": secrets.token_hex(10), **message},
            "timestamp": str(now),
        }

    def text(self, user: str, text: str, now: int) -> Event:
        """A text."""
        return self.message(user, "text", {"text": text}, now)

    def image(self, user: str, url: str, now: int) -> Event:
        """One picture; several come as several events."""
        payload = {"thumbnail": url, "url": url}
        return self.message(user, "image", {"attachments": [{"type": "image", "payload": payload}]}, now)

    def contact(self, user: str, info: dict[str, Any], now: int) -> Event:
        """The answer to a card that asks for contact details."""
        return {
            "app_id": self.app_id,
            "event_name": "user_submit_info",
            "sender": {"id": user},
            "recipient": {"id": self.oa},
            "info": info,
            "timestamp": str(now),
        }

    def follow(self, user: str, now: int, name: str = "follow") -> Event:
        """Following, or with another name its end."""
        return {
            "oa_id": self.oa,
            "follower": {"id": user},
            "event_name": name,
            "source": "oa_profile",
            "app_id": self.app_id,
            "timestamp": str(now),
        }

    def sent(self, user: str, text: str, message_id: str, now: int, admin: str = "", *, kind: str = "text") -> Event:
        """The echo of a message of the OA's own; with `admin` one that staff typed."""
        return {
            "app_id": self.app_id,
            "event_name": f"oa_send_{kind}",
            "sender": {"id": self.oa, **({"admin_id": admin} if admin else {})},
            "recipient": {"id": user},
            "message": {"msg_id": message_id, "text": text},
            "timestamp": str(now),
        }

    def received(self, user: str, message_id: str, now: int) -> Event:
        """A receipt."""
        return {
            "app_id": self.app_id,
            "event_name": "user_received_message",
            "sender": {"id": self.oa},
            "recipient": {"id": user},
            "message": {"msg_id": message_id},
            "timestamp": str(now),
        }

    def zns_received(self, phone: str, now: int) -> Event:
        """A receipt of a paid template, which has the same name."""
        found = self.received(phone, secrets.token_hex(10), now)
        found["message"] |= {"delivery_time": str(now), "tracking_id": "out-1"}
        return found
