"""Reads bodies of webhooks as the Zalo and Facebook channels do, as if they had come signed, and says what they say."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid5

from cli.readers import reader_of
from gateway.domain.identity import NAMESPACE, Identity
from schemas.base import Contract
from schemas.inbound import Ignored, Inbound
from schemas.raw import Raw, RawPersonal
from schemas.vocabulary import Intake
from services.facebook_ingest import filed as facebook
from services.zalo_ingest import filed as zalo

LARGEST = 1_000_000
"""Bytes; a larger request is refused before it is hashed."""

ENDPOINTS: Mapping[str, Callable[[Raw], str]] = {
    "zalo": lambda raw: zalo.endpoint_of(raw.personal.payload),
    "facebook": facebook.endpoint_of,
}
"""Channel to whom a webhook is about: the OA, or the page."""


def webhook_lines(channel: str, files: Sequence[Path], identity: Identity, at: datetime) -> Iterator[dict[str, Any]]:
    """What each body says: one message as itself, the events of a batch as `items`, `error` when it is too large."""
    reader = reader_of(channel)
    for file in files:
        with file.open("rb") as source:
            payload = source.read(LARGEST + 1)
        if len(payload) > LARGEST:
            yield {"error": "too_large"}
            continue
        said = [shown(one) for one in reader.read(_raw(channel, payload, at), identity)]
        yield said[0] if len(said) == 1 else {"items": said}


def shown(said: Contract) -> dict[str, Any]:
    """A citizen's message whole; of anything else its type, and of what is ignored the reason first."""
    told: dict[str, Any] = json.loads(said.model_dump_json())
    match said:
        case Inbound():
            return told
        case Ignored(reason=reason):
            return {"ignored": reason, "id": told["id"], "account": told["account"]}
        case _:
            return {"type": said.TYPE, **told}


def _raw(channel: str, payload: bytes, at: datetime) -> Raw:
    raw = Raw(
        id=uuid5(NAMESPACE, f"raw/{channel}/{hashlib.sha256(payload).hexdigest()}"),
        channel=channel,
        intake=Intake.CHAT,
        endpoint="unknown",
        received_at=at,
        trusted=True,
        content_type="application/json",
        personal=RawPersonal(payload=payload),
    )
    return raw.model_copy(update={"endpoint": ENDPOINTS[channel](raw) or "unknown"})
