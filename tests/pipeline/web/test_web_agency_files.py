"""An agency puts files of its answer down for its own tickets and no others, within bounds, and each is known after."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import httpx
import pytest

from gateway.errors import Unavailable
from gateway.projections.port import Document
from gateway.runtime.agency_files import MOST_BROUGHT, brought
from schemas.files import MOST_ANSWER_BYTES, FileRef
from tests.pipeline.web.harness import AGENCY_KEY, APP_KEY, OPERATOR_KEY, Channel
from tests.unit.pictures import PDF, photographed

AGENCY, OTHER_KEY = "cap_thoat_nuoc", f"other {AGENCY_KEY}"
ACCOUNT = "ab" * 16


async def ticket(channel: Channel, **body: object) -> UUID:
    """A ticket that is with the agency, as the projections show it."""
    found = uuid4()
    known = {"ticket_id": str(found), "agency": AGENCY, "state": "with_focal_officer", "answered_at": None, **body}
    await channel.web.documents.put(Document("ticket", str(found), 1, known, owner=ACCOUNT))
    return found


async def put(channel: Channel, to: object, content: object = PDF, key: str = AGENCY_KEY) -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}"}
    return await channel.client.post(f"/v1/agency/tickets/{to}/files", content=content, headers=headers)  # type: ignore[arg-type]  # bytes or chunks


async def test_a_file_lies_with_the_citizen_and_is_known_as_what_its_bytes_are(channel: Channel) -> None:
    of = await ticket(channel)
    content = photographed()
    answer = await put(channel, of, content)
    assert answer.status_code == 201
    told = answer.json()
    file = FileRef.model_validate(told["file"])
    assert (told["kind"], file.media_type, file.owner, file.size) == (
        "image",
        "image/jpeg",
        ACCOUNT,
        len(content),
    )
    assert await brought(channel.web.store, AGENCY, of) == {file.address: file}
    assert await channel.web.files.open(file) == content


async def test_the_same_file_again_is_the_same_and_another_is_another(channel: Channel) -> None:
    of = await ticket(channel)
    first, again, other = [await put(channel, of, one) for one in (PDF, PDF, photographed())]
    assert first.json() == again.json() != other.json()
    assert len(await brought(channel.web.store, AGENCY, of)) == 2


@pytest.mark.parametrize("key", ["", "wrong", APP_KEY, OPERATOR_KEY])
async def test_nobody_but_an_agency_puts_files_down(channel: Channel, key: str) -> None:
    of = await ticket(channel)
    assert (await put(channel, of, key=key)).status_code == 401
    assert await brought(channel.web.store, AGENCY, of) == {}


async def test_of_another_agency_s_ticket_nothing_is_told(channel: Channel) -> None:
    answers = [
        await put(channel, await ticket(channel), key=OTHER_KEY),
        await put(channel, uuid4()),
        await put(channel, "none"),
        await put(channel, await ticket(channel, agency=None)),
    ]
    assert {one.status_code for one in answers} == {404}
    assert len({one.content for one in answers}) == 1


async def test_to_an_answered_ticket_nothing_is_put_down(channel: Channel) -> None:
    of = await ticket(channel, state="answered", answered_at="2026-11-26T01:00:00+00:00")
    answer = await put(channel, of)
    assert (answer.status_code, answer.json()["reason"]) == (422, "already_answered")


@pytest.mark.parametrize("content", [b"", b"<html><script>", b"MZ\x90\x00", b"PK\x03\x04" + b"\x00" * 60])
async def test_only_what_an_answer_can_bring_is_kept(channel: Channel, content: bytes) -> None:
    of = await ticket(channel)
    answer = await put(channel, of, content)
    assert (answer.status_code, answer.json()["reason"]) == (422, "file_type")
    assert await brought(channel.web.store, AGENCY, of) == {}


async def unmeasured() -> AsyncIterator[bytes]:
    """A file that does not say how large it is: larger than an answer."""
    yield PDF
    for _ in range(MOST_ANSWER_BYTES // 1_000_000):
        yield b"x" * 1_000_000


@pytest.mark.parametrize("content", [PDF + b"x" * MOST_ANSWER_BYTES, None], ids=["declared", "unmeasured"])
async def test_a_file_is_no_larger_than_an_answer(channel: Channel, content: bytes | None) -> None:
    assert (await put(channel, await ticket(channel), content or unmeasured())).status_code == 413


async def test_files_of_one_ticket_are_bounded_in_number(channel: Channel) -> None:
    of = await ticket(channel)
    for number in range(MOST_BROUGHT):
        assert (await put(channel, of, PDF + b"%d" % number)).status_code == 201
    refused = await put(channel, of, PDF)
    assert (refused.status_code, refused.json()["reason"]) == (413, "too_many_files")
    assert (await put(channel, await ticket(channel))).status_code == 201


async def test_uploads_wait_for_room_in_memory_and_give_it_back(channel: Channel) -> None:
    of = await ticket(channel)
    small = channel.with_(settings=channel.web.settings.model_copy(update={"upload_memory": len(PDF)}))
    for _ in range(3):
        assert (await put(small, of)).status_code == 201
    busy = await put(small, of, PDF + b"more")
    assert (busy.status_code, busy.json()["reason"]) == (503, "uploads_busy")


async def test_without_room_on_the_disk_nothing_is_taken(channel: Channel) -> None:
    def full() -> None:
        raise Unavailable("disk_full", retry_after=60.0)

    of = await ticket(channel)
    assert (await put(channel.with_(check_room=full), of)).status_code == 503
    assert await brought(channel.web.store, AGENCY, of) == {}
