"""Over real servers: a mail becomes a ticket, is answered in its thread, and completed by an answer to that."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path

import pytest_asyncio

from tests.channels.email.mailroom import ADDRESS, PASSWORD, mail
from tests.fakes.mail.dovecot import Dovecot
from tests.fakes.mail.smtp import SmtpSink
from tests.gateway_process import ROOT, GatewayProcess
from tests.ports import free_port
from tests.unit.pictures import CAMERA, photographed

LAMP = "Đèn đường trước chợ Lộc Ninh bị hỏng ba ngày nay, buổi tối rất tối, đề nghị sửa giúp."
CONTACT = "Tôi là Nguyễn Văn An, số điện thoại 0912345678, địa chỉ 12 Hùng Vương, phường Bình Phước."
UTF8 = {"MIME_Version": "1.0", "Content_Type": "text/plain; charset=utf-8", "Content_Transfer_Encoding": "8bit"}


@pytest_asyncio.fixture
async def sink() -> AsyncIterator[SmtpSink]:
    running = await SmtpSink(free_port(), password=PASSWORD).start()
    yield running
    await running.stop()


@pytest_asyncio.fixture
async def gateway(server: Dovecot, sink: SmtpSink, tmp_path: Path) -> AsyncIterator[GatewayProcess]:
    """A trial with its own address, on this test's servers."""
    running = GatewayProcess(
        tmp_path / "data",
        EMAIL_IMAP_PORT=str(server.port),
        EMAIL_SMTP_PORT=str(sink.port),
        EMAIL_PASSWORD=PASSWORD,
        EMAIL_SEND_PER_SECOND="20",
    ).start()
    try:
        yield await asyncio.to_thread(running.ready)
    finally:
        await asyncio.to_thread(running.stop)


def shown(gateway: GatewayProcess, code: str) -> str:
    environment = {"GATEWAY_DATA": str(gateway.data), "PATH": "/usr/bin:/bin"}
    asked = subprocess.run(
        [sys.executable, "-m", "cli", "show", code], cwd=ROOT, env=environment, capture_output=True, check=True
    )
    return asked.stdout.decode()


def answered(gateway: GatewayProcess, code: str, file: Path) -> None:
    environment = {"GATEWAY_DATA": str(gateway.data), "PATH": "/usr/bin:/bin"}
    command = ("answer", code, "--as", "op_lan", "--text", "Đã sửa xong.", "--file", str(file))
    subprocess.run([sys.executable, "-m", "cli", *command], cwd=ROOT, env=environment, capture_output=True, check=True)


def code_in(reply: EmailMessage) -> str:
    return str(reply["Subject"]).rpartition("[")[2].rstrip("]")


async def test_a_mail_without_contact_is_asked_for_it_and_completed_by_its_answer(
    gateway: GatewayProcess, server: Dovecot, sink: SmtpSink, tmp_path: Path
) -> None:
    server.deliver(mail(1, body=LAMP, Subject="Den duong hong", **UTF8))
    (asked,) = (await sink.until(1))[:1]
    request = asked.mail
    assert asked.recipients == ("an@citizen.example",)
    assert request["In-Reply-To"] == "<1@citizen.example>"
    assert request["References"] == "<1@citizen.example>"
    code = code_in(request)
    assert code in request.get_body(("plain",)).get_content()  # type: ignore[union-attr]  # it has one

    answer = {
        "In_Reply_To": str(request["Message-ID"]),
        "References": f"{request['References']} {request['Message-ID']}",
        "To": str(request["Reply-To"].addresses[0].addr_spec),
        "Subject": f"Re: {request['Subject']}".encode("ascii", "ignore").decode(),
    }
    server.deliver(mail(2, body=CONTACT, **{**UTF8, **answer}))
    replies = [one.mail for one in (await sink.until(3))[1:3]]
    assert [code_in(one) for one in replies] == [code, code]
    assert {one["In-Reply-To"] for one in replies} == {"<2@citizen.example>"}
    assert len({one["Message-ID"] for one in sink_mails(sink)}) == 3
    found = await asyncio.to_thread(shown, gateway, code)
    assert "accepted" in found
    assert LAMP in found

    photo = tmp_path / "Ảnh sau khi sửa.jpg"
    photo.write_bytes(photographed())
    await asyncio.to_thread(answered, gateway, code, photo)
    result = (await sink.until(4))[3].mail
    (attached,) = result.iter_attachments()
    assert (attached.get_filename(), attached.get_content_type()) == (photo.name, "image/jpeg")
    assert CAMERA.encode() not in attached.get_content()
    assert "Đã sửa xong." in result.get_body(("plain",)).get_content()  # type: ignore[union-attr]  # it has one
    assert ADDRESS.encode() not in gateway.log.read_bytes()
    assert not [event for event in gateway.events() if event["level"] == "error"], json.dumps(gateway.events())


def sink_mails(sink: SmtpSink) -> list[EmailMessage]:
    return [one.mail for one in sink.handed]
