"""Runs a channel's pure reader over raw payloads, so that captured ones can be compared with what is read today."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.mail_lines import mail_lines
from cli.readers import Reader, reader_of
from cli.screen import print_json
from cli.webhook_lines import webhook_lines
from gateway.domain.identity import Identity
from gateway.domain.strict_json import read_json
from gateway.errors import Invalid
from schemas.inbound import Ignored
from schemas.raw import Raw, RawPersonal
from schemas.vocabulary import Intake
from services.web_ingest.inbound import MAX_PAYLOAD

DRY_RUN = Identity(bytes(32))
"""Ids and codes of a dry run: the same for the same payload everywhere, and never those of real messages."""

FORMS: Mapping[str, Callable[[Sequence[Path], datetime], Iterator[dict[str, Any]]]] = {
    "email": lambda files, _at: mail_lines(files),
    "zalo": lambda files, at: webhook_lines("zalo", files, DRY_RUN, at),
    "facebook": lambda files, at: webhook_lines("facebook", files, DRY_RUN, at),
}
"""Channels whose payloads are wrapped or told in a way of their own; others take what the app sends."""


def command(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="One raw payload each.")],
    *,
    channel: Annotated[str, typer.Option(help="Channel that the payloads came by.")],
    intake: Annotated[Intake, typer.Option(help="How they came in.")] = Intake.APP,
    received: Annotated[datetime | None, typer.Option(help="Time of receipt, UTC; now by default.")] = None,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="JSON lines: the only form there is.")] = True,  # noqa: ARG001 - part of the documented command line; it chooses nothing yet
) -> None:
    """Read payloads.

    One line a file, in the order of the files: the inbound message whole, or {"ignored": reason, …}, or
    {"error": reason}. What else a webhook may say, such as what staff wrote or a citizen took back, has a member
    "type"; a webhook with several events gives {"items": […]}, each of them in these forms. Of a mail it is what it
    says, and in "auto" whether a machine wrote it. A payload that cannot be read is a finding, not a failure: the exit
    code stays 0. Needs no data folder; FACEBOOK_APP_ID tells echoes of the gateway's own messages from staff's.
    """
    reader = reader_of(channel)
    at = received.replace(tzinfo=UTC) if received is not None else datetime.now(UTC)
    form = FORMS.get(channel)
    lines = form(files, at) if form else (line for file in files for line in _lines(file, reader, channel, intake, at))
    for line in lines:
        print_json(line)


def _lines(file: Path, reader: Reader, channel: str, intake: Intake, at: datetime) -> Iterator[dict[str, Any]]:
    with file.open("rb") as source:
        payload = source.read(MAX_PAYLOAD + 1)
    try:
        said = reader.read(_raw(payload, channel, intake, at), DRY_RUN)
    except Invalid as error:
        yield {"error": error.reason}
        return
    for message in said:
        yield {"ignored": message.reason} if isinstance(message, Ignored) else json.loads(message.model_dump_json())


def _raw(payload: bytes, channel: str, intake: Intake, at: datetime) -> Raw:
    """The payload as `receive` would have wrapped it; raises `Invalid` for one that it would have refused."""
    body = read_json(payload, max_bytes=MAX_PAYLOAD)
    user = body.get("user_id") if isinstance(body, dict) else None
    account = DRY_RUN.account(channel, f"{intake}:{user if isinstance(user, str) else ''}")
    return Raw(
        id=DRY_RUN.inbound_id(channel, account, hashlib.sha256(payload).hexdigest()),
        channel=channel,
        intake=intake,
        endpoint=account,
        account=account,
        received_at=at,
        trusted=True,
        content_type="application/json",
        personal=RawPersonal(payload=payload),
    )
