"""The answer to the citizen: an operator's from the knowledge base, or the agency's as it was told to them."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from cli.chronicle import canonical
from cli.commanding import carried_out, malformed
from cli.found import ticket_of
from cli.happened import print_happened
from cli.session import opened
from gateway.domain.hygiene import MAX_TEXT, clean_text
from gateway.domain.identity import command_id
from gateway.errors import Invalid
from schemas.commands import AnswerTicket, NotePersonal
from schemas.ticket_history import history_of

STANDARD_INPUT = Path("-")
MAX_BYTES = 4 * MAX_TEXT


def command(
    code: Annotated[str, typer.Argument(help="Receipt code.")],
    *,
    operator: Annotated[str, typer.Option("--as", help="Code of the operator who answers.")],
    text: Annotated[str | None, typer.Option(help="The answer.")] = None,
    file: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, allow_dash=True, help="Read it from a file, or -.")
    ] = None,
    agency: Annotated[str | None, typer.Option(help="Agency that answers; it must be the one in charge.")] = None,
    version: Annotated[int | None, typer.Option(min=0, help="Revision seen; by default the present one.")] = None,
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for the result.")] = 10.0,
) -> None:
    """Answer a ticket.

    The citizen gets the words on the channel they used. Given twice on one version it is one answer.
    """
    words = clean_text(_words(text, file)).strip()
    if not words:
        raise Invalid("empty_answer", "An answer needs words: --text or --file.")
    asyncio.run(_answer(canonical(code), operator, words, agency, version, wait))


def _words(text: str | None, file: Path | None) -> str:
    """The answer from wherever it was given; raises `Invalid`."""
    if text is not None and file is not None:
        raise Invalid("two_answers", "Give --text or --file, not both.")
    if file is None:
        return text or ""
    with sys.stdin.buffer if file == STANDARD_INPUT else file.open("rb") as source:
        content = source.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise Invalid("too_large", f"An answer has at most {MAX_TEXT} signs.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid("not_utf8", "The file is not UTF-8.") from None


async def _answer(code: str, operator: str, words: str, agency: str | None, version: int | None, wait: float) -> None:
    async with opened() as deployment:
        body = await ticket_of(deployment.documents, code)
        seen = int(body["revision"]) if version is None else version
        try:
            answer = AnswerTicket(
                id=command_id(body["code"], seen, "answer", operator),
                ticket_id=body["ticket_id"],
                version_seen=seen,
                by=operator,
                agency=agency,
                at=deployment.clock(),
                personal=NotePersonal(text=words),
            )
        except ValidationError as error:
            raise malformed(error) from None
        history = history_of(answer.ticket_id)
        done = await carried_out(
            deployment,
            answer,
            topic="ticket.commands",
            key=str(answer.ticket_id),
            history=history,
            code=body["code"],
            wait=wait,
        )
        await print_happened(deployment, code, history, done)
