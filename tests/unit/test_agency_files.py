"""What an agency's answer brings over its own topic was put down for it before, and is what lies there."""

from uuid import uuid4

from gateway.runtime.agency_files import put_down
from schemas.files import AnswerFile, AnswerFilePersonal, FileRef
from schemas.reply import Reply
from schemas.ticket import AnswerRefused
from tests.unit.answering_agency import OTHER, Played, told
from tests.unit.pictures import PDF


def named(file: FileRef, **told: object) -> AnswerFile:
    """A file as an answer names it; `told` is what an agency says of it instead."""
    return AnswerFile(
        number=0,
        kind="document",
        file=file.model_copy(update=told),
        personal=AnswerFilePersonal(name="Biên bản.pdf"),
    )


async def put(played: Played, content: bytes = PDF, *, agency: str = "", account: str = "") -> FileRef:
    """A file that an agency put down for the ticket."""
    deployment = played.deployment
    file = await deployment.files.put(account or played.ticket.account, content, media_type="application/pdf")
    await put_down(deployment.store, agency or played.transfer.agency, played.ticket.id, file)
    return file


async def test_an_answer_brings_files_that_were_put_down_for_it(played: Played) -> None:
    files = (named(await put(played)), named(await put(played, PDF + b"2")))
    (reply,) = told(await played.given(played.answer(files=files), played.transfer.agency), Reply)
    assert [one.file for one in reply.files] == [one.file for one in files]
    assert [one.number for one in reply.files] == [0, 1]


async def test_what_an_agency_says_of_a_file_is_not_asked(played: Played) -> None:
    file = await put(played)
    said = named(file, size=1, media_type="image/jpeg", owner="0" * 32)
    (reply,) = told(await played.given(played.answer(files=(said,)), played.transfer.agency), Reply)
    assert [one.file for one in reply.files] == [file]


async def test_a_file_that_was_not_put_down_for_this_ticket_by_this_agency_is_unknown(played: Played) -> None:
    """One of the citizen's own, another agency's, another ticket's, and one that never was."""
    own = await played.deployment.files.put(played.ticket.account, PDF, media_type="application/pdf")
    theirs = await put(played, PDF + b"theirs", agency=OTHER)
    elsewhere = await played.deployment.files.put(played.ticket.account, PDF + b"else", media_type="application/pdf")
    await put_down(played.deployment.store, played.transfer.agency, uuid4(), elsewhere)
    good = await put(played, PDF + b"good")
    for file in (own, theirs, elsewhere, own.model_copy(update={"address": "0" * 64})):
        followed = await played.given(played.answer(files=(named(good), named(file))), played.transfer.agency)
        (refused,) = told(followed, AnswerRefused)
        assert refused.reason == "unknown_file"
        assert not told(followed, Reply)
    assert told(await played.given(played.answer(files=(named(good),)), played.transfer.agency), Reply)


async def test_files_that_are_too_much_together_are_refused_by_their_true_size(played: Played) -> None:
    files = [await put(played, PDF + bytes([number]) * 6_000_000) for number in (1, 2, 3)]
    told_small = tuple(named(file, size=1) for file in files)
    (refused,) = told(await played.given(played.answer(files=told_small), played.transfer.agency), AnswerRefused)
    assert refused.reason == "files_too_large"
