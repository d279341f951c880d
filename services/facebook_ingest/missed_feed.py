"""Turns comments and posts found on the page into the webhook events that should have brought them. Pure.

The fields are those of the Graph API's Post, Comment and StoryAttachment. Documented: names and types. Seen in others'
programs, not documented: that a comment's `id` is the webhook's `comment_id` and a photo's `target.id` its `photo_id`.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gateway.errors import Invalid
from services.facebook_ingest.members import Json, mapping, object_of, required_object, sequence, words
from services.facebook_ingest.missed import time_of

MOST_FILES = 100
DEEPEST = 2
"""An album's photos hang one level below it."""


@dataclass(frozen=True, slots=True)
class Found:
    """A comment or post of a citizen's: its id, when it was written, and the requests that bring it.

    Where a webhook might have brought it in another cut, `in_parts` holds.
    """

    thing: str
    at: datetime
    requests: tuple[bytes, ...] = field(repr=False)
    in_parts: bool = False


def found_comment(comment: Json, post: str, page: str) -> Found | None:
    """A comment under a post; None for the page's own and for what is no comment."""
    try:
        thing, at = required_object(comment, "id"), time_of(comment, "created_time")
        if at is None or _by(comment) == page:
            return None
        above = object_of(mapping(comment, "parent"), "id") or post
        value = _value(comment, "comment", at, post_id=post, parent_id=above, comment_id=thing)
        value |= {kind: url for kind, url, _ in _files([mapping(comment, "attachment")])}
        return Found(thing, at, (_request(value, page, at),))
    except Invalid:
        return None


def found_post(post: Json, page: str) -> Found | None:
    """A visitor's post with its photos, which come first; None for the page's own and for what is no post.

    A webhook brings a post with one photo as one event or as two, and with several as one for each: these are cut as
    finely as any, so that whatever a webhook brings later has an id that was here already.
    """
    try:
        thing, at = required_object(post, "id"), time_of(post, "created_time")
        if at is None or _by(post) == page:
            return None
        files = list(_files(sequence(mapping(post, "attachments"), "data")))
        events = [
            _value(post, kind, at, post_id=thing, link=url, **{f"{kind}_id": name}) | {"message": ""}
            for kind, url, name in files
            if name
        ]
        nameless = [url for kind, url, name in files if kind == "photo" and not name]
        if words(post, "message") or nameless:
            events.append(_value(post, "post", at, post_id=thing, photos=nameless))
        return Found(thing, at, tuple(_request(event, page, at) for event in events), in_parts=bool(files))
    except Invalid:
        return None


def _by(thing: Json) -> str:
    return object_of(mapping(thing, "from"), "id")


def _value(thing: Json, item: str, at: datetime, **members: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON values
    value = {
        "item": item,
        "verb": "add",
        "created_time": int(at.timestamp()),
        "message": words(thing, "message"),
        **members,
    }
    author = {"id": _by(thing), "name": words(mapping(thing, "from"), "name")}
    return {**value, "from": author} if author["id"] else value


def _files(attachments: list[Any], depth: int = 1) -> Iterator[tuple[str, str, str]]:
    """Kind, address and Facebook's name of each photo and video, as far as each has them."""
    for one in attachments[:MOST_FILES]:
        # One that cannot be read must not cost the citizen the words beside it.
        with suppress(Invalid):
            if isinstance(one, dict):
                yield from _files_of(one, depth)


def _files_of(attachment: Json, depth: int) -> Iterator[tuple[str, str, str]]:
    below = sequence(mapping(attachment, "subattachments"), "data")
    if below and depth < DEEPEST:
        yield from _files(below, depth + 1)
        return
    media, name = mapping(attachment, "media"), object_of(mapping(attachment, "target"), "id")
    if words(attachment, "type").startswith("video"):
        kind, url = "video", words(media, "source")
    else:
        kind, url = "photo", words(mapping(media, "image"), "src") if _is_photo(attachment) else ""
    if url:
        yield kind, url, name


def _is_photo(attachment: Json) -> bool:
    """Shared links and stickers have a picture too, which is not the citizen's."""
    return words(attachment, "type") in ("photo", "cover_photo", "profile_media")


def _request(value: Mapping[str, Any], page: str, at: datetime) -> bytes:
    entry = {"id": page, "time": int(at.timestamp()), "changes": [{"field": "feed", "value": value}]}
    return json.dumps({"object": "page", "entry": [entry]}, sort_keys=True, separators=(",", ":")).encode()
