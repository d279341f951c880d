"""What is noted of a correspondent: the newer note holds, none is lost, and nothing of somebody erased."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from gateway.errors import Invalid
from gateway.runtime.correspondents import Correspondents
from tests.unit.sending_bench import AN, BINH, Bench


async def test_a_note_of_a_correspondent_never_overwrites_a_newer_one(bench: Bench) -> None:
    notes = Correspondents(bench.documents, bench.vault, "zalo")
    now = bench.clock()
    assert await notes.of(AN) == {}
    await notes.note(AN, {"user": "u1", "last": {"id": "m2"}}, at=now)
    await notes.note(AN, {"last": {"id": "m1"}, "oa": "o1"}, at=now - timedelta(seconds=1))
    assert await notes.of(AN) == {"user": "u1", "last": {"id": "m2"}, "oa": "o1"}
    await notes.note(AN, {"last": {"id": "m3"}}, at=now + timedelta(microseconds=1))
    assert (await notes.of(AN))["last"] == {"id": "m3"}
    assert await notes.of(BINH) == {}
    assert await Correspondents(bench.documents, bench.vault, "email").of(AN) == {}
    document = await bench.documents.get("correspondent", f"zalo/{AN}")
    assert document is not None
    assert not document.body
    with pytest.raises(Invalid):
        await notes.note(AN, {"x": {1}}, at=now)


async def test_many_notes_at_once_all_count(bench: Bench) -> None:
    notes = Correspondents(bench.documents, bench.vault, "zalo")
    now = bench.clock()
    await asyncio.gather(*(notes.note(AN, {f"n{number}": number}, at=now) for number in range(10)))
    assert await notes.of(AN) == {f"n{number}": number for number in range(10)}


async def test_nothing_is_known_or_noted_of_somebody_erased(bench: Bench) -> None:
    notes = Correspondents(bench.documents, bench.vault, "zalo")
    await notes.note(AN, {"user": str(uuid4())}, at=bench.clock())
    await bench.vault.erase(AN)
    assert await notes.of(AN) == {}
    await notes.note(AN, {"user": "u1"}, at=bench.clock())
    assert await notes.of(AN) == {}
