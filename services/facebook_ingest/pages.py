"""Walks an edge of the Graph API page by page, within what Facebook lets one ask and what one look may cost."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

from services.facebook_ingest.members import mapping, sequence, words

PAUSE_SECONDS = 0.5
"""Facebook allows two calls a second for conversations; other edges are asked no faster."""

MOST_PAGES = 200

Answer = Mapping[str, Any]


class TooMuch(Exception):
    """There were more pages than one look goes through."""


async def pages(answer: Answer, following: Callable[[str], Awaitable[Answer]]) -> AsyncIterator[list[dict[str, Any]]]:
    """The objects of `answer`, then of each page after it; `following` asks for the one at a cursor.

    Ends with `TooMuch` after `MOST_PAGES`. Raises what `following` raises, `Invalid` for what is no page.
    """
    for _ in range(MOST_PAGES):
        yield [one for one in sequence(answer, "data") if isinstance(one, dict)]
        after = _next(answer)
        if after is None:
            return
        await asyncio.sleep(PAUSE_SECONDS)
        answer = await following(after)
    raise TooMuch


def _next(answer: Answer) -> str | None:
    """The cursor of the next page; None on the last."""
    paging = mapping(answer, "paging")
    after = words(mapping(paging, "cursors"), "after")
    return after if after and paging.get("next") else None
