"""The channel's way out: hands one mail to the SMTP server and says how far it came (RFC 5321).

A mail goes to the address that wrote, never to its Reply-To: whoever forges a sender could otherwise have the answers
to somebody else's account sent to themselves.
"""

import asyncio
import re
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final, assert_never

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPException,
    SMTPResponseException,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)

from gateway.domain.identity import Identity
from gateway.domain.media_types import ANSWER
from gateway.errors import Unavailable
from gateway.outbox.carrier import Delivered, FilesTaken, Handover, Later, Parcel, Refused, Unclear
from schemas.files import MOST_ANSWER_BYTES
from services.email_ingest.addresses import Address
from services.email_ingest.answer_limit import AnswerLimit
from services.email_ingest.credentials import AccessToken, Credentials, Password
from services.email_ingest.letter import Letterhead, Marks, letter
from services.email_ingest.raw import CHANNEL
from services.email_ingest.settings import Security
from services.email_ingest.tokens import message_id, reply_to, reply_token

TROUBLE_SECONDS: Final = 30.0
PERSON_SECONDS: Final = 300.0
GREYLISTED_SECONDS: Final = 300.0
"""Servers that put strangers off take them after five minutes or so."""

QUIT_SECONDS: Final = 2.0
SCANNED: Final = 3.0
"""Times the usual wait that a server may think about a mail."""

TAKES: Final = FilesTaken(dict.fromkeys(ANSWER, MOST_ANSWER_BYTES), with_words=True)

