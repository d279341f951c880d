"""Shows the fake's inbox as the Conversations API does, page by page."""

from collections.abc import Mapping
from typing import Any

from tests.fakes.facebook.paging import paged
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
            "messages": paged(list(reversed(state.threads[user])), 0, NEWEST),
        }
        for user in changed
    ]
    return paged(shown, int(asked.get("after", "0")), int(asked.get("limit", "25")))


def messages_of(thread: list[dict[str, Any]], asked: Mapping[str, str]) -> dict[str, Any]:
    """The messages of a conversation, the newest first."""
    return paged(list(reversed(thread)), int(asked.get("after", "0")), int(asked.get("limit", "25")))
