"""Files of a reply on their way through the outbox: after the words, each its own message, or told of in words."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from gateway.outbox.carrier import Delivered, FilesTaken, Refused, Unclear
from schemas.files import AnswerFile, AnswerFilePersonal
from schemas.reply import Reply
from schemas.vocabulary import Intake
from tests.unit.pictures import CAMERA, PDF, photographed
from tests.unit.sending_bench import AN, Bench, a_reply, opened
from tests.waiting import until

CHAT = FilesTaken({"image/jpeg": 100_000, "application/pdf": 5_000})


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with opened(tmp_path) as made:
        made.carrier.takes = CHAT
        yield made


async def file(bench: Bench, number: int, content: bytes, media_type: str, name: str) -> AnswerFile:
    ref = await bench.files.put(AN, content, media_type=media_type)
    return AnswerFile(number=number, kind="document", file=ref, personal=AnswerFilePersonal(name=name))


async def sent(bench: Bench, *files: AnswerFile, text: str = "Đã sửa.", **changes: object) -> UUID:
    reply: Reply = a_reply(text).model_copy(update={"files": files, **changes})
    await bench.file_reply(reply)
    async with bench.running():
        await until(bench.all_ended)
    return reply.id


async def test_words_come_first_and_each_file_in_a_message_of_its_own(bench: Bench) -> None:
    photo = await file(bench, 0, photographed(), "image/jpeg", "anh.jpg")
    paper = await file(bench, 1, PDF, "application/pdf", "bien ban.pdf")
    reply = await sent(bench, photo, paper)
    words, first, second = bench.carrier.taken
    assert (words.text, words.files) == ("Đã sửa.", ())
    assert (first.text, first.instead, [one.name for one in first.files]) == ("", "see anh.jpg", ["anh.jpg"])
    assert [(one.media_type, one.content) for one in second.files] == [("application/pdf", PDF)]
    assert [one.state.value for one in await bench.outbox.parts(reply)] == ["sent"] * 3
    assert [one.count for one in bench.carrier.taken] == [3, 3, 3]


async def test_of_a_picture_only_the_picture_goes_out(bench: Bench) -> None:
    original = photographed()
    assert CAMERA.encode() in original
    await sent(bench, await file(bench, 0, original, "image/jpeg", "anh.jpg"))
    (enclosed,) = bench.carrier.taken[1].files
    assert enclosed.content.startswith(b"\xff\xd8\xff")
    assert CAMERA.encode() not in enclosed.content


async def test_where_words_and_files_go_together_there_is_one_message(bench: Bench) -> None:
    bench.carrier.takes = FilesTaken(CHAT.most, with_words=True)
    paper = await file(bench, 0, PDF, "application/pdf", "bien ban.pdf")
    await sent(bench, paper, await file(bench, 1, PDF + b"2", "application/pdf", "hai.pdf"))
    (parcel,) = bench.carrier.taken
    assert (parcel.text, [one.name for one in parcel.files]) == ("Đã sửa.", ["bien ban.pdf", "hai.pdf"])


async def test_a_type_that_the_channel_does_not_carry_is_told_of_in_the_words(bench: Bench) -> None:
    await sent(bench, await file(bench, 0, b"\x00\x00\x00\x18ftypisom", "video/mp4", "p.mp4"), text="Xong.")
    assert "".join(bench.carrier.texts) == "Xong.\n\nsee p.mp4"


async def test_a_comment_has_one_private_answer_so_files_are_told_of_in_it(bench: Bench) -> None:
    paper = await file(bench, 0, PDF, "application/pdf", "a.pdf")
    await sent(bench, paper, text="Xong.", intake=Intake.COMMENT)
    assert "".join(bench.carrier.texts) == "Xong.\n\nsee a.pdf"


@pytest.mark.parametrize("trouble", ["large", "missing", "unreadable"])
async def test_a_file_that_is_not_to_be_had_is_told_of_and_spoils_nothing(bench: Bench, trouble: str) -> None:
    if trouble == "large":
        lost = await file(bench, 0, PDF * 10, "application/pdf", "a.pdf")
    elif trouble == "unreadable":
        lost = await file(bench, 0, b"\xff\xd8\xff no picture", "image/jpeg", "a.pdf")
    else:
        kept = await file(bench, 0, PDF, "application/pdf", "a.pdf")
        lost = kept.model_copy(update={"file": kept.file.model_copy(update={"address": "0" * 64})})
    reply = await sent(bench, lost)
    assert bench.carrier.texts == ["Đã sửa.", "see a.pdf"]
    assert all(not one.files for one in bench.carrier.taken)
    assert [one.state.value for one in await bench.outbox.parts(reply)] == ["sent", "sent"]


async def test_a_file_of_which_nobody_knows_is_not_repeated_and_the_words_stay_sent(bench: Bench) -> None:
    bench.carrier.answers = {"": [Unclear("no_answer")]}
    reply = await sent(bench, await file(bench, 0, PDF, "application/pdf", "a.pdf"))
    assert [one.state.value for one in await bench.outbox.parts(reply)] == ["sent", "unknown"]
    assert len(bench.carrier.taken) == 2


async def test_a_file_that_is_refused_leaves_the_words_sent_and_tells_operators(bench: Bench) -> None:
    bench.carrier.answers = {"": [Refused("not_this_one"), Delivered()]}
    reply = await sent(bench, await file(bench, 0, PDF, "application/pdf", "a.pdf"))
    assert [one.state.value for one in await bench.outbox.parts(reply)] == ["sent", "failed"]
    (event,) = await bench.events()
    assert (event.state.value, event.reason) == ("failed", "not_this_one")


async def test_once_the_citizen_is_erased_no_file_goes_out(bench: Bench) -> None:
    reply = a_reply("Đã sửa.").model_copy(update={"files": (await file(bench, 0, PDF, "application/pdf", "a.pdf"),)})
    await bench.file_reply(reply)
    await bench.vault.erase(AN)
    async with bench.running():
        await until(bench.all_ended)
    assert bench.carrier.taken == []
    assert {one.state.value for one in await bench.outbox.parts(reply.id)} == {"failed"}


async def test_names_and_contents_lie_sealed(bench: Bench) -> None:
    reply = await sent(bench, await file(bench, 0, PDF, "application/pdf", "bien ban rieng.pdf"))
    for part in await bench.outbox.parts(reply):
        assert b"rieng" not in part.sealed
