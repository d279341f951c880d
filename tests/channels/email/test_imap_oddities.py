"""What servers do that Dovecot does not: each ends in a clear reason within the bound, and nothing hangs."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator, Mapping

import pytest

from gateway.errors import Unavailable
from services.email_ingest.credentials import AccessToken, Password
from services.email_ingest.imap import ImapConnection, ImapServer, LoginRefused
from services.email_ingest.responses import Selected
from tests.ports import free_port

GREETING = b"* OK ready\r\n"
USUAL: Mapping[str, bytes] = {
    "CAPABILITY": b"* CAPABILITY IMAP4rev1 IDLE\r\n{tag} OK done\r\n",
    "LOGIN": b"{tag} OK in\r\n",
    "EXAMINE": b"* 0 EXISTS\r\n* OK [UIDVALIDITY 7] valid\r\n{tag} OK done\r\n",
    "NOOP": b"{tag} OK done\r\n",
    "IDLE": b"+ idling\r\n",
    "DONE": b"{tag} OK done\r\n",
}
HANG_UP = b"hang up"
SECONDS = 1.0


@contextlib.asynccontextmanager
async def connected(answers: Mapping[str, bytes], greeting: bytes = GREETING) -> AsyncIterator[ImapConnection]:
    """A connection to a server that answers each command by its name, `{tag}` filled in, or hangs up."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        tag = b""
        with contextlib.suppress(ConnectionError):
            while line := await reader.readline():
                words = line.split()
                if not words:
                    continue
                name = words[0].decode() if len(words) < 2 else words[1].decode()
                tag = words[0] if len(words) > 1 else tag
                answer = {**USUAL, **answers}.get(name, b"{tag} BAD unknown\r\n")
                if answer != HANG_UP:
                    writer.write(answer.replace(b"{tag}", tag))
                if answer.endswith(b"BYE\r\n") or answer == HANG_UP:
                    break
        writer.close()

    port = free_port()
    server = await asyncio.start_server(serve, "127.0.0.1", port)
    connection = ImapConnection(ImapServer("127.0.0.1", port, None, SECONDS))
    try:
        yield connection
    finally:
        await connection.close()
        server.close()
        await server.wait_closed()


async def opened(connection: ImapConnection) -> Selected:
    await connection.open()
    await connection.login("hotline", Password("secret"))
    return await connection.examine("INBOX")


@contextlib.contextmanager
def soon() -> Iterator[None]:
    """Nothing in here takes much longer than the bound."""
    began = time.monotonic()
    yield
    assert time.monotonic() - began < 20 * SECONDS


@pytest.mark.parametrize(
    ("answers", "greeting", "reason"),
    [
        ({}, b"* BYE too many connections\r\n", "mail_server_silent|mail_server_lost"),
        ({}, b"", "mail_server_silent"),
        ({}, b"HTTP/1.1 400 Bad Request\r\n\r\n", "mail_server_"),
        ({"CAPABILITY": b"{tag} OK nothing\r\n"}, GREETING, "mail_server_"),
        ({"LOGIN": HANG_UP}, GREETING, "mail_server_lost"),
        ({"LOGIN": b"{tag} NO [AUTHENTICATIONFAILED] no\r\n"}, GREETING, "login_refused"),
        ({"EXAMINE": b"{tag} NO no such folder\r\n"}, GREETING, "folder_unavailable"),
        ({"EXAMINE": b"* BYE\r\n"}, GREETING, "mail_server_lost"),
    ],
)
async def test_what_cannot_be_opened_says_why(answers: Mapping[str, bytes], greeting: bytes, reason: str) -> None:
    async with connected(answers, greeting) as connection:
        with soon(), pytest.raises(Unavailable, match=reason):
            await opened(connection)


@pytest.mark.parametrize("answer", [b"* BYE\r\n", HANG_UP, b"{tag} NO not now\r\n", b""])
async def test_a_refusal_to_idle_does_not_hang(answer: bytes) -> None:
    async with connected({"IDLE": answer}) as connection:
        await opened(connection)
        with soon(), pytest.raises(Unavailable, match="mail_server_"):
            await connection.wait_for_news(60.0)


async def test_idle_is_renewed_though_nothing_happens() -> None:
    async with connected({}) as connection:
        await opened(connection)
        with soon():
            await connection.wait_for_news(0.2)
            await connection.wait_for_news(0.2)


async def test_a_server_without_idle_is_asked_again_and_again() -> None:
    async with connected({"CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n{tag} OK done\r\n"}) as connection:
        await opened(connection)
        with soon():
            await connection.wait_for_news(0.2)


async def test_a_refused_token_that_the_server_wants_to_talk_about_is_a_refused_login() -> None:
    answers = {"AUTHENTICATE": b"+ eyJzdGF0dXMiOiI0MDEifQ==\r\n{tag} NO [AUTHENTICATIONFAILED] no\r\n"}
    async with connected(answers) as connection:
        await connection.open()
        with soon(), pytest.raises(LoginRefused):
            await connection.login("hotline", AccessToken("expired"))


async def test_a_folder_without_uids_is_said_to_have_none() -> None:
    async with connected({"EXAMINE": b"* 3 EXISTS\r\n{tag} OK done\r\n"}) as connection:
        assert await opened(connection) == Selected(None, None, 3)
