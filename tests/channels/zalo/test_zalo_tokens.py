"""A single-use refresh token is used once, whoever wants it, and only a pair ever replaces a pair."""

import asyncio
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from gateway.errors import Invalid, Unavailable
from gateway.runtime.calling import client_for
from gateway.runtime.metrics import Metrics
from gateway.store.port import Store
from gateway.store.sqlite import SqliteStore
from gateway.vault.provider import FileKeyProvider
from gateway.vault.sqlite import SqliteVault
from services.zalo_ingest.oauth import OAuth, Rejected, code_in, consent_url, pair_in
from services.zalo_ingest.token_keeper import TokenKeeper
from services.zalo_ingest.token_pairs import Mark, Pair, Pairs
from tests.channels.zalo.captured import APP, IDENTITY, OA
from tests.channels.zalo.conftest import SECRET
from tests.fakes.zalo.server import FakeZalo
from tests.fakes.zalo.state import Trouble

APP_SECRET = "AppSecretForTests"
ROOT = Path(__file__).parents[3]
ROUNDS = 1000


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        """Start now: the fake has a clock of its own."""
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        """Now, aware."""
        return self.now


@dataclass
class Keeping:
    """A keeper with everything a test looks at."""

    keeper: TokenKeeper
    pairs: Pairs
    store: Store
    zalo: FakeZalo
    clock: Clock
    metrics: Metrics
    oauth: OAuth

    def alarm(self) -> float:
        """How many OAs need a person."""
        return float(self.metrics.channel_alarm.labels("zalo", "token")._value.get())


@pytest.fixture
async def zalo() -> AsyncIterator[FakeZalo]:
    async with FakeZalo(
        app_id=APP, app_secret=APP_SECRET, oas={OA: SECRET}, tokens={OA: ("access-1", "refresh-1")}
    ) as fake:
        yield fake


@pytest.fixture
async def keeping(tmp_path: Path, zalo: FakeZalo, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Keeping]:
    monkeypatch.setattr("services.zalo_ingest.oauth.SECONDS", 6.0)
    (tmp_path / "master.key").write_text("11" * 32)
    (tmp_path / "master.key").chmod(0o600)
    clock = Clock()
    store = SqliteStore(tmp_path / "store.db")
    vault = SqliteVault(tmp_path / "vault.db", FileKeyProvider(tmp_path / "master.key"))
    first = Pair("access-1", "refresh-1", clock(), clock() + timedelta(hours=25))
    pairs = Pairs(store, vault, IDENTITY, {OA: first})
    client = client_for(6.0)
    metrics = Metrics()
    oauth = OAuth(client, zalo.address, APP, APP_SECRET, clock)
    keeper = TokenKeeper(oas=(OA,), pairs=pairs, oauth=oauth, store=store, owner="test", clock=clock, metrics=metrics)
    yield Keeping(keeper, pairs, store, zalo, clock, metrics, oauth)
    await client.aclose()
    await store.close()
    await vault.close()


async def access_of(keeping: Keeping) -> str:
    held = await keeping.keeper.current(OA)
    assert held is not None
    return held.pair.access


async def test_a_token_is_renewed_when_three_hours_are_left(keeping: Keeping) -> None:
    await keeping.keeper.look_after(OA)
    assert keeping.zalo.state.refreshes == 0
    keeping.clock.now += timedelta(hours=22, minutes=1)
    await keeping.keeper.look_after(OA)
    assert keeping.zalo.state.refreshes == 1
    assert await access_of(keeping) == keeping.zalo.state.tokens[OA].access


@pytest.mark.parametrize("as_number", [True, False])
async def test_the_life_of_a_token_is_told_as_text_or_number(keeping: Keeping, as_number: bool) -> None:  # noqa: FBT001 - both are asked for
    keeping.zalo.state.expires_in_as_number = as_number
    held = await keeping.keeper.renewed(OA, seen=1)
    assert held is not None
    assert held.pair.expires_at == keeping.clock() + timedelta(hours=25)


async def test_whoever_saw_an_older_pair_gets_the_newer_one_without_a_renewal(keeping: Keeping) -> None:
    found = await asyncio.gather(*(keeping.keeper.renewed(OA, seen=1) for _ in range(20)))
    assert {one.generation for one in found if one} == {2}
    assert keeping.zalo.state.refreshes == 1


