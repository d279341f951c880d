"""From a chat message with photos to the agency's queue and the operator's screen: what came, and what did not."""

import asyncio
import io
import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image

from gateway.bus.port import Beginning
from gateway.egress.fetcher import Fetcher
from gateway.egress.policy import EgressPolicy
from gateway.runtime import media
from gateway.runtime.backup import backup, verify
from gateway.runtime.deployment import Deployment, open_deployment
from gateway.runtime.histories import to_message
from gateway.runtime.media import FetchMedia, media_consumers
from schemas.files import AttachmentState
from schemas.inbound import Inbound
from schemas.ticket import TicketAddition
from tests.channels.media.conftest import message, pending
from tests.egress.hosts import Asked, answers, media_host
from tests.unit.filled import Commands, at_work, drained, settings_of

COMPLETE = (
    "Đèn đường ở đường Nguyễn Huệ, phường Bình Phước hỏng một tuần nay chưa ai sửa. "
    "Tôi tên Nguyễn Văn An, số điện thoại 0912345678, địa chỉ 12 Hùng Vương, phường Bình Phước."
)
PERSONAL = ("Nguyễn Văn An", "912345678", "Hùng Vương")


def photo() -> bytes:
    made, told, out = Image.new("RGB", (60, 40), "red"), Image.Exif(), io.BytesIO()
    told[0x010E] = "GPSSECRET"
    made.save(out, "JPEG", exif=told.tobytes())
    return out.getvalue()


PHOTO = photo()


class Told:
    """What the play ended in."""

    code: str
    additions: Sequence[TicketAddition]


@pytest.fixture(scope="module")
def told() -> Told:
    return Told()


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory, told: Told) -> Commands:
    """A ticket of a chat with a photo, a lost one, and one whose host failed at first; nobody runs on it."""
    data = tmp_path_factory.mktemp("media") / "data"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(media, "FIRST_PAUSE", timedelta(seconds=0.05))
        asyncio.run(play(data, told))
    return Commands(data)


async def play(data: Path, told: Told) -> None:
    failures = 2

    async def behave(asked: Asked, writer: asyncio.StreamWriter) -> None:
        nonlocal failures
        path = asked.line.split()[1]
        if path == "/late" and failures:
            failures -= 1
            await answers("500 Oops", "Retry-After: 0")(asked, writer)
        else:
            await answers("404 Gone" if path == "/missing" else "200 OK", body=PHOTO)(asked, writer)

    deployment = await open_deployment(settings_of(data))
    try:
        async with media_host(behave) as host:
            policy = EgressPolicy((host.origin,), allow_loopback=True)
            fetch = FetchMedia(
                "zalo",
                fetcher=Fetcher(policy),
                files=deployment.files,
                clock=deployment.clock,
                metrics=deployment.metrics,
            )
            photos = [pending(number, f"{host.origin}/{name}") for number, name in enumerate(("a", "missing", "late"))]
            inbound = message(deployment, *photos, text=COMPLETE)
            told.code = inbound.code
            async with at_work(deployment, *media_consumers("zalo", fetch)) as consumers:
                await publish(deployment, inbound)
                await drained(deployment, consumers)
        told.additions = await additions(deployment)
    finally:
        await deployment.close()


async def publish(deployment: Deployment, inbound: Inbound) -> None:
    sent = to_message("inbound", inbound.account, inbound, source="/test", at=inbound.received_at)
    await deployment.bus("zalo_ingest.read").publish(sent)


async def additions(deployment: Deployment) -> list[TicketAddition]:
    bus = deployment.bus("test")
    topics = [topic for topic in await bus.topics() if topic.startswith("agency.")]
    return [
        TicketAddition.model_validate_json(record.message.value)
        for topic in topics
        async for record in bus.read(topic, start=Beginning())
        if record.message.type == TicketAddition.TYPE
    ]


def test_the_agency_is_told_of_every_file_that_was_missing_at_the_transfer(commands: Commands, told: Told) -> None:
    found = {item.number: item.state for addition in told.additions for item in addition.attachments}
    states = {0: AttachmentState.STORED, 1: AttachmentState.LOST, 2: AttachmentState.STORED}
    # The first photo may have come before the ticket was opened; then the ticket had it from the beginning.
    assert found.items() <= states.items()
    assert found[2] is AttachmentState.STORED


def test_the_files_of_a_submission_are_listed(commands: Commands, told: Told) -> None:
    listed = commands.run("files", told.code.lower(), "--json")
    assert listed.exit_code == 0, listed.output
    assert [json.loads(line) for line in listed.stdout.splitlines()] == [
        {"number": 0, "kind": "image", "type": "image/jpeg", "bytes": len(PHOTO), "state": "stored", "of": "citizen"},
        {"number": 1, "kind": "image", "type": None, "bytes": None, "state": "lost", "of": "citizen"},
        {"number": 2, "kind": "image", "type": "image/jpeg", "bytes": len(PHOTO), "state": "stored", "of": "citizen"},
    ]
    table = commands.run("files", told.code).stdout
    assert "lost" in table
    assert not any(word in table for word in PERSONAL)


def test_the_record_says_which_file_is_lost_and_why(commands: Commands, told: Told) -> None:
    shown = commands.run("show", told.code).stdout
    assert "attachment 1 lost: gone" in shown
    assert "file 2 stored" in shown


def test_a_copy_holds_the_picture_alone_and_the_original_is_as_sent(
    commands: Commands, told: Told, tmp_path: Path
) -> None:
    copy, original = tmp_path / "copy.jpg", tmp_path / "original.jpg"
    assert commands.run("files", told.code, "0", "--out", str(copy), "--as", "op_lan").exit_code == 0
    assert b"GPSSECRET" not in copy.read_bytes()
    with Image.open(copy) as shown:
        assert shown.size == (60, 40)
    assert copy.stat().st_mode & 0o077 == 0
    assert commands.run("files", told.code, "2", "--out", str(original), "--original").exit_code == 0
    assert original.read_bytes() == PHOTO
    lines = [json.loads(line) for line in (commands.data / "accesses.jsonl").read_text().splitlines()]
    assert [(line["by"], line["code"], line["file"], line["form"]) for line in lines] == [
        ("op_lan", told.code, 0, "copy"),
        ("cli", told.code, 2, "original"),
    ]
    assert set(lines[0]) == {"at", "by", "code", "file", "form"}
    backup(commands.data, tmp_path / "backup")
    assert verify(tmp_path / "backup") == []
    assert (tmp_path / "backup" / "accesses.jsonl").read_bytes() == (commands.data / "accesses.jsonl").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("1", "--out", "{out}"), "file_not_here"),
        (("9", "--out", "{out}"), "no_such_file"),
        (("0",), "no_out"),
        (("0", "--out", "{out}", "--as", "Nguyễn Văn An"), "bad_operator"),
        (("0", "--out", "{there}"), "file_exists"),
        (("0", "--out", "{nowhere}"), "cannot_write"),
    ],
)
def test_what_cannot_be_given_out_says_why(
    commands: Commands, told: Told, tmp_path: Path, arguments: tuple[str, ...], reason: str
) -> None:
    (tmp_path / "there").write_bytes(b"mine")
    places = {"out": tmp_path / "out", "there": tmp_path / "there", "nowhere": tmp_path / "no" / "where"}
    result = commands.run("files", told.code, *(argument.format(**places) for argument in arguments))
    assert result.exit_code == 1
    assert reason in result.stderr
    assert not (tmp_path / "out").exists()
    assert (tmp_path / "there").read_bytes() == b"mine"
