"""Mail of citizens who were erased: what comes is taken under another account, what was taken does not come back."""

from gateway.store.port import Commit
from schemas.conversation import history_of
from services.email_ingest.raw import source_of
from tests.channels.email.mailroom import Mailroom, mail
from tests.fakes.mail.dovecot import Dovecot


async def test_mail_of_somebody_who_was_erased_comes_under_an_account_that_follows_the_first(
    room: Mailroom, server: Dovecot
) -> None:
    server.deliver(mail(1))
    async with room.receiving():
        (first,) = await room.until_received(1)
        assert first.account is not None
        await room.deployment.vault.erase(first.account)
        server.deliver(mail(2))
        server.deliver(mail(3))
        (_, second, third) = await room.until_received(3)
    assert second.account == third.account == await room.deployment.successors.current(first.account)
    assert await room.deployment.files.open(source_of(second)) == mail(2)


async def test_a_mail_that_was_taken_before_an_erasure_is_not_kept_again(room: Mailroom, server: Dovecot) -> None:
    server.deliver(mail(1))
    async with room.receiving():
        (first,) = await room.until_received(1)
        assert first.account is not None
        taken = Commit(first.id, history_of(first.account), 1, first.received_at, first.account, b"[]")
        await room.deployment.store.record(taken)
        await room.deployment.vault.erase(first.account)
        server.deliver(mail(1))
        server.deliver(mail(2))
        (_, second) = await room.until_received(2)
    assert await room.deployment.files.open(source_of(second)) == mail(2)
    assert room.deployment.metrics.registry.get_sample_value("gateway_mails_total", {"outcome": "erased"}) == 1
