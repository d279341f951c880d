"""Sees to it that all copies of the channel that run at one time sign with one session key.

A form that one copy gave out would be refused by another with a key of its own, now and then and without a trace. The
key itself may be changed: when every copy has stopped, the next one's is the one that holds.
"""

import asyncio
import hashlib
import hmac
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from gateway.errors import Invalid, Unavailable
from gateway.store.port import Store

log = logging.getLogger(__name__)

CLAIM = "lease/session_key"
LASTS = timedelta(seconds=60)
RENEWED_SECONDS = 20.0


class SessionKeyLease:
    """One copy's word on its key; copies with the same key share the claim."""

    def __init__(self, key: bytes, store: Store, clock: Callable[[], datetime]) -> None:
        """Take the key, where it is claimed, and a clock of aware UTC."""
        self._fingerprint = hmac.digest(key, b"fingerprint", hashlib.sha256).hex()[:16].encode()
        self._store = store
        self._clock = clock

    async def run(self) -> None:
        """Hold the claim until cancelled; raises `Invalid("session_key_differs")` beside a copy with another key."""
        while True:
            try:
                await self.hold()
            except Unavailable as error:
                log.warning("session_key_unclaimed", extra={"reason": error.reason})
            await asyncio.sleep(RENEWED_SECONDS)

    async def hold(self) -> None:
        """Claim once or extend the claim; raises like `run`, and `Unavailable`."""
        if await self._store.claim(CLAIM, self._fingerprint, until=self._clock() + LASTS) != self._fingerprint:
            sentence = "A copy of web_ingest runs with another session.key; give all of them the same, or wait a minute"
            raise Invalid("session_key_differs", f"{sentence} after the last one with the other key has stopped.")
