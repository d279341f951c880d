"""The webhook over real HTTP: what Facebook signed is durable before it is acknowledged, all else is refused."""

import asyncio
import gzip
import json
from pathlib import Path

import pytest

from gateway.errors import Unavailable
from schemas.envelope import Message
from services.facebook_ingest.items import items_of
from services.facebook_ingest.receive import PATH
from tests.channels.facebook.endpoint import OLD_SECRET, SECRET, endpoint
from tests.channels.facebook.mutants import NAME, RIGHT, VECTOR, mutants
from tests.channels.facebook.reading import effects, named
from tests.fakes.facebook.webhooks import signature

MUTANTS = list(mutants())


class Broken:
    """A bus on which nothing can be made durable."""

    def __init__(self, error: Exception | None = None) -> None:
        """Take what is raised; None: nothing ever happens."""
        self._error = error

    async def publish(self, *_: Message) -> None:
        """Fail."""
        if self._error is None:
            await asyncio.Event().wait()
        raise self._error or AssertionError


async def test_the_published_vector_is_taken_and_kept_verbatim(tmp_path: Path) -> None:
    async with endpoint(tmp_path) as webhook:
        answer = await webhook.post(VECTOR, [(NAME, RIGHT)])
        assert answer.status_code == 200
        [raw] = await webhook.raws()
        assert raw.personal.payload == VECTOR
        assert raw.endpoint == "104512345678901"
        assert raw.trusted
        assert [named(effect) for effect in effects(raw.personal.payload)] == ["inbound"]


async def test_everything_near_the_vector_is_refused_counted_and_never_kept(tmp_path: Path) -> None:
    assert len(MUTANTS) >= 50
    async with endpoint(tmp_path) as webhook:
        for name, body, headers in MUTANTS:
            answer = await webhook.post(body, headers)
            assert (name, answer.status_code) == (name, 403)
        assert webhook.refused("bad_signature") == len(MUTANTS)
        assert await webhook.raws() == []


async def test_while_a_secret_is_replaced_both_hold(tmp_path: Path) -> None:
    async with endpoint(tmp_path) as webhook:
        for secret, status in ((SECRET, 200), (OLD_SECRET, 200), ("a third", 403)):
            assert (await webhook.post(VECTOR, [(NAME, signature(VECTOR, secret).encode())])).status_code == status


async def test_a_request_that_is_repeated_is_one_record(tmp_path: Path) -> None:
    async with endpoint(tmp_path) as webhook:
        for _ in range(3):
            assert (await webhook.post(VECTOR)).status_code == 200
        assert len(await webhook.raws()) == 1


@pytest.mark.parametrize(
    "body", [b"{", b"\xff\xfe", b"[]", b"17", b"", b'{"object":"instagram"}', b"[" * 5000, b'{"object":"page"}']
)
async def test_what_is_signed_but_cannot_be_read_is_kept_and_acknowledged(tmp_path: Path, body: bytes) -> None:
    async with endpoint(tmp_path) as webhook:
        assert (await webhook.post(body)).status_code == 200
        [raw] = await webhook.raws()
        assert raw.personal.payload == body
        assert named(effects(body)[0]).startswith("ignored:")


async def test_a_large_request_is_kept_packed_and_read_whole(tmp_path: Path) -> None:
    entry = {"id": "104512345678901", "time": 1, "messaging": [{"message": {"text": "Đường ngập " * 50}}] * 500}
    body = json.dumps({"object": "page", "entry": [entry]}).encode()
    assert 700_000 < len(body) < 1_000_000
    async with endpoint(tmp_path) as webhook:
        assert (await webhook.post(body)).status_code == 200
        [raw] = await webhook.raws()
        assert gzip.decompress(raw.personal.payload) == body
        assert len(items_of(raw)) == 500


async def test_what_is_too_large_is_refused_unread(tmp_path: Path) -> None:
    async with endpoint(tmp_path, {"body_bytes": 2_000}) as webhook:
        assert (await webhook.post(b" " * 2_001)).status_code == 413
        chunks = (b" " * 1_000 for _ in range(5))

        async def body() -> object:
            for chunk in chunks:
                yield chunk

        sent = await webhook.client.post(PATH, content=body(), headers={NAME.decode(): RIGHT.decode()})  # type: ignore[arg-type]
        assert sent.status_code == 413
        assert await webhook.raws() == []


async def test_nothing_durable_means_no_acknowledgement(tmp_path: Path) -> None:
    for broken in (Broken(Unavailable("disk_full")), Broken(RuntimeError("anything")), Broken(None)):
        async with endpoint(tmp_path, bus=broken) as webhook:
            answer = await webhook.post(VECTOR)
            assert answer.status_code == 503
            assert "retry-after" in answer.headers


async def test_below_the_reserve_nothing_is_taken(tmp_path: Path) -> None:
    def full() -> None:
        raise Unavailable("disk_full")

    async with endpoint(tmp_path, check_room=full) as webhook:
        assert (await webhook.post(VECTOR)).status_code == 503
        assert await webhook.raws() == []


async def test_the_handshake_gives_the_bare_challenge_even_when_nothing_can_be_stored(tmp_path: Path) -> None:
    async with endpoint(tmp_path, bus=Broken(Unavailable("down"))) as webhook:
        answer = await webhook.shake()
        assert (answer.status_code, answer.content) == (200, b"1158201444")
        for wrong in (
            {"verify_token": "other"},
            {"verify_token": ""},
            {"verify_token": "handshake-tokeń"},
            {"mode": "unsubscribe"},
            {"mode": ""},
            {"challenge": ""},
            {"challenge": "<script>"},
            {"challenge": "1" * 201},
        ):
            assert (await webhook.shake(**wrong)).status_code == 403, wrong
        bare = await webhook.client.get(PATH)
        twice = await webhook.client.get(f"{PATH}?hub.mode=subscribe&hub.mode=subscribe&hub.challenge=1")
        assert (bare.status_code, twice.status_code) == (403, 403)


async def test_other_paths_and_methods_lead_nowhere(tmp_path: Path) -> None:
    async with endpoint(tmp_path) as webhook:
        assert (await webhook.client.put(PATH, content=VECTOR)).status_code == 405
        assert (await webhook.client.post(PATH + "/x", content=VECTOR)).status_code == 404
