"""The envelope of every message: CloudEvents 1.0 attributes beside a JSON value (binary mode on Kafka)."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Message:
    """A message on its way to a topic.

    `id` is stable across repeats: it is derived from the cause, the topic and the message's number.
    `time` is an aware datetime. `value` is UTF-8 JSON. Key, subject and source never carry personal data.
    """

    topic: str
    key: str
    id: str
    type: str
    source: str
    time: datetime
    value: bytes
    subject: str = ""
    traceparent: str = ""

    def headers(self) -> dict[str, str]:
        """CloudEvents headers as the Kafka protocol binding names them (CloudEvents Kafka binding 1.0.2, 3.2)."""
        found = {
            "ce_specversion": "1.0",
            "ce_id": self.id,
            "ce_type": self.type,
            "ce_source": self.source,
            "ce_time": self.time.isoformat(timespec="microseconds").replace("+00:00", "Z"),
            "content-type": "application/json",
        }
        if self.subject:
            found["ce_subject"] = self.subject
        if self.traceparent:
            found["traceparent"] = self.traceparent
        return found
