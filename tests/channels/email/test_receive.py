"""What receiving promises on a real server: every mail once in effect, whatever others or the network do."""

import asyncio
import contextlib
import imaplib
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from services.email_ingest import mailbox as watching
from services.email_ingest.imap import ImapConnection
from tests.channels.email.mailroom import ADDRESS, PASSWORD, Mailroom, mail, settings, sizes
from tests.fakes.mail.dovecot import Dovecot
from tests.fakes.mail.proxy import Proxy
from tests.ports import free_port
from tests.waiting import until


def another_client(server: Dovecot) -> imaplib.IMAP4:
    found = imaplib.IMAP4("127.0.0.1", server.port)
    found.login(ADDRESS, PASSWORD)
    found.select()
    return found


@contextlib.asynccontextmanager
async def through_proxy(room: Mailroom, server: Dovecot, **more: object) -> AsyncIterator[tuple[Mailroom, Proxy]]:
    proxy = await Proxy(free_port(), server.port).start()
    channel = replace(room.channel, settings=settings(proxy.port, **more))
    try:
        yield Mailroom(room.deployment, channel), proxy
    finally:
        await proxy.stop()


async def test_what_lies_there_and_what_is_pushed_is_taken_whole_and_left_unread(
    room: Mailroom, server: Dovecot
) -> None:
    server.deliver(mail(1))
    async with room.receiving():
        await room.until_watched()
        server.deliver(mail(2))
        await room.until_received(2)
    assert await room.sources() == [mail(1), mail(2)]
    raws = await room.raws()
    assert {raw.endpoint for raw in raws} == {ADDRESS}
    assert len({raw.account for raw in raws}) == 1
    with another_client(server) as other:
        assert other.search(None, "UNSEEN")[1] == [b"1 2"]


async def test_mail_that_others_have_read_is_taken_as_well(room: Mailroom, server: Dovecot) -> None:
    server.fill([mail(1), mail(2)])
    async with room.receiving():
        await room.until_received(2)


async def test_a_killed_server_is_noticed_at_once_and_found_again(room: Mailroom, server: Dovecot) -> None:
    async with room.receiving():
        await room.until_watched()
        await asyncio.to_thread(server.kill)
        await room.until_failed("mail_server_lost", "mail_server_absent")
        server.deliver(mail(1))
        await asyncio.to_thread(server.start)
        await room.until_received(1)
        await room.until_watched()


async def test_a_server_that_falls_silent_is_noticed_within_the_bound(room: Mailroom, server: Dovecot) -> None:
    async with (
        through_proxy(room, server, idle_seconds=0.5, call_seconds=1.0) as (quick, proxy),
        quick.receiving(),
    ):
        await quick.until_watched()
        proxy.silent = True
        await quick.until_failed("mail_server_silent")
        proxy.silent = False
        await quick.until_watched()
    assert proxy.connections >= 2


async def test_renumbered_mail_is_taken_again_as_the_same_and_new_mail_as_new(room: Mailroom, server: Dovecot) -> None:
    server.fill([mail(1), mail(2), mail(3)])
    async with room.receiving():
        before = {raw.id for raw in await room.until_received(3)}
    await asyncio.to_thread(server.stop)
    await asyncio.to_thread(server.renumber)
    server.deliver(mail(4))
    await asyncio.to_thread(server.start)
    async with room.receiving():
        await room.until_read_to(4)
    after = await room.raws()
    assert len({raw.id for raw in after} - before) == 1


async def test_at_a_first_start_older_mail_is_left_alone_even_when_it_is_renumbered(
    room: Mailroom, server: Dovecot
) -> None:
    server.fill([mail(1), mail(2), mail(3)])
    started = Mailroom(room.deployment, replace(room.channel, settings=settings(server.port, first_start="new")))
    async with started.receiving():
        await started.until_watched()
        server.deliver(mail(4))
        await started.until_received(1)
    assert await started.sources() == [mail(4)]
    await asyncio.to_thread(server.stop)
    await asyncio.to_thread(server.renumber)
    await asyncio.to_thread(server.start)
    async with started.receiving():
        server.deliver(mail(5))
        await started.until_received(2)
    # The newest of the old ones is taken now: a new mail may have arrived in the very second in which it did.
    assert set(await started.sources()) == {mail(3), mail(4), mail(5)}


