"""Whatever a function does to its child process, the caller gets an answer in time and the next call works."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from gateway.errors import Invalid
from gateway.runtime import bounded_child
from gateway.runtime.bounded_child import BoundedChildren
from gateway.runtime.bounded_child_program import REQUEST
from tests.hostile import deeds

PATIENCE = 60.0


@pytest.fixture
async def children() -> AsyncIterator[BoundedChildren]:
    found = BoundedChildren()
    yield found
    await found.close()


async def test_results_come_back_whole(children: BoundedChildren) -> None:
    for payload in (b"", b"x", bytes(range(256)) * 80_000):
        assert await children.run(deeds.echo, payload) == payload


@pytest.mark.parametrize(
    ("deed", "reason"),
    [
        (deeds.spin, "took_too_long"),
        (deeds.sleep, "took_too_long"),
        (deeds.grow, "too_much_memory"),
        (deeds.crash, "crashed"),
        (deeds.leave, "unreadable"),
        (deeds.leave_at_once, "crashed"),
        (deeds.refuse, "bad_words"),
        (deeds.stumble, "unreadable"),
        (deeds.recurse, "unreadable"),
        (deeds.flood, "too_large"),
        (deeds.bear, "took_too_long"),
    ],
)
async def test_no_deed_harms_the_caller_or_the_next_call(
    children: BoundedChildren, deed: Callable[[bytes], bytes], reason: str
) -> None:
    with pytest.raises(Invalid) as caught:
        await children.run(deed, b"secret", seconds=0.4 if reason == "took_too_long" else 5.0)
    assert caught.value.reason == reason
    assert "secret" not in f"{caught.value!r} {caught.value.__cause__!r}"
    assert await children.run(deeds.echo, b"next") == b"next"


async def test_a_child_whose_flood_nobody_reads_can_be_ended() -> None:
    child = await bounded_child._Child.started()
    writing, reading = child._process.stdin, child._process.stdout
    assert writing is not None
    assert reading is not None
    name = f"{deeds.__name__}:{deeds.flood.__name__}".encode()
    writing.write(REQUEST.pack(len(name), 0, 60.0, bounded_child.MEMORY) + name)
    async with asyncio.timeout(PATIENCE):
        while not reading._paused:  # type: ignore[attr-defined]  # noqa: ASYNC110 - asyncio tells nobody that it stopped
            await asyncio.sleep(0.01)
        await child.kill()


async def test_limits_are_those_of_each_call(children: BoundedChildren) -> None:
    with pytest.raises(Invalid, match="too_much_memory"):
        await children.run(deeds.grow, b"", memory_bytes=300_000_000)
    assert await children.run(deeds.echo, b"x" * 1_000_000, memory_bytes=1_000_000_000) == b"x" * 1_000_000


async def test_what_a_library_prints_is_no_answer(children: BoundedChildren) -> None:
    assert await children.run(deeds.talk, b"") == b"said"
    assert await children.run(deeds.echo, b"next") == b"next"


async def test_a_child_writes_no_files_and_knows_no_secrets(
    children: BoundedChildren, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZALO_APP_SECRET", "s3cr3t")
    with pytest.raises(Invalid, match=r"crashed|unreadable"):
        await children.run(deeds.write, str(tmp_path / "made").encode())
    assert not (tmp_path / "made").exists() or (tmp_path / "made").read_bytes() == b""
    names = (await children.run(deeds.look, b"")).split(b"\n")
    assert set(names) <= {b"LC_ALL", b"LC_CTYPE", b"PYTHONPATH"}


async def test_children_are_used_again_and_replaced_in_time() -> None:
    children = BoundedChildren(calls_per_child=3)
    pids = [await children.run(deeds.who, b"") for _ in range(6)]
    await children.close()
    assert len(set(pids[:3])) == len(set(pids[3:])) == 1
    assert len(set(pids)) == 2


async def test_a_child_that_stumbled_is_not_used_again(children: BoundedChildren) -> None:
    first = await children.run(deeds.who, b"")
    with pytest.raises(Invalid, match="bad_words"):
        await children.run(deeds.refuse, b"")
    assert await children.run(deeds.who, b"") == first
    with pytest.raises(Invalid, match="unreadable"):
        await children.run(deeds.stumble, b"")
    assert await children.run(deeds.who, b"") != first


async def test_stopping_the_gateway_interrupts_no_reading(children: BoundedChildren) -> None:
    assert await children.run(deeds.be_stopped, b"") == b"finished"


async def test_calls_run_side_by_side_up_to_the_bound(children: BoundedChildren) -> None:
    pids = await asyncio.gather(*(children.run(deeds.who, b"") for _ in range(20)))
    assert 1 <= len(set(pids)) <= 2


async def test_a_caller_who_gives_up_leaves_nobody_at_work(children: BoundedChildren) -> None:
    task = asyncio.create_task(children.run(deeds.sleep, b"", seconds=60.0))
    first = await children.run(deeds.who, b"")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await children.run(deeds.who, b"") == first
    assert len(children._idle) == 1


async def test_only_a_function_of_a_module_can_run(children: BoundedChildren) -> None:
    with pytest.raises(ValueError, match="function of a module"):
        await children.run(lambda payload: payload, b"")
