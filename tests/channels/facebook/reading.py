"""Reads captured and made-up payloads as the channel does, without any port."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from gateway.domain.identity import Identity
from schemas.inbound import Ignored, Inbound, StaffMessage, Withdrawn
from schemas.raw import Raw, RawPersonal
from schemas.vocabulary import Intake
from services.facebook_ingest.effects import Effect, Known
from services.facebook_ingest.inbound import effects_of
from services.facebook_ingest.page import Page

CAPTURED = Path(__file__).parents[2] / "captured/facebook"
PAGE = Page("104512345678901", "551100", frozenset({"NEW_TICKET", "GET_STARTED"}))
PERSON = "7421003344556677"
IDENTITY = Identity(b"i" * 32)
RECEIVED = datetime(2026, 11, 26, 1, 30, tzinfo=UTC)
ACCOUNT = IDENTITY.account("facebook", f"{PAGE.id}:{PERSON}")


def raw_of(payload: object, **headers: str) -> Raw:
    return Raw(
        id=UUID(int=7),
        channel="facebook",
        intake=Intake.CHAT,
        endpoint=PAGE.id,
        received_at=RECEIVED,
        trusted=True,
        content_type="application/json",
        trial=True,
        personal=RawPersonal(
            payload=payload if isinstance(payload, bytes) else json.dumps(payload).encode(), headers=headers
        ),
    )


def effects(payload: object, known: Known | None = None) -> Sequence[Effect]:
    return effects_of(raw_of(payload), PAGE, IDENTITY, known or Known())


def captured(name: str) -> Any:  # noqa: ANN401 - a payload is any JSON
    return json.loads((CAPTURED / f"{name}.json").read_text(encoding="utf-8"))


def read(name: str, known: Known | None = None) -> Any:  # noqa: ANN401 - whichever of the closed set it is
    """What the one event of a captured payload becomes."""
    [effect] = effects(captured(name), known)
    return effect.said


def named(effect: Effect) -> str:
    """`inbound`, `staff_message`, `withdrawn`, or `ignored:<reason>`."""
    match effect.said:
        case Inbound():
            return "inbound"
        case StaffMessage():
            return "staff_message"
        case Withdrawn():
            return "withdrawn"
        case Ignored(reason=reason):
            return f"ignored:{reason}"


def messaging(*items: object) -> dict[str, object]:
    return {"object": "page", "entry": [{"id": PAGE.id, "time": 1764120000123, "messaging": list(items)}]}


def message(text: str = "Đèn đường hỏng", mid: str = "m_1", **members: object) -> dict[str, object]:
    return {
        "sender": {"id": PERSON},
        "recipient": {"id": PAGE.id},
        "timestamp": 1764120000000,
        "message": {"mid": mid, "text": text, **members},
    }


def changes(*values: object) -> dict[str, object]:
    listed = [{"field": "feed", "value": value} for value in values]
    return {"object": "page", "entry": [{"id": PAGE.id, "time": 1764120101, "changes": listed}]}
