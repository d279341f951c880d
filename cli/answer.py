"""The answer to the citizen: an operator's from the knowledge base, or the agency's as it was told to them."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from cli.answer_files import given_files
from cli.chronicle import canonical
from cli.command_outcome import print_happened
from cli.deciding import WAIT_SECONDS, Answer, give_answer
from cli.session import opened
from cli.sources import source_of
from gateway.domain.hygiene import MAX_TEXT, clean_text
from gateway.errors import Invalid

MAX_BYTES = 4 * MAX_TEXT


def command(
    code: Annotated[str, typer.Argument(help="Receipt code.")],
    *,
    operator: Annotated[str, typer.Option("--as", help="Code of the operator who answers.")],
    text: Annotated[str | None, typer.Option(help="The answer.")] = None,
    text_file: Annotated[
        Path | None, typer.Option("--text-file", help="Read the answer from a file, or - for standard input.")
    ] = None,
    file: Annotated[
        list[Path] | None, typer.Option(help="Photo or document that goes with it; may be given several times.")
    ] = None,
    agency: Annotated[str | None, typer.Option(help="Agency that answers; it must be the one in charge.")] = None,
    version: Annotated[int | None, typer.Option(min=0, help="Revision seen; by default the present one.")] = None,
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for the result.")] = WAIT_SECONDS,
) -> None:
    """Answer a ticket.

    The citizen gets the words and the files on the channel they used; a file that it does not carry is shown at the
    lookup page, and the citizen is told so. Given twice on one version it is one answer.
    """
    given = _words(text, text_file)
    if len(given) > MAX_TEXT:
        raise Invalid("too_large", f"An answer has at most {MAX_TEXT} signs.")
    words = clean_text(given).strip()
    if not words:
        raise Invalid("empty_answer", "An answer needs words: --text or --text-file.")
    asyncio.run(_answer(Answer(canonical(code), operator, words, given_files(file or ()), agency, version, wait)))


def _words(text: str | None, file: Path | None) -> str:
    """The answer from wherever it was given; raises `Invalid`."""
    if text is not None and file is not None:
        raise Invalid("two_answers", "Give --text or --text-file, not both.")
    if file is None:
        return text or ""
    with source_of(file) as source:
        content = source.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise Invalid("too_large", f"An answer has at most {MAX_TEXT} signs.")
    try:
        words = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid("not_utf8", "The file is not UTF-8.") from None
    return words


async def _answer(answer: Answer) -> None:
    async with opened() as deployment:
        await print_happened(deployment, answer.code, await give_answer(deployment, answer))
