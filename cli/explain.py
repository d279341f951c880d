"""Explains what would become of messages, from the province folder alone: no data folder, no running gateway."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.explain_lines import answers, bounded_lines, channel_of, day_of
from cli.explained_text import print_explained
from cli.judging import Judge, Message
from cli.screen import print_json
from cli.sources import source_of
from gateway.domain.hygiene import clean_text
from gateway.runtime.province_folder import load_province
from gateway.runtime.settings import load_settings
from services.normalizer.lexicon import load_lexicon
from services.normalizer.wiring import load_settings as load_normalizer_settings


def command(
    text: Annotated[list[str] | None, typer.Argument(help="The message.")] = None,
    *,
    jsonl: Annotated[
        Path | None,
        typer.Option(help="A message a line as JSON; - for standard input."),
    ] = None,
    channel: Annotated[str, typer.Option(help="Channel of the message, where a line names none.")] = "web",
    received: Annotated[str | None, typer.Option(help="Day of receipt, 2026-11-24; today by default.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The JSON line for TEXT too.")] = False,
) -> None:
    """Explain messages.

    Each is judged as if it stood alone and its quiet period were over. With --jsonl a line
    {"text", "channel", "known_contact"?, "received"?} gives one line, in order; a malformed one gives {"error"} and
    exit code 1 at the end.
    """
    if (jsonl is None) == (not text):
        raise typer.BadParameter("give a TEXT, or --jsonl FILE")
    judge = _judge()
    day = day_of(received) if received else judge.province.day(datetime.now(UTC))
    if jsonl is not None:
        _explain_lines(judge, jsonl, channel_of(channel), day)
        return
    message = Message(clean_text(" ".join(text or ())), channel_of(channel), day)
    found = judge.explain(message)
    if as_json:
        print_json(found)
    else:
        print_explained(message.text, found)


def _judge() -> Judge:
    folder = load_settings().province
    return Judge(load_province(folder), load_lexicon(load_normalizer_settings().lexicon or folder / "lexicon"))


def _explain_lines(judge: Judge, jsonl: Path, channel: str, day: date) -> None:
    failed = False
    with source_of(jsonl) as source:
        for answer in answers(bounded_lines(source), explain=judge.explain, channel=channel, today=day):
            failed = failed or "error" in answer
            print_json(answer)
    if failed:
        raise typer.Exit(1)
