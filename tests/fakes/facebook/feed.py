"""Shows the fake's page as the edges `feed` and `comments` do: only fields that were asked for, page by page."""

import time
from collections.abc import Mapping
from typing import Any

from tests.fakes.facebook.fields import Field, fields_of, shown
from tests.fakes.facebook.paging import MOST, paged
from tests.fakes.facebook.state import State


class RefusedAsking(Exception):
    """What was asked for is no such field, or more than the API gives at once."""


def feed(state: State, asked: Mapping[str, str]) -> dict[str, Any]:
    """Posts on the page, its own and visitors', the newest first."""
    wanted = _wanted(asked)
    posts = sorted(state.posts.values(), key=lambda post: str(post["created_time"]), reverse=True)
    page = paged(posts, int(asked.get("after", "0")), _size(asked))
    return {**page, "data": [_post(state, post, wanted) for post in page["data"]]}


def comments_under(state: State, post: str, asked: Mapping[str, str]) -> dict[str, Any]:
    """Comments under a post; without `filter=stream` only those that answer no other, by default the oldest first."""
    wanted = _wanted(asked)
    page = _comments(state, post, asked)
    return {**page, "data": [shown(one, wanted, lambda _name, _modifiers: None) for one in page["data"]]}


def photo(name: str, url: str) -> dict[str, Any]:
    """An attached photo."""
    return {
        "type": "photo",
        "media": {"image": {"height": 720, "src": url, "width": 960}},
        "target": {"id": name, "url": f"https://www.facebook.com/photo.php?fbid={name}"},
    }


def album(photos: list[dict[str, Any]]) -> dict[str, Any]:
    """Several photos of one post: the first stands for all, which hang below."""
    first = {"type": "album", "media": photos[0]["media"], "target": {"id": "1"}}
    return {**first, "subattachments": {"data": photos}}


def written(seconds: float) -> str:
    """A time as the Graph API writes it."""
    return time.strftime("%Y-%m-%dT%H:%M:%S+0000", time.gmtime(seconds))


def _post(state: State, post: dict[str, Any], wanted: tuple[Field, ...]) -> dict[str, Any]:
    def behind(name: str, modifiers: Mapping[str, str]) -> dict[str, Any] | None:
        return _comments(state, str(post["id"]), modifiers) if name == "comments" else None

    return shown(post, wanted, behind)


def _comments(state: State, post: str, asked: Mapping[str, str]) -> dict[str, Any]:
    listed = [one for one in state.comments.get(post, []) if asked.get("filter") == "stream" or "parent" not in one]
    if asked.get("order") == "reverse_chronological":
        listed.reverse()
    return paged(listed, int(asked.get("after", "0")), _size(asked))


def _size(asked: Mapping[str, str]) -> int:
    size = int(asked.get("limit", "25"))
    if size > MOST:
        raise RefusedAsking
    return size


def _wanted(asked: Mapping[str, str]) -> tuple[Field, ...]:
    try:
        return fields_of(asked.get("fields", "id,message,created_time"))
    except ValueError:
        raise RefusedAsking from None
