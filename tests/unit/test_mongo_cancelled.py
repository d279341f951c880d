"""A call of the database ends when it is cancelled, at whatever moment: a process that is told to stop stops."""

import asyncio

import pytest

from gateway.mongo.errors import as_ours


@pytest.mark.parametrize("moments", [0, 1])
async def test_a_cancellation_at_the_moment_of_the_answer_is_not_lost(moments: int) -> None:
    answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    calling = asyncio.create_task(_call(answer))
    await asyncio.sleep(0)
    answer.set_result("durable")
    for _ in range(moments):
        await asyncio.sleep(0)
    calling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await calling


async def test_what_cleans_up_after_a_cancellation_is_let_through() -> None:
    answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    cleaning = asyncio.create_task(_clean_up(answer))
    await asyncio.sleep(0)
    cleaning.cancel()
    await asyncio.sleep(0)
    answer.set_result("released")
    assert await cleaning == "released"


async def _call(answer: asyncio.Future[str]) -> str:
    """As the driver waits for an answer: see `pymongo/network_layer.py`."""
    with as_ours():
        return await asyncio.wait_for(answer, 60)


async def _clean_up(answer: asyncio.Future[str]) -> str:
    try:
        await asyncio.Event().wait()
    finally:
        with as_ours():
            return await asyncio.wait_for(answer, 60)  # noqa: B012 - the test looks at what cleaning up returns
