"""Shows the fake's inbox as the Conversations API does, page by page."""

from collections.abc import Mapping
from typing import Any

from tests.fakes.facebook.state import State

NEWEST = 2
"""Messages shown with a conversation; older ones are asked for."""


def conversations(state: State, asked: Mapping[str, str]) -> dict[str, Any]:
    """The conversations, the last changed first."""
    changed = sorted(state.threads, key=lambda user: str(state.threads[user][-1]["created_time"]), reverse=True)
    shown = [
        {
            "id": f"t_{user}",
            "updated_time": state.threads[user][-1]["created_time"],
            "participants": {"data": [{"id": user, "email": f"{user}@facebook.com"}, {"id": state.page}]},
            "messages": _paged(list(reversed(state.threads[user])), 0, NEWEST),
        }
        for user in changed
    ]
    return _paged(shown, int(asked.get("after", "0")), int(asked.get("limit", "25")))


def messages_of(thread: list[dict[str, Any]], asked: Mapping[str, str]) -> dict[str, Any]:
    """The messages of a conversation, the newest first."""
    return _paged(list(reversed(thread)), int(asked.get("after", "0")), int(asked.get("limit", "25")))


def _paged(items: list[Any], start: int, size: int) -> dict[str, Any]:
    end = start + size
    paging: dict[str, Any] = {"cursors": {"before": str(start), "after": str(end)}}
    if end < len(items):
        paging["next"] = f"https://graph.facebook.com/next?after={end}"
    return {"data": items[start:end], "paging": paging}
