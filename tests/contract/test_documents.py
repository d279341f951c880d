"""What every store of projected documents promises: only forward, found by term, discardable."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.errors import Invalid
from gateway.projections.opening import open_documents
from gateway.projections.port import Document, Documents
from tests.servers import mongo


def sqlite_documents(folder: Path) -> Documents:
    """The embedded ones."""
    return open_documents(f"sqlite:///{folder / 'documents.db'}")


def mongo_documents(folder: Path) -> Documents:
    """Those on MongoDB."""
    return open_documents(mongo.url_of(folder))


ADAPTERS = [pytest.param(sqlite_documents, id="sqlite"), pytest.param(mongo_documents, id="mongo")]
Opening = Callable[[Path], Documents]

TICKET = Document(
    "ticket", "t1", 3, {"state": "transferred", "số": [1, None, 2.5, {"ế": True}]}, "aa" * 16, b"\x01", ("code:1",)
)


@pytest.fixture(params=ADAPTERS)
def opening(request: pytest.FixtureRequest) -> Opening:
    found: Opening = request.param
    return found


@pytest_asyncio.fixture
async def documents(opening: Opening, tmp_path: Path) -> AsyncIterator[Documents]:
    found = opening(tmp_path)
    yield found
    await found.close()


async def test_a_document_comes_back_as_it_was(documents: Documents) -> None:
    assert await documents.put(TICKET)
    assert await documents.get("ticket", "t1") == TICKET
    assert await documents.get("ticket", "t2") is None
    assert await documents.get("conversation", "t1") is None, "kinds are apart"


async def test_a_document_never_goes_backwards(documents: Documents) -> None:
    await documents.put(TICKET)
    for version in (3, 2, 0, -1):
        assert not await documents.put(replace(TICKET, version=version, body={}, terms=("code:2",)))
    assert await documents.get("ticket", "t1") == TICKET
    assert await documents.find("ticket", "code:2") == []
    newer = replace(TICKET, version=4, body={"state": "answered"}, sealed=b"", owner="")
    assert await documents.put(newer)
    assert await documents.get("ticket", "t1") == newer


async def test_of_writers_at_once_the_highest_version_remains(documents: Documents) -> None:
    versions = [7, 3, 9, 1, 8, 2, 9, 5]
    await asyncio.gather(*(documents.put(replace(TICKET, version=version)) for version in versions))
    found = await documents.get("ticket", "t1")
    assert found is not None
    assert found.version == 9


async def test_terms_replace_the_earlier_ones(documents: Documents) -> None:
    await documents.put(replace(TICKET, terms=("code:1", "agency:x", "agency:x")))
    await documents.put(replace(TICKET, version=4, terms=("agency:y",)))
    assert await documents.find("ticket", "agency:x") == []
    assert await documents.find("ticket", "code:1") == []
    assert [found.key for found in await documents.find("ticket", "agency:y")] == ["t1"]


async def test_find_pages_by_key(documents: Documents) -> None:
    for key in ("c", "a", "e", "b", "d"):
        await documents.put(replace(TICKET, key=key, terms=("agency:x",)))
    await documents.put(replace(TICKET, kind="conversation", key="aa", terms=("agency:x",)))
    first = await documents.find("ticket", "agency:x", limit=2)
    assert [found.key for found in first] == ["a", "b"]
    rest = await documents.find("ticket", "agency:x", after=first[-1].key)
    assert [found.key for found in rest] == ["c", "d", "e"]
    assert await documents.find("ticket", "agency:x", after="e") == []
    assert await documents.find("ticket", "agency:x", limit=0) == []


async def test_newest_gives_the_last_written_first(documents: Documents) -> None:
    for key in ("a", "b", "c"):
        await documents.put(replace(TICKET, key=key))
    await documents.put(replace(TICKET, key="a", version=9))
    await documents.put(replace(TICKET, key="b", version=1))
    assert [found.key for found in await documents.newest("ticket")] == ["a", "c", "b"]
    assert [found.key for found in await documents.newest("ticket", limit=1)] == ["a"]
    assert await documents.newest("conversation") == []


async def test_clear_forgets_a_kind_so_that_it_can_be_rebuilt(documents: Documents) -> None:
    many = [replace(TICKET, key=f"{number:04}", terms=("agency:x",)) for number in range(1100)]
    await asyncio.gather(*(documents.put(document) for document in many))
    other = replace(TICKET, kind="conversation")
    await documents.put(other)
    await documents.clear("ticket")
    assert await documents.newest("ticket") == []
    assert await documents.find("ticket", "agency:x") == []
    assert await documents.get("conversation", "t1") == other
    assert await documents.put(replace(TICKET, version=1)), "an older version may come again after clearing"
    assert len(await documents.find("ticket", "code:1")) == 1


async def test_documents_are_there_after_reopening(opening: Opening, tmp_path: Path) -> None:
    first = opening(tmp_path)
    await first.put(TICKET)
    await first.close()
    again = opening(tmp_path)
    assert await again.find("ticket", "code:1") == [TICKET]
    await again.close()


@pytest.mark.parametrize("body", [{"x": float("nan")}, {"x": b"bytes"}, {"x": "\ud800"}, {"x": {1, 2}}])
async def test_a_body_that_json_cannot_hold_is_refused(documents: Documents, body: dict[str, object]) -> None:
    with pytest.raises(Invalid) as caught:
        await documents.put(replace(TICKET, body=body))
    assert caught.value.reason == "document_not_json"
    assert await documents.get("ticket", "t1") is None


texts = st.text(st.characters(codec="utf-8"), max_size=20)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    key=texts, body=st.dictionaries(texts, values, max_size=4), sealed=st.binary(max_size=100), terms=st.lists(texts)
)
def test_any_document_comes_back_as_it_was(
    opening: Opening,
    tmp_path_factory: pytest.TempPathFactory,
    key: str,
    body: dict[str, object],
    sealed: bytes,
    terms: list[str],
) -> None:
    async def round_trip() -> None:
        documents = opening(tmp_path_factory.mktemp("documents"))
        document = Document("ticket", key, 1, body, "owner", sealed, tuple(terms))
        await documents.put(document)
        assert await documents.get("ticket", key) == document
        for term in terms:
            assert document in await documents.find("ticket", term) or key == ""
        await documents.close()

    asyncio.run(round_trip())


async def test_documents_are_counted_by_term(documents: Documents) -> None:
    await documents.put(TICKET)
    await documents.put(replace(TICKET, key="t2"))
    await documents.put(replace(TICKET, kind="conversation"))
    assert await documents.count("ticket", "code:1") == 2
    await documents.put(replace(TICKET, version=4, terms=()))
    assert await documents.count("ticket", "code:1") == 1, "a term that a later version lacks counts no more"
    assert await documents.count("ticket", "code:2") == 0
