"""What sending promises: each answer of a mail server has its consequence, and no machine is answered for ever."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio

from gateway.domain.identity import Identity
from gateway.outbox.carrier import Delivered, Enclosure, Handover, Later, Parcel, Refused, Unclear
from gateway.outbox.port import token_of
from gateway.store.opening import open_store
from schemas.files import MOST_ANSWER_BYTES
from schemas.vocabulary import ReplyKind
from services.email_ingest.answer_limit import AnswerLimit
from services.email_ingest.credentials import Credentials
from services.email_ingest.letter import Letterhead
from services.email_ingest.send import MailCarrier, SmtpServer
from services.email_ingest.settings import Security
from services.email_ingest.tokens import claims, proven
from tests.channels.email.certificates import Certificates
from tests.fakes.mail.smtp import DROP, SmtpSink
from tests.ports import free_port
from tests.unit.pictures import PDF, photographed

HOTLINE = "hotline@1022.example"
CODE = "KG57-A8B9-6AUM"
AN = "ab" * 16
NOW = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
KNOWN = {
    "mailbox": HOTLINE,
    "address": "an@citizen.example",
    "name": "Nguyễn Văn An",
    "reply_to": "elsewhere@citizen.example",
    "message_id": "new@citizen.example",
    "references": ["middle@citizen.example", "old@citizen.example"],
    "subject": "Đèn đường hỏng ở số 12 Hùng Vương",
}
TEXT = "Kính gửi Ông/Bà,\nphản ánh <b>đã</b> được tiếp nhận.\n\n.\nTrân trọng."


class Desk:
    """A carrier with a server behind it, and a clock that a test moves."""

    def __init__(self, sink: SmtpSink, folder: Path) -> None:
        """Take the server and a folder for the store."""
        self.sink = sink
        self.now = NOW
        self.store = open_store(f"sqlite:///{folder / 'store.db'}", clock=lambda: self.now)
        self.identity = Identity(b"i" * 32)

    def carrier(
        self, *, per_day: int = 20, credentials: Credentials | None = None, tls: ssl.SSLContext | None = None
    ) -> MailCarrier:
        """One to this server; with `tls` it begins by STARTTLS."""
        security: Security = "starttls" if tls else "plain"
        return MailCarrier(
            server=SmtpServer("127.0.0.1", self.sink.port, security, tls, 3.0),
            credentials=credentials or Credentials(HOTLINE, "secret"),
            head=Letterhead(HOTLINE, "Tổng đài 1022"),
            identity=self.identity,
            limit=AnswerLimit(self.store, per_day=per_day, clock=lambda: self.now),
            clock=lambda: self.now,
        )

    async def hand_over(self, parcel: Parcel | None = None) -> Handover:
        """By a plain carrier."""
        return await self.carrier().hand_over(parcel or a_parcel())


def a_parcel(kind: ReplyKind = ReplyKind.ACCEPTANCE, **known: object) -> Parcel:
    reply_id = uuid4()
    return Parcel(
        reply_id=reply_id,
        number=0,
        count=1,
        token=token_of(reply_id, 0),
        account=AN,
        kind=kind,
        code=CODE,
        filed_at=NOW,
        text=TEXT,
        correspondent={**KNOWN, **known},
    )


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    sink = await SmtpSink(free_port()).start()
    made = Desk(sink, tmp_path)
    try:
        yield made
    finally:
        await sink.stop()
        await made.store.close()


async def test_a_reply_arrives_in_its_thread_marked_as_automatic_and_can_be_answered(desk: Desk) -> None:
    parcel = a_parcel()
    ending = await desk.hand_over(parcel)
    (handed,) = desk.sink.handed
    mail = handed.mail
    assert (handed.sender, handed.recipients) == (HOTLINE, ("an@citizen.example",))
    assert (str(mail["From"]), str(mail["To"])) == (f"Tổng đài 1022 <{HOTLINE}>", "Nguyễn Văn An <an@citizen.example>")
    assert mail["Subject"] == f"Re: Đèn đường hỏng ở số 12 Hùng Vương [{CODE}]"
    assert mail["In-Reply-To"] == "<new@citizen.example>"
    assert mail["References"].split() == ["<old@citizen.example>", "<middle@citizen.example>", "<new@citizen.example>"]
    assert (mail["Auto-Submitted"], mail["X-Auto-Response-Suppress"]) == ("auto-replied", "All")
    assert mail["Date"].datetime == NOW
    assert ending == Delivered(mail["Message-ID"].strip("<>"))
    plain, rich = mail.iter_parts()
    assert (mail.get_content_type(), plain.get_content_type(), rich.get_content_type()) == (
        "multipart/alternative",
        "text/plain",
        "text/html",
    )
    assert plain.get_content().replace("\r\n", "\n").strip() == TEXT
    assert "phản ánh &lt;b&gt;đã&lt;/b&gt; được" in rich.get_content()
    for said in (mail["Message-ID"].strip("<>"), mail["Reply-To"].addresses[0].addr_spec):
        (claim,) = claims([said])
        assert (claim.code, claim.reply_id) == (CODE, parcel.reply_id)
        assert proven(desk.identity, AN, claim)


async def test_files_are_attached_behind_the_words_under_their_own_names(desk: Desk) -> None:
    files = (
        Enclosure("Ảnh đèn đường trước số 12 đường Hùng Vương.jpg", "image/jpeg", photographed()),
        Enclosure("bien ban.pdf", "application/pdf", PDF),
    )
    assert isinstance(await desk.hand_over(replace(a_parcel(), files=files)), Delivered)
    mail = desk.sink.handed[0].mail
    words, *attached = mail.iter_parts()
    assert (mail.get_content_type(), words.get_content_type()) == ("multipart/mixed", "multipart/alternative")
    assert next(words.iter_parts()).get_content().replace("\r\n", "\n").strip() == TEXT
    assert [
        (one.get_filename(), one.get_content_type(), one.get_content(), one.get_content_disposition())
        for one in attached
    ] == [(one.name, one.media_type, one.content, "attachment") for one in files]
    assert (mail["Auto-Submitted"], mail["Subject"]) == (
        "auto-replied",
        f"Re: Đèn đường hỏng ở số 12 Hùng Vương [{CODE}]",
    )


async def test_the_largest_answer_fits_into_a_mail(desk: Desk) -> None:
    files = (Enclosure("lon.pdf", "application/pdf", PDF + b"x" * (MOST_ANSWER_BYTES - len(PDF))),)
    assert isinstance(await desk.hand_over(replace(a_parcel(), files=files)), Delivered)
    (attached,) = desk.sink.handed[0].mail.iter_attachments()
    assert len(attached.get_content()) == MOST_ANSWER_BYTES
    assert len(attached.get_payload()) < 25_000_000


@pytest.mark.parametrize(
    ("where", "answer", "ending"),
    [
        ("at_data", "451 4.3.0 later", Later("mail_put_off", 300.0)),
        ("at_data", "421 4.3.2 closing", Later("mail_put_off", 300.0, whole_channel=True)),
        ("at_data", "554 5.7.1 spam", Refused("mail_refused")),
        ("at_recipient", "450 4.2.0 greylisted", Later("recipient_put_off", 300.0)),
        ("at_recipient", "550 5.1.1 unknown", Refused("recipient_refused")),
        ("at_recipient", DROP, Later("mail_server_unreachable", 30.0, whole_channel=True)),
        ("at_sender", "451 4.7.1 slow down", Later("sender_refused", 30.0, whole_channel=True)),
        ("at_sender", "550 5.7.60 not yours", Later("sender_refused", 300.0, whole_channel=True, alarm=True)),
        ("at_data", DROP, Unclear("no_answer_to_mail")),
    ],
)
async def test_every_answer_has_its_consequence(desk: Desk, where: str, answer: str, ending: Handover) -> None:
    getattr(desk.sink, where).append(answer)
    assert await desk.hand_over() == ending
    assert isinstance(await desk.hand_over(), Delivered)


async def test_a_server_that_is_not_there_pauses_the_channel(desk: Desk) -> None:
    await desk.sink.stop()
    assert await desk.hand_over() == Later("mail_server_unreachable", 30.0, whole_channel=True)


@pytest.mark.parametrize(
    "address",
    [
        "MAILER-DAEMON@mx.example",
        "postmaster@x.example",
        "no-reply@shop.example",
        "bounces+1@x.example",
        HOTLINE,
        "Hotline+abc@1022.example",
    ],
)
async def test_machines_and_we_ourselves_are_never_answered(desk: Desk, address: str) -> None:
    assert await desk.hand_over(a_parcel(address=address)) == Refused("automatic_address")
    assert desk.sink.connections == 0


@pytest.mark.parametrize("address", ["", "nobody", "an @x.example", "an@x.example\r\nBcc: all@x.example"])
async def test_what_is_no_address_gets_nothing(desk: Desk, address: str) -> None:
    assert await desk.hand_over(a_parcel(address=address)) == Refused("no_address")
    assert desk.sink.connections == 0


async def test_after_so_many_answers_in_a_day_only_results_go_out(desk: Desk) -> None:
    carrier = desk.carrier(per_day=2)
    first = a_parcel()
    endings = [await carrier.hand_over(one) for one in (first, a_parcel(), a_parcel())]
    assert [type(one) for one in endings] == [Delivered, Delivered, Refused]
    assert endings[2] == Refused("answer_limit")
    # A repeated attempt at one that had its place, and what an official wrote, are not held back.
    assert isinstance(await carrier.hand_over(first), Delivered)
    assert isinstance(await carrier.hand_over(a_parcel(ReplyKind.RESULT)), Delivered)
    assert isinstance(await carrier.hand_over(replace(a_parcel(), account="cd" * 16)), Delivered)
    desk.now += timedelta(hours=24, seconds=1)
    assert isinstance(await carrier.hand_over(a_parcel()), Delivered)


async def test_login_by_password_and_by_a_token_that_is_read_anew(desk: Desk, tmp_path: Path) -> None:
    desk.sink.password = "secret"
    assert isinstance(await desk.hand_over(), Delivered)
    token = tmp_path / "token"
    token.write_text("expired")
    carrier = desk.carrier(credentials=Credentials(HOTLINE, "", token))
    assert await carrier.hand_over(a_parcel()) == Later("login_refused", 300.0, whole_channel=True, alarm=True)
    token.write_text("secret\n")
    assert isinstance(await carrier.hand_over(a_parcel()), Delivered)
    token.unlink()
    missing = await carrier.hand_over(a_parcel())
    assert missing == Later("token_file_unreadable", 30.0, whole_channel=True, alarm=True)
    assert [one.login for one in desk.sink.handed] == [HOTLINE, HOTLINE]


async def test_a_login_that_fails_for_now_is_no_alarm(desk: Desk) -> None:
    desk.sink.password = "secret"
    # Each way of logging in that the server offers is tried.
    desk.sink.at_login.extend(["454 4.7.0 temporary"] * 2)
    assert await desk.hand_over() == Later("login_refused", 30.0, whole_channel=True)


async def test_nothing_is_said_to_a_server_whose_certificate_is_not_trusted(desk: Desk, tmp_path: Path) -> None:
    good, other = Certificates.made(tmp_path / "good"), Certificates.made(tmp_path / "other")
    desk.sink.tls = good.server()
    desk.sink.password = "secret"
    refused = await desk.carrier(tls=other.client()).hand_over(a_parcel())
    assert refused == Later("mail_server_unreachable", 30.0, whole_channel=True)
    assert isinstance(await desk.carrier(tls=good.client()).hand_over(a_parcel()), Delivered)


async def test_a_server_that_says_nothing_is_not_waited_for_long(desk: Desk) -> None:
    await desk.sink.stop()

    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(mute, "127.0.0.1", desk.sink.port)
    try:
        async with asyncio.timeout(30):
            assert await desk.hand_over() == Later("mail_server_unreachable", 30.0, whole_channel=True)
    finally:
        server.close()
        await server.wait_closed()
