"""Lists the files of a submission and of its answer, and writes a copy of one for somebody who may see it."""

import asyncio
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from cli.chronicle import Chronicle, canonical, chronicle_of
from cli.faults import say
from cli.screen import print_json, print_rows, table
from cli.session import opened
from gateway.errors import Conflict, Invalid, Unavailable
from gateway.runtime.access_log import note_access
from gateway.runtime.deployment import Deployment
from gateway.runtime.picture_copies import served_copy
from schemas.conversation import AttachmentChanged, Decided, MessageReceived, TicketOpened
from schemas.files import AnswerFile, Attachment, AttachmentState
from schemas.ticket_history import Answered
from services.normalizer.conversation import empty, fold

OPERATOR = re.compile(r"[a-z][a-z0-9_]{0,63}")


def command(
    code: Annotated[str, typer.Argument(help="Receipt code; case, spaces and dashes do not matter.")],
    number: Annotated[int | None, typer.Argument(min=0, help="Number of the file to be written, as listed.")] = None,
    *,
    out: Annotated[Path | None, typer.Option(help="File to write; it must not exist yet.")] = None,
    original: Annotated[bool, typer.Option("--original", help="The bytes as they were sent.")] = False,
    operator: Annotated[str, typer.Option("--as", help="Code of the operator who looks, for the record.")] = "cli",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a file.")] = False,
) -> None:
    """List a submission's files, or write a copy of one.

    A copy is the picture alone, without place, time and device. There are copies of JPEG, PNG, GIF and WebP; anything
    else is had with --original, which may tell where it was made and is to be opened with care. What is written is
    recorded in accesses.jsonl.
    """
    code = canonical(code)
    if number is None:
        _list(asyncio.run(_files(code)), as_json=as_json)
        return
    if out is None:
        raise Invalid("no_out", "Give --out FILE.")
    if OPERATOR.fullmatch(operator) is None:
        raise Invalid("bad_operator", "An operator's code is made of small letters, digits and _.")
    size = asyncio.run(_give_out(code, number, out, by=operator, form="original" if original else "copy"))
    say(f"{size} bytes written")
    if original:
        say("The original may tell where and when it was made; do not pass it on.")


async def _files(code: str) -> tuple[Attachment | AnswerFile, ...]:
    async with opened() as deployment:
        return all_files(await chronicle_of(deployment, code))


def all_files(found: Chronicle) -> tuple[Attachment | AnswerFile, ...]:
    """The citizen's files, then those of the answer."""
    return (*files_of(found), *answer_files(found))


def answer_files(found: Chronicle) -> tuple[AnswerFile, ...]:
    """What the answer brought; a ticket is answered once."""
    return tuple(file for entry in found.entries if isinstance(entry.event, Answered) for file in entry.event.files)


def files_of(found: Chronicle) -> tuple[Attachment, ...]:
    """A submission's files, each named by its place: those of its ticket, or as long as there is none its messages'."""
    if found.ticket.ticket is not None:
        return found.ticket.ticket.attachments
    conversation = empty()
    for entry in found.entries:
        if isinstance(entry.event, MessageReceived | AttachmentChanged | Decided | TicketOpened):
            conversation = fold(conversation, entry.event)
    messages = (message for submission in conversation.submissions for message in submission.messages)
    return tuple(attachment for message in messages for attachment in message.attachments)


async def _give_out(code: str, number: int, out: Path, *, by: str, form: Literal["copy", "original"]) -> int:
    async with opened() as deployment:
        found = await chronicle_of(deployment, code)
        content = await _content(deployment, all_files(found), number, form)
        note_access(deployment.folder.accesses, at=deployment.clock(), by=by, code=found.code, number=number, form=form)
        _write(out, content)
        return len(content)


async def _content(deployment: Deployment, files: Sequence[Attachment | AnswerFile], number: int, form: str) -> bytes:
    if number >= len(files):
        raise Invalid("no_such_file", "The submission has no file of this number.")
    file = files[number].file
    if file is None:
        raise Invalid("file_not_here", "This file is not here (yet); the list says why.")
    content = await deployment.files.open(file)
    if form == "original":
        return content
    try:
        return (await served_copy(deployment.children, content, file.media_type)).content
    except Invalid as error:
        raise Invalid(error.reason, f"{error.detail} --original gives the file as it was sent.") from None


def _write(out: Path, content: bytes) -> None:
    """Write a new file that only its owner may read."""
    try:
        descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        raise Conflict("file_exists", "The file to be written exists already.") from None
    except OSError as error:
        raise Unavailable("cannot_write", type(error).__name__) from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def _list(files: Sequence[Attachment | AnswerFile], *, as_json: bool) -> None:
    if as_json:
        for number, item in enumerate(files):
            print_json({"number": number, **_told(item)})
        return
    rows = [[str(number), *(str(value or "-") for value in _told(item).values())] for number, item in enumerate(files)]
    print_rows(table("Files", "number", "kind", "type", "bytes", "state", "of"), rows, empty="No files.")


def _told(item: Attachment | AnswerFile) -> dict[str, str | int | None]:
    media_type = item.file.media_type if item.file is not None else None
    size = item.file.size if item.file is not None else None
    state = item.state.value if isinstance(item, Attachment) else AttachmentState.STORED.value
    told = {"kind": item.kind, "type": media_type, "bytes": size, "state": state}
    return {**told, "of": "citizen" if isinstance(item, Attachment) else "answer"}
