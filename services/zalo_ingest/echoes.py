"""Knows our own messages again when Zalo tells of them, and so settles what a lost answer left open."""

from collections.abc import Callable
from datetime import datetime, timedelta

from gateway.domain.hygiene import clean_text
from gateway.errors import Invalid
from gateway.outbox.payload import unpacked
from gateway.outbox.port import Outbox, Part, context_of
from gateway.vault.port import Vault
from services.zalo_ingest.event import CHANNEL
from services.zalo_ingest.inbound import Echo
from services.zalo_ingest.uploading import KINDS

CLOCKS_DIFFER = timedelta(seconds=60)
"""By how much Zalo's clock may be behind ours: an echo from before its message was filed is of another one."""


class Echoes:
    """Tells the outbox of echoes."""

    def __init__(self, outbox: Outbox, vault: Vault, clock: Callable[[], datetime]) -> None:
        """Take the outbox, what opens its texts, and a clock of aware UTC."""
        self._outbox = outbox
        self._vault = vault
        self._clock = clock

    async def heard(self, account: str, echo: Echo, at: datetime) -> Part | None:
        """The part that was sent, if it is one of ours; `at` is Zalo's time of the message.

        Zalo carries no token of ours. Its id is known only when its answer came; else the text tells, or of a
        file, whose copy has none, its kind: messages of one citizen are handed over one by one.
        """
        if echo.remote_id:
            known = await self._outbox.echoed(CHANNEL, remote_id=echo.remote_id, account=account)
            if known is not None:
                return known
        for part in await self._outbox.unproven(CHANNEL, account):
            if at >= part.filed_at - CLOCKS_DIFFER and await self._says(part, echo):
                name = echo.remote_id or None
                await self._outbox.sent(part.reply_id, part.number, remote_id=name, now=self._clock())
                return part
        return None

    async def _says(self, part: Part, echo: Echo) -> bool:
        try:
            plain = await self._vault.open(part.account, part.sealed, context=context_of(part.reply_id, part.number))
        except Invalid:
            # Erased meanwhile: then nothing of it can be compared, and nobody is to be told.
            return False
        payload = unpacked(plain)
        if payload.files and echo.kind in KINDS.values():
            return KINDS.get(payload.files[0].file.media_type) == echo.kind
        said = _plain(echo.text)
        return said == _plain(payload.text) or bool(payload.files and said == _plain(payload.instead))


def _plain(text: str) -> str:
    """Without what a platform may change on the way: white space and the way letters are composed."""
    return " ".join(clean_text(text).split())
