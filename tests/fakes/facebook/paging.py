"""Cuts an edge into pages as the Graph API does: a cursor at each end, and `next` only where more follows."""

from typing import Any

MOST = 100
"""More than this is refused (Graph API, "Page Feed", limitations)."""


def paged(items: list[Any], start: int, size: int) -> dict[str, Any]:
    """The page of so many items that begins there."""
    end = start + size
    paging: dict[str, Any] = {"cursors": {"before": str(start), "after": str(end)}}
    if end < len(items):
        paging["next"] = f"https://graph.facebook.com/next?after={end}"
    return {"data": items[start:end], "paging": paging}
