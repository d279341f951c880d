"""Whom receiving believes, and what becomes of it when it is not let in itself."""

from dataclasses import replace
from pathlib import Path

from services.email_ingest.mailbox import Pauses
from tests.channels.email.certificates import Certificates
from tests.channels.email.mailroom import PASSWORD, Mailroom, mail, settings
from tests.fakes.mail.dovecot import Dovecot
from tests.fakes.mail.proxy import Proxy
from tests.ports import free_port


async def test_refused_credentials_are_tried_rarely_and_a_new_token_is_read(
    room: Mailroom, server: Dovecot, tmp_path: Path
) -> None:
    token = tmp_path / "token"
    token.write_text("expired")
    channel = replace(room.channel, settings=settings(server.port, oauth_token_file=token))
    guest = Mailroom(room.deployment, channel)
    server.deliver(mail(1))
    async with guest.receiving():
        await guest.until_failed("login_refused")
        token.write_text(PASSWORD + "\n")
        await guest.until_received(1)
    refused = room.deployment.metrics.mailbox_login_failures.labels("INBOX")._value.get()
    assert refused >= 1


def test_after_a_refused_login_a_minute_passes_at_least() -> None:
    pauses = Pauses()
    assert min(pauses.after(1, refused=True, chance=lambda: 0.0), pauses.after(9, refused=True)) >= 60.0
    assert [pauses.after(count, refused=False, chance=lambda: 1.0) for count in (1, 2, 3, 20)] == [1.0, 2.0, 4.0, 60.0]
    assert pauses.after(3, refused=False, chance=lambda: 0.0) == 2.0


async def test_over_tls_a_server_is_believed_only_with_a_trusted_certificate(
    room: Mailroom, server: Dovecot, tmp_path: Path
) -> None:
    good, other = Certificates.made(tmp_path / "good"), Certificates.made(tmp_path / "other")
    proxy = await Proxy(free_port(), server.port, tls=good.server()).start()
    server.deliver(mail(1))
    given = {"imap_security": "tls", "idle_seconds": 0.5}
    try:
        for authority, ending in ((other, "mail_server_tls"), (good, None)):
            channel = replace(room.channel, settings=settings(proxy.port, ca_file=authority.authority, **given))
            over_tls = Mailroom(room.deployment, channel)
            async with over_tls.receiving():
                if ending:
                    await over_tls.until_failed(ending)
                else:
                    await over_tls.until_received(1)
                    proxy.cut()
                    server.deliver(mail(2))
                    await over_tls.until_received(2)
    finally:
        await proxy.stop()
