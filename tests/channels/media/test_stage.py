"""Every pending attachment is stored or said to be lost, once, and no slow host holds up the others."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import pytest

from gateway.egress.fetcher import Fetched, Fetcher
from gateway.egress.policy import EgressPolicy
from gateway.errors import Invalid, Unavailable
from gateway.runtime import media
from gateway.runtime.media import SIDE_BY_SIDE, TOPIC, WAITING, media_consumers
from schemas.envelope import Message
from schemas.files import Attachment, AttachmentLost, AttachmentState, AttachmentStored, AttachmentWaiting, FileRef
from schemas.inbound import Ignored
from tests.channels.media.conftest import NOON, Stage, again, message, pending, record_of
from tests.egress.hosts import JPEG, Asked, Behave, answers, media_host

HOUR = timedelta(hours=1)


def by_path(**behaviours: Behave) -> Behave:
    """A host that behaves by the first word of the path."""

    async def behave(asked: Asked, writer: asyncio.StreamWriter) -> None:
        await behaviours[asked.line.split()[1].split("/")[1]](asked, writer)

    return behave


async def stalling(_: Asked, writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


def outcomes(messages: Sequence[Message]) -> dict[int, str]:
    """What became of each attachment by its number: `stored`, `waiting`, or why it is lost."""
    found = {}
    for one in messages:
        match one.type:
            case AttachmentStored.TYPE:
                found[AttachmentStored.model_validate_json(one.value).number] = "stored"
            case AttachmentLost.TYPE:
                lost = AttachmentLost.model_validate_json(one.value)
                found[lost.number] = lost.reason
            case _:
                found[AttachmentWaiting.model_validate_json(one.value).attachment.number] = "waiting"
    return found


async def test_each_attachment_ends_stored_or_lost_with_its_reason(stage: Stage) -> None:
    host = media_host(
        by_path(
            photo=answers("200 OK", body=JPEG),
            missing=answers("404 Not Found"),
            expired=answers("403 Forbidden"),
            page=answers("200 OK", "Content-Type: image/jpeg", body=b"<!DOCTYPE html><html>login</html>"),
            words=answers("200 OK", body="Biên bản họp tổ dân phố".encode()),
            program=answers("200 OK", "Content-Type: image/jpeg", body=b"MZ\x90\0"),
            endless=answers("200 OK", body=bytes(60_000)),
            short=answers("200 OK", body=JPEG, length=len(JPEG) + 9),
            busy=answers("503 Busy"),
            stall=stalling,
        )
    )
    async with host as there:
        paths = ("photo", "missing", "expired", "page", "program", "endless", "short", "busy", "stall")
        attachments = [pending(number, f"{there.origin}/{path}/1") for number, path in enumerate(paths)]
        attachments += [
            pending(20, f"{there.origin}/words/1"),
            pending(21, f"{there.origin}/words/1", kind="document"),
            pending(22, "http://127.0.0.1:1/x"),
            pending(23, "https://zdn.vn.evil.example/x"),
            pending(24, ""),
        ]
        inbound = message(stage.deployment, *attachments)
        found = await stage.fetching(there.origin, seconds=4.0)(record_of(inbound))
    assert outcomes(found) == {
        0: "stored",
        1: "gone",
        2: "gone",
        3: "not_media",
        4: "not_media",
        5: "too_large",
        6: "waiting",
        7: "waiting",
        8: "waiting",
        20: "not_media",
        21: "stored",
        22: "egress_refused",
        23: "egress_refused",
        24: "no_source",
    }
    stored = AttachmentStored.model_validate_json(found[0].value)
    assert stored.file.media_type == "image/jpeg"
    assert await stage.deployment.files.open(stored.file) == JPEG
    assert (stored.account, stored.inbound_id, found[0].key) == (inbound.account, inbound.id, inbound.account)
    assert (stage.counted("stored"), stage.counted("gone")) == (2.0, 2.0)
    kept = stage.metrics.registry.get_sample_value("gateway_media_bytes_total", {"channel": "zalo"})
    assert kept == len(JPEG) + len("Biên bản họp tổ dân phố".encode())


async def test_repeated_it_says_the_same_under_the_same_ids(stage: Stage) -> None:
    async with media_host(by_path(photo=answers("200 OK", body=JPEG), missing=answers("404 No"))) as there:
        fetch = stage.fetching(there.origin)
        given = record_of(
            message(stage.deployment, pending(0, f"{there.origin}/photo"), pending(1, f"{there.origin}/missing"))
        )
        first, second = await fetch(given), await fetch(given)
    assert [(one.id, one.value) for one in first] == [(one.id, one.value) for one in second]
    # Were the link to die in between, the first word would stand: both outcomes have one id.
    gone = await fetch(given)
    assert outcomes(gone)[0] == "waiting"
    later = AttachmentWaiting.model_validate_json(gone[0].value).model_copy(update={"since": NOON - HOUR})
    stage.now += HOUR
    (lost,) = await fetch(record_of(later, WAITING))
    assert (lost.id, lost.type) == (first[0].id, AttachmentLost.TYPE)


async def test_what_is_not_its_own_is_passed_over(stage: Stage) -> None:
    fetch = stage.fetching()
    photo = pending(0, "https://zdn.vn.evil.example/x")
    assert await fetch(record_of(message(stage.deployment, photo, channel="facebook"))) == ()
    here = FileRef(address="a" * 64, owner="b" * 32, size=1, media_type="image/png")
    stored = Attachment(number=0, kind="image", state=AttachmentState.STORED, file=here)
    assert await fetch(record_of(message(stage.deployment, stored))) == []
    ignored = Ignored(id=message(stage.deployment).id, channel="zalo", account=None, reason="seen", received_at=NOON)
    assert await fetch(record_of(ignored)) == ()
    own = await fetch(record_of(message(stage.deployment, pending(0, "http://127.0.0.1:1/"))))
    assert outcomes(own) == {0: "egress_refused"}
    other = AttachmentWaiting(
        id=ignored.id,
        inbound_id=ignored.id,
        channel="facebook",
        account="b" * 32,
        attachment=photo,
        since=NOON,
        attempt=1,
        not_before=NOON + HOUR,
    )
    assert await fetch(record_of(other, WAITING)) == ()


class Gate(Fetcher):
    """Holds every download until the gate is opened, and counts those that wait."""

    def __init__(self) -> None:
        """Begin with the gate closed."""
        super().__init__(EgressPolicy((".zdn.vn",)))
        self.opened = asyncio.Event()
        self.four = asyncio.Event()
        self.waiting = self.most = 0

    async def fetch(self, url: str) -> Fetched:
        """A picture, once the gate is open."""
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        if self.waiting == SIDE_BY_SIDE:
            self.four.set()
        await self.opened.wait()
        self.waiting -= 1
        return Fetched(JPEG, "image/jpeg", "a.zdn.vn")


async def test_attachments_are_fetched_side_by_side_up_to_four(stage: Stage) -> None:
    fetch, gate = stage.fetching(), Gate()
    fetch._fetcher = gate
    photos = [pending(number, f"https://a.zdn.vn/{number}") for number in range(12)]
    task = asyncio.create_task(fetch(record_of(message(stage.deployment, *photos))))
    await asyncio.wait_for(gate.four.wait(), 20)
    for _ in range(100):
        await asyncio.sleep(0)
    assert gate.waiting == SIDE_BY_SIDE == 4
    gate.opened.set()
    assert set(outcomes(await task).values()) == {"stored"}
    assert gate.most == SIDE_BY_SIDE


async def test_a_slow_host_does_not_hold_up_the_line(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "RECORD_SECONDS", 3.0)
    async with media_host(by_path(photo=answers("200 OK", body=JPEG), stall=stalling)) as there:
        paths = ["photo", *["stall"] * 10]
        photos = [pending(number, f"{there.origin}/{path}") for number, path in enumerate(paths)]
        async with asyncio.timeout(60):
            found = await stage.fetching(there.origin, seconds=600)(record_of(message(stage.deployment, *photos)))
    assert outcomes(found) == {0: "stored"} | dict.fromkeys(range(1, 11), "waiting")


async def test_a_host_that_fails_is_asked_again_for_an_hour_and_no_longer(stage: Stage) -> None:
    async with media_host(answers("503 Busy", "Retry-After: 20")) as there:
        fetch = stage.fetching(there.origin)
        (waiting,) = await fetch(record_of(message(stage.deployment, pending(3, f"{there.origin}/1"))))
        ids, pauses = {waiting.id}, []
        while waiting.type == AttachmentWaiting.TYPE:
            assert waiting.topic == WAITING
            told = AttachmentWaiting.model_validate_json(waiting.value)
            pauses.append((told.not_before - stage.now).total_seconds())
            with pytest.raises(Unavailable) as early:
                await fetch(again(waiting))
            assert (early.value.reason, early.value.retry_after) == ("not_yet", pauses[-1])
            stage.now = told.not_before
            (waiting,) = await fetch(again(waiting))
            assert waiting.id not in ids
            ids.add(waiting.id)
    assert pauses[0] == 20.0
    assert max(pauses) == 60.0
    assert HOUR <= stage.now - NOON < HOUR + timedelta(minutes=2)
    assert outcomes([waiting]) == {3: "timed_out"}
    assert stage.counted("timed_out") == 1.0
    waited = stage.metrics.registry.get_sample_value(
        "gateway_media_waiting_total", {"channel": "zalo", "reason": "host_failing"}
    )
    assert waited == len(pauses)


async def test_a_host_that_comes_back_gives_the_file_under_the_same_id(stage: Stage) -> None:
    answer = answers("500 Oops")

    async def changing(asked: Asked, writer: asyncio.StreamWriter) -> None:
        await answer(asked, writer)

    async with media_host(changing) as there:
        fetch = stage.fetching(there.origin)
        given = record_of(message(stage.deployment, pending(0, f"{there.origin}/1")))
        (waiting,) = await fetch(given)
        answer = answers("200 OK", body=JPEG)
        stage.now += timedelta(minutes=2)
        (stored,) = await fetch(again(waiting))
        (direct,) = await fetch(given)
    assert (stored.type, stored.topic, stored.id) == (AttachmentStored.TYPE, TOPIC, direct.id)


async def test_an_old_record_is_tried_once_more_before_it_is_given_up(stage: Stage) -> None:
    """After a long stop of the gateway the links of what was received may still live."""
    async with media_host(by_path(photo=answers("200 OK", body=JPEG), busy=answers("503 Busy"))) as there:
        inbound = message(stage.deployment, pending(0, f"{there.origin}/photo"), pending(1, f"{there.origin}/busy"))
        found = await stage.fetching(there.origin)(record_of(inbound, published_at=NOON - 3 * HOUR))
    assert outcomes(found) == {0: "stored", 1: "timed_out"}


def keeping_nothing(error: Exception) -> Callable[..., Awaitable[FileRef]]:
    """What `put` is of a file store that can keep nothing now."""

    async def put(owner: str, content: bytes, *, media_type: str) -> FileRef:
        raise error

    return put


async def test_a_full_disk_is_waited_for_and_an_erased_citizen_is_not_written_of(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with media_host(answers("200 OK", body=JPEG)) as there:
        fetch = stage.fetching(there.origin)
        given = record_of(message(stage.deployment, pending(0, f"{there.origin}/1")), published_at=NOON - 3 * HOUR)
        monkeypatch.setattr(fetch._files, "put", keeping_nothing(Unavailable("disk_full")))
        with pytest.raises(Unavailable, match="disk_full"):
            await fetch(given)
        monkeypatch.setattr(fetch._files, "put", keeping_nothing(Invalid("erased")))
        assert await fetch(given) == []
        monkeypatch.setattr(fetch._files, "put", keeping_nothing(Invalid("file_too_large")))
        assert outcomes(await fetch(given)) == {0: "too_large"}
        monkeypatch.setattr(fetch._files, "put", keeping_nothing(Invalid("bad_reference")))
        with pytest.raises(Invalid, match="bad_reference"):
            await fetch(given)


def test_the_stage_reads_both_topics_as_one_group(stage: Stage) -> None:
    consumers = media_consumers("zalo", stage.fetching())
    assert {(one.group, one.topic) for one in consumers} == {
        ("zalo_ingest.media", "inbound"),
        ("zalo_ingest.media", WAITING),
    }