async def test_mail_that_another_client_removes_after_it_was_listed_is_counted_as_gone(
    room: Mailroom, server: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.fill([mail(1), mail(2), mail(3)])
    listed = ImapConnection.listed

    async def then_removed(self: ImapConnection, uids: list[int]) -> object:
        found = await listed(self, uids)
        monkeypatch.undo()
        with another_client(server) as other:
            other.store("2", "+FLAGS", "\\Deleted")
            other.expunge()
        return found

    monkeypatch.setattr(ImapConnection, "listed", then_removed)
    async with room.receiving():
        await room.until_watched()
    assert await room.sources() == [mail(1), mail(3)]
    assert room.counted("gone") == 1


async def test_many_removals_while_waiting_are_survived(room: Mailroom, server: Dovecot) -> None:
    count = server.fill([mail(number) for number in range(1_500)])
    async with room.receiving():
        await room.until_received(count)
        await room.until_watched()
        with another_client(server) as other:
            await asyncio.to_thread(other.store, "1:*", "+FLAGS", "\\Deleted")
            await asyncio.to_thread(other.expunge)
        server.deliver(mail(9_999))
        await room.until_received(count + 1)


async def test_equal_and_missing_message_ids_are_different_mails(room: Mailroom, server: Dovecot) -> None:
    same = {"Message_ID": "<same@citizen.example>"}
    server.fill(
        [mail(1, **same), mail(2, **same), mail(3, Message_ID=None), mail(4, Message_ID=f"<{'x' * 40_000}@e.example>")]
    )
    async with room.receiving():
        raws = await room.until_received(4)
    assert len(raws) == 4


@pytest.mark.parametrize("cut_after", [1_000, 150_000, 299_990, 300_700])
async def test_a_connection_cut_within_a_mail_leaves_no_half_mail(
    room: Mailroom, server: Dovecot, cut_after: int
) -> None:
    large = mail(1, body="x" * 300_000)
    server.fill([large, mail(2)])
    async with through_proxy(room, server) as (cut, proxy):
        proxy.cut_after = cut_after
        async with cut.receiving():
            await cut.until_received(2)
        assert proxy.cuts == 1
    assert set(await room.sources()) == {large, mail(2)}


async def test_of_a_mail_beyond_the_limit_the_beginning_is_kept_and_its_size_is_told(
    room: Mailroom, server: Dovecot
) -> None:
    huge = mail(1, body="A" * 60_000_000)
    server.fill([huge, mail(2)])
    async with room.receiving():
        raws = await room.until_received(2)
    limit = room.channel.settings.max_bytes
    assert sizes(raws)[0] == {"size": len(huge), "kept": limit}
    assert (await room.sources())[0] == huge[:limit]
    assert room.counted("cut") == 1


async def test_mail_of_every_length_around_a_piece_comes_whole(
    room: Mailroom, server: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.email_ingest.receive.PIECE", 1_000)
    empty = len(mail(1, body="x")) - 1
    sources = [mail(1, body="x" * (total - empty)) for total in (999, 1_000, 1_001, 1_999, 2_000, 2_001, 5_000)]
    server.fill(sources)
    async with room.receiving():
        await room.until_received(len(sources))
    assert await room.sources() == sources


async def test_of_two_receivers_one_waits_and_follows(room: Mailroom, server: Dovecot) -> None:
    async with through_proxy(room, server) as (shared, proxy):
        async with shared.receiving():
            await shared.until_watched()
            async with shared.receiving():
                server.deliver(mail(1))
                await shared.until_received(1)
                assert proxy.connections == 1
        # Both have ended: a third one need not wait for a lease to lapse.
        async with shared.receiving():
            server.deliver(mail(2))
            await shared.until_received(2)
    assert len(await room.raws()) == 2


async def test_without_a_server_the_channel_waits_quietly(
    room: Mailroom, server: Dovecot, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    await asyncio.to_thread(server.stop)
    attempts = 0
    count = watching.Pauses.after

    def counted(self: watching.Pauses, failures: int, *, refused: bool) -> float:
        nonlocal attempts
        attempts += 1
        return count(self, failures, refused=refused)

    async def tried() -> bool:
        return attempts >= 5

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(watching.Pauses, "after", counted)
        async with room.receiving():
            await until(tried)
            assert await room.standing() == (False, "mail_server_absent")
    said = [record for record in caplog.records if record.name.startswith("services.email_ingest")]
    assert [record.getMessage() for record in said] == ["trial_mail_server_not_running"]


async def test_a_fault_of_our_own_stops_nothing_and_is_found_in_the_log(
    room: Mailroom, server: Dovecot, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **_named: object) -> str:
        raise RuntimeError("planted")

    server.deliver(mail(1))
    with monkeypatch.context() as patch:
        patch.setattr("services.email_ingest.receive.sender_of", broken)
        async with room.receiving():
            await room.until_failed("unexpected")
    assert "receiving_failed" in caplog.text
    async with room.receiving():
        await room.until_received(1)
