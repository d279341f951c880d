"""When the channel is on, with what, and what it refuses to start with."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from gateway.errors import Conflict, Invalid, Unavailable
from gateway.projections.sqlite import SqliteDocuments
from gateway.runtime.deployment import Deployment, open_deployment
from gateway.runtime.settings import Profile
from services.email_ingest import wiring
from services.email_ingest.configuration import TRIAL_ADDRESS, TRIAL_IMAP_PORT, TRIAL_SMTP_PORT, load_settings
from services.email_ingest.cursor import Cursor, FolderCursor
from services.email_ingest.imap import FETCH_REFUSED
from services.email_ingest.receive import PATIENCE, Receive
from services.email_ingest.responses import Listed
from tests.channels.email.mailroom import ADDRESS, mail, settings
from tests.unit.filled import settings_of

PRODUCTION = {
    "EMAIL_ADDRESS": "1022@tinh.example",
    "EMAIL_IMAP_HOST": "mail.tinh.example",
    "EMAIL_PASSWORD": "secret",
}


@pytest_asyncio.fixture
async def deployment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Deployment]:
    monkeypatch.chdir(tmp_path)
    opened = await open_deployment(settings_of(tmp_path / "data"))
    yield opened
    await opened.close()


@pytest.fixture
def production(deployment: Deployment) -> Deployment:
    return replace(deployment, settings=deployment.settings.model_copy(update={"profile": Profile.PRODUCTION}))


def test_a_trial_looks_for_its_own_servers_with_its_own_secret(deployment: Deployment) -> None:
    found = load_settings(deployment)
    assert (found.address, found.imap_host, found.imap_port) == (TRIAL_ADDRESS, "127.0.0.1", TRIAL_IMAP_PORT)
    assert (found.smtp_host, found.smtp_port, found.first_start) == ("127.0.0.1", TRIAL_SMTP_PORT, "all")
    secret = (deployment.folder.secrets / "mailbox.token").read_text().strip()
    assert found.password.get_secret_value() == secret
    assert secret not in repr(found)


def test_production_without_an_address_has_no_email_channel(production: Deployment) -> None:
    assert wiring.email(production) is None


def test_production_takes_tls_alone(production: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in PRODUCTION.items():
        monkeypatch.setenv(name, value)
    found = load_settings(production)
    assert (found.user, found.smtp_host) == (PRODUCTION["EMAIL_ADDRESS"], PRODUCTION["EMAIL_IMAP_HOST"])
    for name in ("EMAIL_IMAP_SECURITY", "EMAIL_SMTP_SECURITY"):
        with monkeypatch.context() as patch:
            patch.setenv(name, "plain")
            with pytest.raises(Invalid, match=name):
                load_settings(production)


@pytest.mark.parametrize("missing", ["EMAIL_IMAP_HOST", "EMAIL_PASSWORD"])
def test_what_is_missing_is_named(production: Deployment, monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    for name, value in PRODUCTION.items():
        if name != missing:
            monkeypatch.setenv(name, value)
    with pytest.raises(Invalid, match=missing):
        load_settings(production)


async def test_a_trial_never_speaks_in_clear_to_another_host(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMAIL_IMAP_HOST", "mail.tinh.example")
    with pytest.raises(Invalid, match="EMAIL_IMAP_SECURITY"):
        load_settings(deployment)


async def test_a_cursor_that_another_receiver_moved_is_not_moved_back(tmp_path: Path) -> None:
    documents = SqliteDocuments(tmp_path / "documents.db")
    try:
        one, other = (FolderCursor(documents, ADDRESS, "INBOX") for _ in range(2))
        assert await one.load() is None
        assert await other.load() is None
        await one.move(Cursor(7, 5))
        with pytest.raises(Conflict, match="cursor_moved"):
            await other.move(Cursor(7, 3))
        assert await other.load() == Cursor(7, 5)
        await other.move(Cursor(7, 6))
    finally:
        await documents.close()


class Stubborn:
    """A connection to a server that lists three mails and cannot give the second."""

    def __init__(self) -> None:
        """Begin with all of them there."""
        self.there = [1, 2, 3]

    async def uids(self, first: int) -> list[int]:
        """Those from `first` on."""
        return [uid for uid in self.there if uid >= first]

    async def listed(self, uids: list[int]) -> dict[int, Listed]:
        """All that are there."""
        return {uid: Listed(100, None) for uid in uids if uid in self.there}

    async def bodies(self, uids: list[int], *, begin: int, length: int) -> dict[int, bytes]:
        """Refused as soon as the second is among them."""
        if 2 in uids:
            raise Unavailable(FETCH_REFUSED)
        return {uid: mail(uid)[begin : begin + length] for uid in uids}


async def test_a_mail_that_the_server_cannot_give_holds_up_the_others_for_a_while_only(
    deployment: Deployment, caplog: pytest.LogCaptureFixture
) -> None:
    channel = wiring.email(deployment, settings=settings(1))
    assert channel is not None
    receive = wiring.mailbox(channel, "INBOX")._receive
    receive._cursor = Cursor(7, 0)
    await receive._durable.load()
    for _ in range(PATIENCE - 1):
        with pytest.raises(Unavailable, match=FETCH_REFUSED):
            await receive.catch_up(Stubborn())  # type: ignore[arg-type]  # stands in for a connection
    assert await receive.catch_up(Stubborn()) == 2  # type: ignore[arg-type]  # stands in for a connection
    assert "mail_unfetchable" in caplog.text
    assert isinstance(receive, Receive)
    assert [deployment.metrics.mails.labels(what)._value.get() for what in ("unfetchable", "gone")] == [1, 0]