_MACHINES = re.compile(
    r"(?:mailer-daemon|mail-daemon|mdaemon|postmaster|bounces?|no-?_?reply|do-?_?not-?_?reply)(?:[+-].*)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where mails are handed in; `tls` is None only for a trial's own server. `seconds` bounds each of its answers."""

    host: str
    port: int
    security: Security
    tls: ssl.SSLContext | None
    seconds: float


class MailCarrier:
    """The `Carrier` of the email channel; each mail has a connection of its own."""

    def __init__(
        self,
        *,
        server: SmtpServer,
        credentials: Credentials,
        head: Letterhead,
        identity: Identity,
        limit: AnswerLimit,
        clock: Callable[[], datetime],
    ) -> None:
        """Take the way out, what opens it, who writes, what marks answers, the limit, and a clock of aware UTC."""
        self._server = server
        self._credentials = credentials
        self._head = head
        self._identity = identity
        self._limit = limit
        self._clock = clock

    @property
    def channel(self) -> str:
        """The channel's code."""
        return CHANNEL

    @property
    def takes(self) -> FilesTaken:
        """Every file of an answer, attached to the mail with its words."""
        return TAKES

    def split(self, text: str) -> Sequence[str]:
        """A mail holds any reply whole."""
        return (text,)

    async def hand_over(self, parcel: Parcel) -> Handover:
        """Send one mail."""
        address = str(parcel.correspondent.get("address", ""))
        refusal = self._unanswerable(address)
        if refusal is not None:
            return Refused(refusal)
        try:
            if not await self._limit.admits(parcel):
                return Refused("answer_limit")
            marks = self._marks(parcel)
            mail = letter(
                self._head,
                marks,
                known=parcel.correspondent,
                code=parcel.code,
                text=parcel.text,
                at=self._clock(),
                files=parcel.files,
            )
            return await self._sent(address, mail, marks.message_id)
        except Unavailable as error:
            return Later(error.reason, TROUBLE_SECONDS, whole_channel=True, alarm=True)

    def _unanswerable(self, address: str) -> str | None:
        """Why nothing is sent there: machines are never answered, and neither are we ourselves."""
        local, _, domain = address.rpartition("@")
        if not Address("", address).usable:
            return "no_address"
        if not address.isascii():
            return "address_not_ascii"
        own = self._head.mailbox.lower()
        if _MACHINES.fullmatch(local) or f"{local.partition('+')[0]}@{domain}".lower() == own:
            return "automatic_address"
        return None

    def _marks(self, parcel: Parcel) -> Marks:
        if parcel.code is None:
            return Marks(message_id(parcel.token, self._head.domain), None)
        token = reply_token(self._identity, parcel.account, parcel.code, parcel.reply_id)
        return Marks(message_id(token, self._head.domain), reply_to(self._head.mailbox, token))

    async def _sent(self, address: str, mail: bytes, name: str) -> Handover:
        client = SMTP(
            hostname=self._server.host,
            port=self._server.port,
            # Our own name in EHLO: the library would look up the machine's, which may take long and names nobody.
            local_hostname=self._head.domain,
            use_tls=self._server.security == "tls",
            start_tls=False,
            tls_context=self._server.tls,
            timeout=self._server.seconds,
        )
        try:
            hindered = await self._opened(client) or await self._addressed(client, address)
            return hindered or await _handed_in(client, mail, name, seconds=SCANNED * self._server.seconds)
        finally:
            if client.is_connected:
                with suppress(SMTPException, OSError):
                    await client.quit(timeout=QUIT_SECONDS)
            client.close()

    async def _opened(self, client: SMTP) -> Later | None:
        """Connect and log in; nothing has been said about any mail yet, so every failure is the channel's."""
        try:
            async with asyncio.timeout(2 * self._server.seconds):
                await client.connect()
                if self._server.security == "starttls":
                    await client.starttls(tls_context=self._server.tls)
                await self._logged_in(client)
        except SMTPAuthenticationError as error:
            # 454 is a temporary failure (RFC 4954, 6); else a person must look.
            passing = error.code < 500
            seconds = TROUBLE_SECONDS if passing else PERSON_SECONDS
            return Later("login_refused", seconds, whole_channel=True, alarm=not passing)
        except (SMTPException, OSError, ValueError):
            # A timeout is an OSError, and so is a failed handshake.
            return Later("mail_server_unreachable", TROUBLE_SECONDS, whole_channel=True)
        return None

    async def _logged_in(self, client: SMTP) -> None:
        await client.ehlo()
        if not client.supports_extension("auth"):
            return
        match self._credentials.secret():
            case Password(text):
                await client.login(self._credentials.user, text)
            case AccessToken(text):
                await client.auth_xoauth2(self._credentials.user, text)
            case secret:
                assert_never(secret)

    async def _addressed(self, client: SMTP, address: str) -> Refused | Later | None:
        """Name sender and recipient; a connection lost here has taken nothing."""
        try:
            async with asyncio.timeout(2 * self._server.seconds):
                await client.mail(self._head.mailbox)
        except SMTPResponseException as error:
            # What it has against the sender holds for every mail.
            return Later("sender_refused", _pause_after(error), whole_channel=True, alarm=error.code >= 500)
        except (SMTPException, OSError):
            return Later("mail_server_unreachable", TROUBLE_SECONDS, whole_channel=True)
        try:
            await client.rcpt(address)
        except SMTPResponseException as error:
            if error.code >= 500:
                return Refused("recipient_refused")
            return Later("recipient_put_off", GREYLISTED_SECONDS, whole_channel=error.code == 421)
        except (SMTPException, OSError):
            return Later("mail_server_unreachable", TROUBLE_SECONDS, whole_channel=True)
        return None


async def _handed_in(client: SMTP, mail: bytes, name: str, *, seconds: float) -> Handover:
    """The mail itself: once it may have been read whole, only an answer says whether it was taken."""
    try:
        # Servers look for viruses before they answer.
        await client.data(mail, timeout=seconds)
    except SMTPResponseException as error:
        if error.code >= 500:
            return Refused("mail_refused")
        return Later("mail_put_off", GREYLISTED_SECONDS, whole_channel=error.code == 421)
    except (SMTPServerDisconnected, SMTPTimeoutError, OSError):
        return Unclear("no_answer_to_mail")
    return Delivered(name)


def _pause_after(error: SMTPResponseException) -> float:
    return PERSON_SECONDS if error.code >= 500 else TROUBLE_SECONDS
