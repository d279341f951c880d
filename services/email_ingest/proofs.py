"""Learns from what comes back how a reply ended of which nobody knew: answered is arrived, returned is not."""

from collections.abc import Callable
from datetime import datetime

from gateway.domain.identity import Identity
from gateway.outbox.port import Outbox, PartState, token_of
from services.email_ingest.mail import Auto, Mail
from services.email_ingest.raw import CHANNEL
from services.email_ingest.threads import returned
from services.email_ingest.tokens import claims, proven

WHOLE = 0
"""A mail holds any reply whole: its only part."""


class Proofs:
    """Tells the outbox; the same mail tells the same again."""

    def __init__(self, outbox: Outbox, identity: Identity, clock: Callable[[], datetime]) -> None:
        """Take what is told, what proves our tokens, and a clock of aware UTC."""
        self._outbox = outbox
        self._identity = identity
        self._clock = clock

    async def met(self, mail: Mail, account: str) -> None:
        """Look at one mail, a person's or a machine's; raises `Unavailable`."""
        if mail.auto is Auto.BOUNCE:
            await self._returned(mail)
            return
        for claim in claims((*mail.references, *mail.delivered_to)):
            if proven(self._identity, account, claim):
                await self._outbox.echoed(CHANNEL, token=token_of(claim.reply_id, WHOLE), account=account)

    async def _returned(self, mail: Mail) -> None:
        """A bounce comes from a server: the account that its token must prove is the one that the reply went to."""
        for claim in returned(mail):
            part = await self._outbox.part(claim.reply_id, WHOLE)
            if part is None or part.state is not PartState.UNKNOWN or part.channel != CHANNEL:
                continue
            if proven(self._identity, part.account, claim):
                await self._outbox.failed(part.reply_id, part.number, reason="returned", now=self._clock())