async def test_the_old_pair_is_kept_and_both_lie_sealed(keeping: Keeping, tmp_path: Path) -> None:
    await keeping.keeper.renewed(OA, seen=1)
    written = b"".join((tmp_path / name).read_bytes() for name in ("store.db", "store.db-wal"))
    assert await keeping.store.holder(f"zalo/token/{OA}/1") is not None
    assert await keeping.store.holder(f"zalo/token/{OA}/2") is not None
    assert b"refresh-1" not in written
    assert keeping.zalo.state.tokens[OA].refresh.encode() not in written


async def test_the_latest_generation_is_found_among_many(keeping: Keeping) -> None:
    await keeping.keeper.current(OA)
    for generation in range(2, 40):
        until = keeping.clock() + timedelta(hours=25)
        assert await keeping.pairs.add(OA, generation, Pair(f"a{generation}", "r", keeping.clock(), until))
        assert not await keeping.pairs.add(OA, generation, Pair("late", "r", keeping.clock(), until))
        fresh = Pairs(keeping.store, keeping.pairs._vault, IDENTITY)
        held = await fresh.latest(OA)
        assert held is not None
        assert (held.generation, held.pair.access) == (generation, f"a{generation}")
    held = await keeping.pairs.latest(OA)
    assert held is not None
    assert held.generation == 39


@pytest.mark.parametrize("trouble", [-14014, -32, Trouble.NULLS, Trouble.HTML, Trouble.HTTP_503])
async def test_what_is_no_pair_never_replaces_one(keeping: Keeping, trouble: int | Trouble) -> None:
    refused_at_once = isinstance(trouble, int) or trouble is Trouble.NULLS
    keeping.zalo.troubles.script("token", *([trouble] if refused_at_once else [trouble] * 2))
    assert await keeping.keeper.renewed(OA, seen=1) is None
    assert keeping.alarm() == 1
    # The old access token goes on working as long as it lives.
    assert await access_of(keeping) == "access-1"
    assert await keeping.pairs.marked(OA, 1, Mark.NOT_RENEWED)
    # Seldom, the old token is tried again; a new pair ends the alarm.
    assert await keeping.keeper.renewed(OA, seen=1) is None
    keeping.clock.now += timedelta(minutes=6)
    assert await keeping.keeper.renewed(OA, seen=1) is not None
    assert keeping.alarm() == 0
    assert keeping.zalo.state.refused_refreshes == 0


@pytest.mark.parametrize("trouble", [Trouble.DROP, Trouble.HANG])
async def test_a_token_used_up_without_an_answer_is_tried_once_more_and_then_needs_a_person(
    keeping: Keeping, trouble: Trouble
) -> None:
    keeping.zalo.troubles.script("token", trouble)
    assert await keeping.keeper.renewed(OA, seen=1) is None
    assert (keeping.zalo.state.refreshes, keeping.zalo.state.refused_refreshes) == (1, 1)
    assert keeping.alarm() == 1
    # A new consent, given in another process, ends it.
    pair = Pair("access-9", "refresh-9", keeping.clock(), keeping.clock() + timedelta(hours=25))
    assert (await keeping.keeper.adopt(OA, pair)).generation == 2
    assert await access_of(keeping) == "access-9"
    assert keeping.alarm() == 0


async def test_a_lost_request_costs_nothing(keeping: Keeping) -> None:
    keeping.zalo.troubles.script("token", Trouble.HTTP_503)
    held = await keeping.keeper.renewed(OA, seen=1)
    assert held is not None
    assert (held.generation, keeping.zalo.state.refreshes, keeping.alarm()) == (2, 1, 0)


async def test_an_unreachable_zalo_is_no_alarm(keeping: Keeping, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping.oauth, "_url", "http://127.0.0.1:1/v4/oa/access_token")
    assert await keeping.keeper.renewed(OA, seen=1) is None
    assert keeping.alarm() == 0
    assert not await keeping.pairs.marked(OA, 1, Mark.NOT_RENEWED)


