"""Where dead letters lie, and how it is remembered that one was put back on its topic."""

from datetime import datetime
from uuid import UUID

from gateway.store.port import Store

TOPIC = "dlq"


async def put_back_at(store: Store, letter_id: UUID) -> str | None:
    """When a letter was put back (ISO 8601), or None while it waits."""
    held = await store.holder(_claim(letter_id))
    return None if held is None else held.decode()


async def remember_put_back(store: Store, letter_id: UUID, at: datetime) -> None:
    """Remember it, durable on return; the first time stands."""
    await store.claim(_claim(letter_id), at.isoformat().encode())


def _claim(letter_id: UUID) -> str:
    return f"dlq/replayed/{letter_id}"
