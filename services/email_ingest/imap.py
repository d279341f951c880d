"""Speaks IMAP by aioimaplib so that no call waits for ever and a lost connection ends every wait at once.

The library alone does neither (2.0.3): waiting for news sleeps its whole time when the server is gone, starting IDLE
hangs when the server says good-bye instead, a refused XOAUTH2 hangs until the client answers, and `IMAP4_SSL` drops
the callback for lost connections. It also recurses once per line of an answer, so that lists are asked for in pieces.
"""

import asyncio
import ssl
from base64 import b64encode
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar, assert_never

from aioimaplib import IMAP4, AioImapException
from aioimaplib.aioimaplib import AUTH, SELECTED, Command, CommandTimeout, IMAP4ClientProtocol, Response, quoted

from gateway.errors import Unavailable
from services.email_ingest.credentials import AccessToken, Password, Secret
from services.email_ingest.responses import Listed, Selected, bodies, listed, searched, selected

CLOSE_SECONDS: Final = 2.0
POLL_SECONDS: Final = 30.0
"""How often a server without IDLE is asked."""

SLOW_LINE: Final = 10.0
"""Times the usual wait that mails may take as long as their bytes keep coming."""

MOST_AT_ONCE: Final = 50
"""Messages of one FETCH: each is two or three lines, and the library recurses once per line."""

ABSENT: Final = "mail_server_absent"
"""Nobody listens there."""

FETCH_REFUSED: Final = "fetch_refused"
"""The server said NO to a FETCH: the connection is well, and something is wrong with a mail."""

T = TypeVar("T")


class LoginRefused(Unavailable):
    """The server does not take the credentials: a person must look, and trying often locks accounts."""


@dataclass(frozen=True, slots=True)
class ImapServer:
    """Where it is; `tls` is None only for a trial's own server. `seconds` bounds each of its answers."""

    host: str
    port: int
    tls: ssl.SSLContext | None
    seconds: float


