"""How many files a ticket can list: it goes out whole at every transfer, and a topic takes a million bytes; pure."""

from collections.abc import Sequence
from itertools import accumulate, takewhile
from typing import TypeVar

from pydantic import BaseModel

ROOM = 400_000
"""Bytes of JSON for the attachments of a ticket: hundreds of files, a hundred of those that come with a long link.

The commit that opens a ticket holds them sealed, a third longer, and beside them the last message with its own.
"""

ORIGINALS_ROOM = 100_000

ItemT = TypeVar("ItemT", bound=BaseModel)


def fitting(items: Sequence[ItemT], room: int = ROOM) -> tuple[ItemT, ...]:
    """The first items whose JSON fits together; what is cut off stays in the history, with the messages."""
    sizes = accumulate(len(item.model_dump_json().encode()) for item in items)
    return tuple(items[: sum(1 for _ in takewhile(lambda size: size <= room, sizes))])
