"""An SMTP server on loopback that keeps what it is handed, and answers as a script says: the citizens' mailboxes."""

import asyncio
import ssl
from base64 import b64decode
from collections import deque
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

DROP = "drop"
"""In a script: the connection ends where the answer would come."""


@dataclass(frozen=True, slots=True)
class Handed:
    """A mail as it was handed over."""

    sender: str
    recipients: tuple[str, ...]
    source: bytes
    login: str | None

    @property
    def mail(self) -> EmailMessage:
        """Read by the standard library's newer parser, which is not the product's."""
        found = message_from_bytes(self.source, policy=default)
        if not isinstance(found, EmailMessage):
            raise TypeError("not a mail")
        return found


@dataclass
class SmtpSink:
    """Scripts hold the next answers, such as `451 4.3.0 later`; when they are empty everything is taken.

    Without a password every login is good. A mail whose answer is dropped was taken all the same.
    """

    port: int
    password: str | None = None
    tls: ssl.SSLContext | None = None
    handed: list[Handed] = field(default_factory=list)
    at_login: deque[str] = field(default_factory=deque)
    at_sender: deque[str] = field(default_factory=deque)
    at_recipient: deque[str] = field(default_factory=deque)
    at_data: deque[str] = field(default_factory=deque)
    connections: int = 0
    _server: asyncio.Server | None = None
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def start(self) -> "SmtpSink":
        """Listen."""
        self._server = await asyncio.get_running_loop().create_server(self._protocol, "127.0.0.1", self.port)
        return self

    async def stop(self) -> None:
        """Listen no longer."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    async def until(self, count: int, *, seconds: float = 60.0) -> list[Handed]:
        """What was handed over, once it is at least so many mails."""
        async with asyncio.timeout(seconds):
            while len(self.handed) < count:
                self._changed.clear()
                await self._changed.wait()
        return self.handed

    def _protocol(self) -> SMTP:
        self.connections += 1
        return SMTP(
            self,
            hostname="smtp.test",
            ident="test",
            tls_context=self.tls,
            require_starttls=self.tls is not None,
            auth_require_tls=False,
            authenticator=self._authenticated,
        )

    def _authenticated(self, *said: Any) -> AuthResult:  # noqa: ANN401 - the library's own interface
        login = said[-1]
        good = not self.at_login and self.password in (None, login.password.decode())
        if good:
            said[1].said_login = login.login.decode()
        answer = None if good else self.at_login.popleft() if self.at_login else "535 5.7.8 refused"
        return AuthResult(success=good, handled=False, message=answer)

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802 - the library's interface
        """The token is the password."""
        user, token = b64decode(args[1]).split(b"\1")[:2]
        good = self.password is None or token == b"auth=Bearer " + self.password.encode()
        if good:
            session: Any = server.session
            session.said_login = user.removeprefix(b"user=").decode()
        return AuthResult(success=good, handled=False, message=None if good else "535 5.7.8 refused")

    async def handle_MAIL(  # noqa: N802 - the library's interface
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a sender, unless the script says otherwise."""
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self._next(self.at_sender, server)

    async def handle_RCPT(  # noqa: N802 - the library's interface
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Take a recipient, unless the script says otherwise."""
        answer = self._next(self.at_recipient, server)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - the same
        """Take a mail, unless the script says otherwise."""
        answer = self._next(self.at_data, server)
        if answer.startswith("250"):
            source = envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode()
            login = getattr(session, "said_login", None)
            self.handed.append(Handed(envelope.mail_from or "", tuple(envelope.rcpt_tos), source, login))
            self._changed.set()
        return answer

    def _next(self, script: deque[str], server: SMTP) -> str:
        answer = script.popleft() if script else "250 2.0.0 taken"
        if answer == DROP:
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
            return "250 2.0.0 nobody hears this"
        return answer