class ImapConnection:
    """One connection, used by one task; after any `Unavailable` only `close` makes sense."""

    def __init__(self, server: ImapServer) -> None:
        """Prepare; `open` connects."""
        self._server = server
        self._lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._client: IMAP4 | None = None

    async def open(self) -> None:
        """Connect and read the greeting; raises `Unavailable`."""
        self._client = IMAP4(
            self._server.host,
            self._server.port,
            timeout=self._server.seconds,
            conn_lost_cb=self._was_lost,
            ssl_context=self._server.tls,
        )
        await self._asked(self._client.wait_hello_from_server())

    async def login(self, user: str, secret: Secret) -> None:
        """Authenticate; raises `LoginRefused` or `Unavailable`."""
        match secret:
            case Password(text):
                response = await self._asked(self._imap.login(quoted(user), text))
            case AccessToken(text):
                response = await self._asked(_xoauth2(self._imap.protocol, user, text))
            case _:
                assert_never(secret)
        if response.result != "OK":
            raise LoginRefused("login_refused", "The mail server does not take our credentials.")
        await self._asked(self._imap.protocol.capability())

    async def examine(self, folder: str) -> Selected:
        """Open a folder for reading only: nothing that we do marks a mail as read."""
        response = await self._done(self._imap.examine(quoted(folder)), "folder_unavailable")
        # The library knows only SELECT as the way into this state.
        self._imap.protocol.state = SELECTED
        return selected(response.lines)

    async def uids(self, first: int) -> Sequence[int]:
        """UIDs from `first` on that are there now, ascending."""
        response = await self._done(self._imap.uid_search(f"UID {first}:*", charset=None), "search_failed")
        return searched(response.lines, first=first)

    async def listed(self, uids: Sequence[int]) -> dict[int, Listed]:
        """Sizes of those of at most `MOST_AT_ONCE` messages that are still there."""
        asked = self._imap.uid("FETCH", _set(uids), "(UID RFC822.SIZE INTERNALDATE)")
        return listed((await self._done(asked, FETCH_REFUSED)).lines)

    async def bodies(self, uids: Sequence[int], *, begin: int, length: int) -> dict[int, bytes]:
        """`length` bytes of each source from `begin` on, fewer at its end; nothing for messages that are gone.

        A literal that was cut off by a lost connection is never returned.
        """
        asked = self._imap.uid("FETCH", _set(uids), f"(UID BODY.PEEK[]<{begin}.{length}>)")
        # The library itself gives up after the usual time without a byte; a slow line may take longer for all of them.
        return bodies((await self._done(asked, FETCH_REFUSED, patience=SLOW_LINE)).lines)

    async def wait_for_news(self, seconds: float) -> None:
        """Return when the server tells of something, at the latest after `seconds`; it answered after that.

        Raises `Unavailable` as soon as the connection is lost, and `seconds` plus one call's time after the server
        fell silent.
        """
        if self._imap.has_capability("IDLE"):
            await self._idle(seconds)
        else:
            await asyncio.wait({self._lost}, timeout=min(seconds, POLL_SECONDS))
        await self._done(self._imap.noop(), "noop_failed")

    async def close(self) -> None:
        """Release the connection; a folder that is only read needs no good-bye."""
        if self._client is None:
            return
        client, self._client = self._client, None
        # What the library waits for by itself would wait for ever.
        waiting = [*client.tasks, *client.protocol.tasks]
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        if client.protocol.transport is not None:
            client.protocol.transport.abort()
            await asyncio.wait({self._lost}, timeout=CLOSE_SECONDS)

    @property
    def _imap(self) -> IMAP4:
        if self._client is None:
            raise Unavailable("mail_server_lost", "The connection was not opened.")
        return self._client

    async def _idle(self, seconds: float) -> None:
        client = self._imap
        idle = await self._asked(client.idle_start(timeout=seconds))
        news = asyncio.ensure_future(client.wait_server_push(seconds))
        try:
            some: set[asyncio.Future[Any]] = {news, idle, self._lost}
            await asyncio.wait(some, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if not idle.done() and not self._lost.done():
                client.idle_done()
            await self._asked(idle)
        finally:
            for task in (news, idle):
                task.cancel()
            await asyncio.gather(news, idle, return_exceptions=True)

    async def _done(self, call: Awaitable[Response], reason: str, *, patience: float = 1.0) -> Response:
        response = await self._asked(call, patience=patience)
        if response.result != "OK":
            raise Unavailable(reason, "The mail server refused a command.")
        return response

    async def _asked(self, call: Awaitable[T], *, patience: float = 1.0) -> T:
        """The answer to a call; raises `Unavailable` when it does not come, at once when the connection is lost."""
        task = asyncio.ensure_future(call)
        try:
            some: set[asyncio.Future[Any]] = {task, self._lost}
            seconds = patience * self._server.seconds
            await asyncio.wait(some, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                return task.result()
            if self._lost.done():
                raise Unavailable("mail_server_lost", "The connection to the mail server was lost.")
            raise Unavailable("mail_server_silent", "The mail server does not answer.")
        except (TimeoutError, AioImapException, OSError, ValueError, LookupError) as error:
            raise Unavailable(_reason_of(error), "The mail server could not be talked to.") from error
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def _was_lost(self, _error: Exception | None) -> None:
        if not self._lost.done():
            self._lost.set_result(None)


class _Xoauth2(Command):  # type: ignore[misc]  # the library has no types
    """AUTHENTICATE XOAUTH2; a refusal comes as a challenge that must be answered before the server says NO."""

    def __init__(self, protocol: IMAP4ClientProtocol, user: str, token: str) -> None:
        initial = b64encode(f"user={user}\1auth=Bearer {token}\1\1".encode()).decode()
        super().__init__("AUTHENTICATE", protocol.new_tag(), "XOAUTH2", initial, loop=protocol.loop)
        self._protocol = protocol

    def append_to_resp(self, line: bytes, result: str = "Pending") -> None:
        super().append_to_resp(line, result)
        if line.startswith(b"+"):
            self._protocol.transport.write(b"\r\n")


async def _xoauth2(protocol: IMAP4ClientProtocol, user: str, token: str) -> Response:
    command = _Xoauth2(protocol, user, token)
    response = await protocol.execute(command, scrub=token)
    if response.result == "OK":
        protocol.state = AUTH
    return response


def _set(uids: Sequence[int]) -> str:
    if not 0 < len(uids) <= MOST_AT_ONCE:
        raise ValueError("so many messages are not asked for at once")
    return ",".join(map(str, uids))


def _reason_of(error: BaseException) -> str:
    match error:
        case ConnectionRefusedError():
            return ABSENT
        case ssl.SSLError():
            return "mail_server_tls"
        case TimeoutError() | CommandTimeout():
            return "mail_server_silent"
        case OSError():
            return "mail_server_unreachable"
        case _:
            return "mail_server_confused"
