"""The captured payloads of Zalo as raw messages: the account they name, and how `receive` would have wrapped them."""

from datetime import UTC, datetime
from pathlib import Path

from gateway.domain.identity import Identity
from schemas.raw import Raw, RawPersonal
from schemas.vocabulary import Intake
from services.zalo_ingest.event import CHANNEL

FOLDER = Path(__file__).parents[2] / "captured/zalo"
OA = "388613280878808645"
CITIZEN = "2512523625412515000"
APP = "431234567890123456"
IDENTITY = Identity(b"z" * 32)
ACCOUNT = IDENTITY.account(CHANNEL, f"{OA}:{CITIZEN}")
RECEIVED = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)

FILES = sorted(FOLDER.glob("*.json"))


def payload(name: str) -> bytes:
    """A captured body, byte for byte."""
    return (FOLDER / f"{name}.json").read_bytes()


def raw_of(body: bytes, *, trusted: bool = True, endpoint: str = OA, received_at: datetime = RECEIVED) -> Raw:
    """The body as `receive` wraps it."""
    return Raw(
        id=IDENTITY.inbound_id(CHANNEL, endpoint, "raw", str(hash(body))),
        channel=CHANNEL,
        intake=Intake.CHAT,
        endpoint=endpoint,
        received_at=received_at,
        trusted=trusted,
        content_type="application/json",
        personal=RawPersonal(payload=body),
    )
