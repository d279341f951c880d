"""What an answer brought is listed and served to whoever holds code and secret, to be saved, and to nobody else."""

import re
from uuid import uuid4

import httpx
import pytest

from gateway.projections.port import Document
from schemas.files import AnswerFile, AnswerFilePersonal
from schemas.vocabulary import ReplyKind
from services.web_ingest.send import Send
from tests.pipeline.web.harness import APP_KEY, Channel
from tests.pipeline.web.looking_up import look_up, opened, reply_record
from tests.unit.pictures import CAMERA, PDF, photographed

NAME = "Ảnh “sau” khi sửa.jpg"


async def file(channel: Channel, account: str, content: bytes, media_type: str, name: str = NAME) -> AnswerFile:
    ref = await channel.web.files.put(account, content, media_type=media_type)
    return AnswerFile(number=0, kind="document", file=ref, personal=AnswerFilePersonal(name=name))


async def answered(channel: Channel, *contents: tuple[bytes, str]) -> tuple[str, str, str, list[AnswerFile]]:
    """A submission sent by form with its answer: code, secret, account and files."""
    code, secret, account = await opened(channel)
    await channel.project(code, account)
    files = [await file(channel, account, *one) for one in contents]
    send = Send(channel.web.documents, channel.web.vault, channel.clock)
    await send(reply_record(account, code, "Đã sửa xong.", kind=ReplyKind.RESULT, files=tuple(files)))
    return code, secret, account, files


def links(page: str) -> list[str]:
    return re.findall(r'href="(/[^"]*/(?:tep|file)/[0-9a-f]{64})"', page)


async def by_app(channel: Channel, url: str, secret: str, key: str = APP_KEY) -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}", "X-Lookup-Secret": secret}
    return await channel.client.get(url, headers=headers)


@pytest.mark.parametrize("path", ["/tra-cuu", "/en/lookup"])
async def test_the_page_lists_files_and_serves_them_to_be_saved(channel: Channel, path: str) -> None:
    code, secret, _, _ = await answered(channel, (photographed(), "image/jpeg"), (PDF, "application/pdf"))
    page = await look_up(channel, code, secret, path)
    assert page.count("Ảnh “sau” khi sửa.jpg") == 2
    photo, paper = [await channel.client.get(url) for url in links(page)]
    assert (photo.status_code, photo.headers["content-type"]) == (200, "image/jpeg")
    assert (paper.content, paper.headers["content-type"]) == (PDF, "application/pdf")
    for served in (photo, paper):
        assert served.headers["content-disposition"].startswith("attachment; filename=")
        assert "filename*=UTF-8''%E1%BA%A2nh%20" in served.headers["content-disposition"]
        assert served.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in served.headers["content-security-policy"]
        assert served.headers["cache-control"] == "no-store"


async def test_a_served_picture_does_not_tell_of_its_camera(channel: Channel) -> None:
    original = photographed()
    assert CAMERA.encode() in original
    code, secret, _, _ = await answered(channel, (original, "image/jpeg"))
    (link,) = links(await look_up(channel, code, secret))
    served = (await channel.client.get(link)).content
    assert served.startswith(b"\xff\xd8\xff")
    assert CAMERA.encode() not in served


async def test_without_the_lookup_nothing_is_served(channel: Channel) -> None:
    code, secret, _, _ = await answered(channel, (PDF, "application/pdf"))
    (link,) = links(await look_up(channel, code, secret))
    channel.client.cookies.clear()
    gone = await channel.client.get(link)
    assert (gone.status_code, gone.headers["location"]) == (303, "/tra-cuu")


async def test_the_lookup_of_one_submission_opens_no_file_of_another(channel: Channel) -> None:
    _, _, account, (theirs,) = await answered(channel, (PDF, "application/pdf"))
    code, secret, _, (own,) = await answered(channel, (PDF + b"other", "application/pdf"))
    (link,) = links(await look_up(channel, code, secret))
    assert link.endswith(own.file.address)
    for address in (theirs.file.address, "0" * 64, account):
        refused = await channel.client.get(f"/tra-cuu/tep/{address}")
        assert refused.status_code == 404, address
        assert PDF not in refused.content


@pytest.mark.parametrize("trouble", ["erased", "unreadable"])
async def test_what_is_not_to_be_had_any_more_is_not_found(channel: Channel, trouble: str) -> None:
    content = b"\xff\xd8\xff no picture" if trouble == "unreadable" else photographed()
    code, secret, account, _ = await answered(channel, (content, "image/jpeg"))
    (link,) = links(await look_up(channel, code, secret))
    if trouble == "erased":
        await channel.web.vault.erase(account)
    assert (await channel.client.get(link)).status_code == 404


async def test_the_app_gets_names_and_addresses_and_with_the_secret_the_files(channel: Channel) -> None:
    code, secret, _, (one,) = await answered(channel, (PDF, "application/pdf"))
    told = (await by_app(channel, f"/v1/submissions/{code}", secret)).json()
    assert told["files"] == []
    (shown,) = told["replies"][0]["files"]
    assert (shown["name"], shown["media_type"], shown["size"]) == (NAME, "application/pdf", len(PDF))
    assert shown["url"].endswith(f"/v1/submissions/{code}/files/{one.file.address}")
    path = httpx.URL(shown["url"]).path
    served = await by_app(channel, path, secret)
    assert (served.status_code, served.content) == (200, PDF)
    assert (await by_app(channel, path, "2222-2222-2222")).status_code == 404
    assert (await by_app(channel, path, secret, key="guessed")).status_code == 401
    assert (await by_app(channel, path.replace(one.file.address, "0" * 64), secret)).status_code == 404


async def test_files_of_an_answer_that_went_over_another_channel_are_had_here_without_their_names(
    channel: Channel,
) -> None:
    code, secret, account = await opened(channel)
    theirs = await file(channel, account, PDF, "application/pdf")
    foreign = await file(channel, "f" * 32, PDF, "application/pdf")
    await channel.project(code, account, ticket_id="t-1", channel="zalo")
    refs = [one.file.model_dump(mode="json") for one in (theirs, foreign)]
    body = {"ticket_id": "t-1", "code": code, "state": "answered", "agency": None, "files": refs, "steps": []}
    await channel.web.documents.put(Document("ticket", "t-1", 1, body, terms=(f"code:{code}",)))
    page = await look_up(channel, code, secret)
    assert NAME not in page
    assert f"{code}-file-1.pdf" in page
    (link,) = links(page)
    assert (await channel.client.get(link)).content == PDF
    told = (await by_app(channel, f"/v1/submissions/{code}", secret)).json()
    assert [one["name"] for one in told["files"]] == [f"{code}-file-1.pdf"]


async def test_a_hostile_name_is_only_text(channel: Channel) -> None:
    code, secret, account = await opened(channel)
    await channel.project(code, account)
    name = "a&b{{7+7}}%0d%0aX-Evil; x='y'.pdf"
    hostile = await file(channel, account, PDF, "application/pdf", name)
    send = Send(channel.web.documents, channel.web.vault, channel.clock)
    await send(reply_record(account, code, str(uuid4()), files=(hostile,)))
    page = await look_up(channel, code, secret)
    assert "a&amp;b{{7+7}}" in page
    served = await channel.client.get(links(page)[0])
    assert "x-evil" not in served.headers
    assert served.headers["content-disposition"].count('"') == 2
