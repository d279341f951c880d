"""Turns messages found in conversations into the webhook events that should have brought them. Pure."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from gateway.errors import Invalid
from services.facebook_ingest.members import Json, mapping, object_of, required, sequence, words


def time_of(value: Json, name: str) -> datetime | None:
    """A time as Facebook writes it (`2026-11-26T01:30:00+0000`); None for what is none."""
    try:
        return datetime.strptime(words(value, name), "%Y-%m-%dT%H:%M:%S%z")
    except ValueError:
        return None


def requests_of(messages: list[Any], page: str, since: datetime) -> Iterator[bytes]:
    """A webhook request for each citizen's message that is not older than `since`, oldest first.

    The same message always gives the same bytes, and carries the id that the webhook gives it. What the page itself
    wrote is left out, since there is nothing to answer in it, and what is no message.
    """
    for message in reversed(messages):
        try:
            request = _request(message, page, since)
        except Invalid:
            continue
        if request is not None:
            yield request


def _request(message: Json, page: str, since: datetime) -> bytes | None:
    at = time_of(message, "created_time")
    user = object_of(mapping(message, "from"), "id")
    if at is None or at < since or not user or user == page:
        return None
    milliseconds = int(at.timestamp() * 1000)
    attachments = sequence(mapping(message, "attachments"), "data")
    event = {
        "sender": {"id": user},
        "recipient": {"id": page},
        "timestamp": milliseconds,
        "message": {
            "mid": required(message, "id"),
            "text": words(message, "message"),
            "attachments": [found for one in attachments if isinstance(one, dict) and (found := _attachment(one))],
        },
    }
    entry = {"id": page, "time": milliseconds, "messaging": [event]}
    return json.dumps({"object": "page", "entry": [entry]}, sort_keys=True, separators=(",", ":")).encode()


def _attachment(one: Json) -> Mapping[str, Any] | None:
    kinds = (
        ("image", words(mapping(one, "image_data"), "url")),
        ("video", words(mapping(one, "video_data"), "url")),
        ("audio" if words(one, "mime_type").startswith("audio/") else "file", words(one, "file_url")),
    )
    return next(({"type": kind, "payload": {"url": url}} for kind, url in kinds if url), None)
