"""What follows from each way in which Zalo takes, refuses or loses a message, over real HTTP."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest

from gateway.outbox.carrier import Delivered, Handover, Later, Parcel, Refused, Unclear
from gateway.outbox.port import token_of
from gateway.runtime.calling import client_for
from gateway.runtime.metrics import Metrics
from gateway.store.sqlite import SqliteStore
from gateway.vault.provider import FileKeyProvider
from gateway.vault.sqlite import SqliteVault
from schemas.vocabulary import ReplyKind
from services.zalo_ingest.card import load_card
from services.zalo_ingest.oauth import OAuth
from services.zalo_ingest.refusals import refusal, seconds_until_morning
from services.zalo_ingest.send import Way, ZaloCarrier
from services.zalo_ingest.token_keeper import TokenKeeper
from services.zalo_ingest.token_pairs import Pair, Pairs
from services.zalo_ingest.windows import Window, window_at
from tests.channels.zalo.captured import APP, CITIZEN, IDENTITY, OA
from tests.channels.zalo.conftest import SECRET
from tests.fakes.zalo.server import FakeZalo
from tests.fakes.zalo.state import Trouble

APP_SECRET = "AppSecretForTests"
LAST_MESSAGE = "96d3cdf3af150460909"
TEXT = "Phản ánh mã CYJ8-JYYT-TK3Q đã chuyển Ủy ban nhân dân phường Bình Phước."


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Sending:
    """A carrier before the fake."""

    carrier: ZaloCarrier
    zalo: FakeZalo
    metrics: Metrics
    client: httpx.AsyncClient
    tokens: TokenKeeper
    store: SqliteStore
    way: Way

    async def send(self, parcel: Parcel) -> Handover:
        """Hand over one parcel."""
        return await self.carrier.hand_over(parcel)

    def with_way(self, **changes: object) -> ZaloCarrier:
        """The carrier goes another way from now on."""
        self.way = replace(self.way, **changes)  # type: ignore[arg-type]  # members of a way
        self.carrier = ZaloCarrier(self.client, self.tokens, self.store, self.way, clock=now, metrics=self.metrics)
        return self.carrier


@pytest.fixture
async def zalo() -> AsyncIterator[FakeZalo]:
    async with FakeZalo(
        app_id=APP, app_secret=APP_SECRET, oas={OA: SECRET}, tokens={OA: ("access-1", "refresh-1")}
    ) as fake:
        fake.state.interactions[CITIZEN] = fake.state.clock()
        yield fake


@pytest.fixture
async def sending(tmp_path: Path, zalo: FakeZalo) -> AsyncIterator[Sending]:
    (tmp_path / "master.key").write_text("11" * 32)
    (tmp_path / "master.key").chmod(0o600)
    store = SqliteStore(tmp_path / "store.db")
    vault = SqliteVault(tmp_path / "vault.db", FileKeyProvider(tmp_path / "master.key"))
    pairs = Pairs(store, vault, IDENTITY, {OA: Pair("access-1", "refresh-1", now(), now() + timedelta(hours=25))})
    client = client_for(5.0)
    metrics = Metrics()
    oauth = OAuth(client, zalo.address, APP, APP_SECRET, now)
    tokens = TokenKeeper(oas=(OA,), pairs=pairs, oauth=oauth, store=store, owner="test", clock=now, metrics=metrics)
    way = Way(zalo.address, seconds=5.0, allow_charged=False, oas=frozenset({OA}))
    carrier = ZaloCarrier(client, tokens, store, way, clock=now, metrics=metrics)
    yield Sending(carrier, zalo, metrics, client, tokens, store, way)
    await client.aclose()
    await store.close()
    await vault.close()


def parcel(
    *, since: timedelta = timedelta(), kind: ReplyKind = ReplyKind.TRANSFERRED, reply_id: UUID | None = None
) -> Parcel:
    reply = reply_id or uuid4()
    return Parcel(
        reply_id=reply,
        number=0,
        count=1,
        token=token_of(reply, 0),
        account="ab" * 16,
        kind=kind,
        code="CYJ8-JYYT-TK3Q",
        filed_at=now(),
        text=TEXT,
        correspondent={
            "oa_id": OA,
            "user_id": CITIZEN,
            "message_id": LAST_MESSAGE,
            "interacted_at": (now() - since).isoformat(),
        },
    )


async def test_a_message_reaches_the_citizen_quoting_their_last_one(sending: Sending) -> None:
    ended = await sending.send(parcel())
    (taken,) = sending.zalo.state.replies_to(CITIZEN)
    assert ended == Delivered(taken.message_id)
    assert taken.message == {"text": TEXT, "quote_message_id": LAST_MESSAGE}


async def test_only_the_first_part_quotes(sending: Sending) -> None:
    await sending.send(replace(parcel(), number=1, count=2))
    assert "quote_message_id" not in sending.zalo.state.taken[0].message


async def test_a_quote_that_is_refused_is_left_out(sending: Sending) -> None:
    sending.zalo.troubles.script("send", -201)
    assert isinstance(await sending.send(parcel()), Delivered)
    assert sending.zalo.state.taken[0].message == {"text": TEXT}


@pytest.mark.parametrize("code", [-216, -220])
async def test_a_bad_token_is_renewed_once_and_the_message_sent_again(sending: Sending, code: int) -> None:
    sending.zalo.troubles.script("send", code)
    assert isinstance(await sending.send(parcel()), Delivered)
    assert sending.zalo.state.refreshes == 1
    assert len(sending.zalo.state.taken) == 1


async def test_a_token_that_stays_bad_stops_the_channel_and_calls_a_person(sending: Sending) -> None:
    sending.zalo.troubles.script("send", -216, -216)
    ended = await sending.send(parcel())
    assert ended == Later("no_access", 60.0, whole_channel=True, alarm=True)
    assert (sending.zalo.state.taken, sending.zalo.state.refreshes) == ([], 1)


async def test_without_access_nothing_is_called(sending: Sending) -> None:
    await sending.tokens.revoke(OA, now() + timedelta(seconds=1))
    assert await sending.send(parcel()) == Later("no_access", 60.0, whole_channel=True, alarm=True)
    assert sending.zalo.state.requests == 0


async def test_many_messages_with_one_dead_token_renew_it_once(sending: Sending) -> None:
    sending.zalo.state.expire(OA)
    ended = await asyncio.gather(*(sending.send(parcel()) for _ in range(10)))
    assert all(isinstance(one, Delivered) for one in ended)
    assert (sending.zalo.state.refreshes, sending.zalo.state.refused_refreshes) == (1, 0)


@pytest.mark.parametrize(
    ("trouble", "expected"),
    [
        (-32, Later("rate_limit", 60.0, whole_channel=True)),
        (-200, Later("send_failed", 30.0)),
        (-211, Later("out_of_quota", 900.0, whole_channel=True, alarm=True)),
        (-213, Refused("not_following")),
        (-218, Refused("recipient_limit")),
        (-221, Later("oa_not_verified", 900.0, whole_channel=True, alarm=True)),
        (-230, Refused("window_closed")),
        (-232, Refused("window_closed")),
        (-244, Refused("refused_by_citizen")),
        (-321, Later("no_balance", 900.0, alarm=True)),
        (-210, Refused("rejected_as_too_long")),
        (-403, Refused("group_refused")),
        (-4711, Refused("zalo_4711")),
        (Trouble.HTTP_500, Later("failing", 30.0, whole_channel=True)),
        (Trouble.HTTP_503, Later("failing", 30.0, whole_channel=True)),
        (Trouble.HTTP_502, Unclear("unreadable_answer")),
        (Trouble.HTML, Unclear("unreadable_answer")),
        (Trouble.DROP, Unclear("no_answer")),
        (Trouble.HANG, Unclear("no_answer")),
    ],
)
async def test_each_trouble_has_its_consequence(sending: Sending, trouble: int | Trouble, expected: Handover) -> None:
    sending.zalo.troubles.script("send", trouble)
    assert await sending.send(parcel()) == expected
    # What may have been taken was; what waits or failed was not: no answer here leads to a message sent twice.
    assert len(sending.zalo.state.taken) == (1 if isinstance(expected, Unclear) else 0)


async def test_with_several_oas_one_of_them_does_not_stop_the_others(sending: Sending) -> None:
    sending.zalo.troubles.script("send", -221)
    carrier = sending.with_way(oas=frozenset({OA, "499724391989919756"}))
    assert await carrier.hand_over(parcel()) == Later("oa_not_verified", 900.0, whole_channel=False, alarm=True)


async def test_an_unreachable_zalo_took_nothing(sending: Sending) -> None:
    carrier = sending.with_way(base_url="http://127.0.0.1:1")
    assert await carrier.hand_over(parcel()) == Later("unreachable", 15.0, whole_channel=True)


async def test_after_seven_days_nothing_is_tried(sending: Sending) -> None:
    assert await sending.send(parcel(since=timedelta(days=7, minutes=1))) == Refused("window_closed")
    assert sending.zalo.state.requests == 0


async def test_what_costs_is_sent_only_when_allowed_and_is_counted(sending: Sending) -> None:
    late = parcel(since=timedelta(hours=49))
    assert await sending.send(late) == Refused("window_charged")
    assert sending.zalo.state.requests == 0
    assert isinstance(await sending.with_way(allow_charged=True).hand_over(late), Delivered)
    assert sending.metrics.charged.labels("zalo")._value.get() == 1


@pytest.mark.parametrize("known", [{}, {"oa_id": OA}, {"user_id": CITIZEN}, {"oa_id": OA, "anonymous_id": "1"}])
async def test_nobody_known_is_nobody_told(sending: Sending, known: dict[str, str]) -> None:
    assert await sending.send(replace(parcel(), correspondent=known)) == Refused("unknown_correspondent")


async def test_an_account_of_an_oa_no_longer_served_is_told_to_operators(sending: Sending) -> None:
    known = {**parcel().correspondent, "oa_id": "1" * 18}
    assert await sending.send(replace(parcel(), correspondent=known)) == Refused("oa_not_served")


async def test_somebody_anonymous_is_answered_by_the_older_way(sending: Sending) -> None:
    sending.zalo.state.interactions["5566778899001122334"] = sending.zalo.state.clock()
    known = {
        "oa_id": OA,
        "anonymous_id": "5566778899001122334",
        "conversation_id": "e7a1c2",
        "message_id": LAST_MESSAGE,
        "interacted_at": now().isoformat(),
    }
    assert isinstance(await sending.send(replace(parcel(), correspondent=known)), Delivered)
    (taken,) = sending.zalo.state.taken
    assert taken.recipient == {"anonymous_id": "5566778899001122334", "conversation_id": "e7a1c2"}


async def test_a_supplement_request_brings_the_card_once_per_submission(sending: Sending) -> None:
    carrier = sending.with_way(card=load_card("https://1022.example.gov.vn/card.png"))
    for _ in range(2):
        assert isinstance(await carrier.hand_over(parcel(kind=ReplyKind.SUPPLEMENT_REQUEST)), Delivered)
    kinds = ["text" in one.message for one in sending.zalo.state.taken]
    assert kinds == [True, False, True]


async def test_without_a_picture_there_is_no_card(sending: Sending) -> None:
    assert load_card("") is None
    await sending.send(parcel(kind=ReplyKind.SUPPLEMENT_REQUEST))
    assert len(sending.zalo.state.taken) == 1


async def test_a_card_that_fails_changes_nothing(sending: Sending) -> None:
    # A picture that is not served over https is refused by Zalo.
    carrier = sending.with_way(card=load_card("http://1022.example.gov.vn/card.png"))
    assert isinstance(await carrier.hand_over(parcel(kind=ReplyKind.SUPPLEMENT_REQUEST)), Delivered)
    assert (len(sending.zalo.state.taken), sending.zalo.state.requests) == (1, 2)


def test_the_windows_have_their_edges() -> None:
    at = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)

    def after(**span: float) -> Window:
        return window_at({"interacted_at": (at - timedelta(**span)).isoformat()}, at)

    assert (after(hours=48), after(hours=48, seconds=1)) == (Window.FREE, Window.CHARGED)
    assert (after(days=7), after(days=7, seconds=1)) == (Window.CHARGED, Window.CLOSED)
    assert window_at({}, at) is Window.CLOSED
    assert window_at({"interacted_at": "yesterday"}, at) is Window.CLOSED


def test_at_night_it_waits_until_six_in_vietnam() -> None:
    assert seconds_until_morning(datetime(2026, 11, 24, 16, 0, tzinfo=UTC)) == 7 * 3600
    assert seconds_until_morning(datetime(2026, 11, 24, 22, 59, tzinfo=UTC)) == 60
    assert seconds_until_morning(datetime(2026, 11, 24, 23, 0, tzinfo=UTC)) == 86_400
    assert refusal(-234, datetime(2026, 11, 24, 22, 59, tzinfo=UTC), whole_channel=True) == Later("night", 60.0)