async def test_a_renewal_under_way_ends_even_when_the_process_stops(keeping: Keeping) -> None:
    renewing = asyncio.create_task(keeping.keeper.renewed(OA, seen=1))
    async with asyncio.timeout(20):
        while keeping.zalo.state.refreshes == 0:  # noqa: ASYNC110 - the fake is no part of this test that could tell
            await asyncio.sleep(0)
    renewing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await renewing
    held = await keeping.pairs.latest(OA)
    assert held is not None
    assert held.pair.access == keeping.zalo.state.tokens[OA].access


async def test_a_store_that_fails_for_a_moment_does_not_lose_the_only_copy(
    keeping: Keeping, monkeypatch: pytest.MonkeyPatch
) -> None:
    await keeping.keeper.current(OA)
    failures = [Unavailable("disk_full")] * 2
    add = keeping.pairs.add

    async def failing(oa: str, generation: int, pair: Pair) -> bool:
        if failures:
            raise failures.pop()
        return await add(oa, generation, pair)

    monkeypatch.setattr(keeping.pairs, "add", failing)
    held = await keeping.keeper.renewed(OA, seen=1)
    assert held is not None
    assert held.generation == 2


async def test_a_revoked_consent_stops_until_there_is_a_new_one(keeping: Keeping) -> None:
    await keeping.keeper.revoke(OA, keeping.clock() - timedelta(days=1))
    assert await keeping.keeper.current(OA) is not None
    await keeping.keeper.revoke(OA, keeping.clock())
    assert await keeping.keeper.current(OA) is None
    assert keeping.alarm() == 1
    pair = Pair("access-9", "refresh-9", keeping.clock(), keeping.clock() + timedelta(hours=25))
    await keeping.keeper.adopt(OA, pair)
    assert await access_of(keeping) == "access-9"


async def test_consent_is_given_with_pkce(keeping: Keeping) -> None:
    verifier = "v" * 43
    url = consent_url(keeping.zalo.address, APP, "https://1022.example.gov.vn/zalo", verifier=verifier, state="s1")
    async with httpx.AsyncClient(trust_env=False) as client:
        back = (await client.get(url)).headers["location"]
    code = code_in(back, oa=OA, state="s1")
    assert isinstance(await keeping.oauth.first(code, verifier), Pair)
    # A code is good once, and for whoever knows the verifier.
    assert await keeping.oauth.first(code, verifier) == Rejected(-14010)


def test_only_the_answer_to_this_consent_is_taken() -> None:
    assert code_in(" abc ", oa=OA, state="s") == "abc"
    assert code_in(f"https://x/?code=abc&oa_id={OA}&state=s", oa=OA, state="s") == "abc"
    for pasted, reason in (
        ("https://x/?code=abc&state=other", "other_consent"),
        ("https://x/?code=abc&oa_id=1", "other_oa"),
        ("https://x/?error=access_denied", "no_code"),
        ("", "no_code"),
    ):
        with pytest.raises(Invalid) as refused:
            code_in(pasted, oa=OA, state="s")
        assert refused.value.reason == reason


@pytest.mark.parametrize(
    "body",
    [
        {"access_token": "a"},
        {"access_token": "a", "refresh_token": None},
        {"access_token": "", "refresh_token": "r"},
        {"access_token": "a\r\nx: y", "refresh_token": "r"},
        {"access_token": "a" * 5000, "refresh_token": "r"},
        {"access_token": 1, "refresh_token": 2},
    ],
)
def test_half_a_pair_is_none(body: dict[str, object]) -> None:
    assert pair_in(body, datetime(2026, 11, 24, tzinfo=UTC)) is None


@pytest.mark.timeout(240)
async def test_two_processes_renew_a_thousand_times_and_never_twice(keeping: Keeping, tmp_path: Path) -> None:
    await keeping.keeper.current(OA)
    children = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.channels.zalo.token_child"),
            *(str(tmp_path), keeping.zalo.address, APP, OA, str(ROUNDS)),
            cwd=ROOT,
        )
        for _ in range(2)
    ]
    assert [await child.wait() for child in children] == [0, 0]
    assert (keeping.zalo.state.refreshes, keeping.zalo.state.refused_refreshes) == (ROUNDS, 0)
    held = await keeping.pairs.latest(OA)
    assert held is not None
    assert (held.generation, held.pair.access) == (ROUNDS + 1, keeping.zalo.state.tokens[OA].access)
