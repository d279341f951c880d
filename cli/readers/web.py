"""Reads payloads of form, app and operators' entry as the web channel does."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from cli.readers.dry_run import DRY_RUN
from gateway.domain.strict_json import read_json
from gateway.errors import Invalid
from schemas.raw import Raw, RawPersonal
from schemas.vocabulary import Intake
from services.web_ingest.inbound import MAX_PAYLOAD, inbound_of

CHANNEL = "web"


def web_lines(files: Sequence[Path], intake: Intake, at: datetime) -> Iterator[dict[str, Any]]:
    """The inbound message of each file whole, or why there is none."""
    for file in files:
        with file.open("rb") as source:
            payload = source.read(MAX_PAYLOAD + 1)
        try:
            inbound = inbound_of(_raw(payload, intake, at), DRY_RUN)
        except Invalid as error:
            yield {"error": error.reason}
            continue
        found: dict[str, Any] = json.loads(inbound.model_dump_json())
        yield found


def _raw(payload: bytes, intake: Intake, at: datetime) -> Raw:
    """The payload as `receive` would have wrapped it; raises `Invalid` for one that it would have refused."""
    body = read_json(payload, max_bytes=MAX_PAYLOAD)
    user = body.get("user_id") if isinstance(body, dict) else None
    account = DRY_RUN.account(CHANNEL, f"{intake}:{user if isinstance(user, str) else ''}")
    return Raw(
        id=DRY_RUN.inbound_id(CHANNEL, account, hashlib.sha256(payload).hexdigest()),
        channel=CHANNEL,
        intake=intake,
        endpoint=account,
        account=account,
        received_at=at,
        trusted=True,
        content_type="application/json",
        personal=RawPersonal(payload=payload),
    )
