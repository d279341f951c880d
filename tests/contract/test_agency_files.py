"""What an agency put down for a ticket is known on every store: once each, bounded, and of nobody else."""

import asyncio
from uuid import UUID

import pytest

from gateway.errors import Invalid
from gateway.runtime.agency_files import MOST_BROUGHT, brought, put_down
from gateway.store.port import Store
from schemas.files import FileRef

TICKET, OTHER = UUID(int=1), UUID(int=2)


def file(number: int) -> FileRef:
    return FileRef(address=f"{number:064x}", owner="0f" * 16, size=number + 1, media_type="application/pdf")


async def test_what_was_put_down_is_known_by_agency_and_ticket(store: Store) -> None:
    await put_down(store, "so_a", TICKET, file(1))
    await put_down(store, "so_a", TICKET, file(2))
    assert await brought(store, "so_a", TICKET) == {file(number).address: file(number) for number in (1, 2)}
    assert await brought(store, "so_a", OTHER) == await brought(store, "so_b", TICKET) == {}


async def test_many_at_once_are_all_known_and_each_of_them_once(store: Store) -> None:
    numbers = [*range(10), *range(10)]
    await asyncio.gather(*(put_down(store, "so_a", TICKET, file(number)) for number in numbers))
    assert await brought(store, "so_a", TICKET) == {file(number).address: file(number) for number in range(10)}


async def test_there_are_no_more_than_may_be(store: Store) -> None:
    for number in range(MOST_BROUGHT):
        await put_down(store, "so_a", TICKET, file(number))
    with pytest.raises(Invalid, match="too_many_files"):
        await put_down(store, "so_a", TICKET, file(99))
    await put_down(store, "so_a", TICKET, file(0))
    assert len(await brought(store, "so_a", TICKET)) == MOST_BROUGHT
