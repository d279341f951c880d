"""How the channel is, for operators: its settings in short, and the access to each Official Account."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.zalo_ingest.receive import PATH
from services.zalo_ingest.settings import ZaloSettings
from services.zalo_ingest.token_pairs import Mark, Pairs


async def state_of(settings: ZaloSettings, pairs: Pairs, now: datetime) -> Mapping[str, Any]:
    """How the channel is, for operators: its settings in short, and the access to each OA."""
    return {
        "webhook": PATH,
        "signature_enforced": settings.signature_enforce,
        "api": settings.api_url,
        "allow_charged": settings.allow_charged,
        "oas": [await _access(pairs, oa, now) for oa in settings.oas],
    }


async def _access(pairs: Pairs, oa: str, now: datetime) -> Mapping[str, Any]:
    held = await pairs.latest(oa)
    if held is None:
        return {"oa": oa, "access": "no_consent"}
    access = "live" if held.pair.expires_at > now else "expired"
    if await pairs.marked(oa, held.generation, Mark.NOT_RENEWED):
        access = "needs_consent"
    if await pairs.marked(oa, held.generation, Mark.REVOKED):
        access = "consent_revoked"
    return {
        "oa": oa,
        "access": access,
        "generation": held.generation,
        "obtained_at": held.pair.obtained_at.isoformat(),
        "expires_at": held.pair.expires_at.isoformat(),
    }
