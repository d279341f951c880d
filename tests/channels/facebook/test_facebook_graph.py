"""Asking Facebook: names that may be missing, a subscription that may be lost, and messages that no webhook brought."""

import asyncio
import logging
from collections.abc import AsyncIterator
from uuid import uuid5

import pytest

from gateway.bus.opening import open_bus
from gateway.bus.port import Beginning, Bus
from gateway.domain.identity import NAMESPACE
from gateway.errors import GatewayError, Unavailable
from gateway.runtime.deployment import utc_now
from gateway.runtime.sending.lease import SendingLease
from schemas.envelope import Message
from schemas.raw import Raw
from services.facebook_ingest import upkeep as upkeep_module
from services.facebook_ingest.page import Page
from services.facebook_ingest.profiles import Profiles
from services.facebook_ingest.upkeep import Upkeep
from tests.channels.facebook.desk import Desk
from tests.channels.facebook.reading import RECEIVED, effects, raw_of
from tests.channels.facebook.town import APP, PAGE, PERSON
from tests.fakes.facebook.state import GraphError, Script, Trouble


@pytest.fixture
async def bus(desk: Desk) -> AsyncIterator[Bus]:
    opened = open_bus(f"sqlite:///{desk.folder / 'bus'}", "facebook_ingest.upkeep", clock=desk.clock)
    yield opened
    await opened.close()


def record(body: bytes) -> Message:
    """A raw record that is named by its content, as the webhook's are."""
    raw = raw_of(body).model_copy(update={"id": uuid5(NAMESPACE, body.hex())})
    return Message("raw.facebook", PAGE, str(raw.id), Raw.TYPE, "/tests", RECEIVED, raw.model_dump_json().encode())


def copy_of_upkeep(desk: Desk, bus: Bus, owner: str) -> Upkeep:
    """One of several copies."""
    return Upkeep(
        page=Page(PAGE, APP),
        graph=desk.graph,
        documents=desk.documents,
        bus=bus,
        to_record=record,
        metrics=desk.ports.metrics,
        clock=desk.clock,
        lease=SendingLease(PAGE, desk.ports.store, owner=owner, clock=utc_now, role="upkeep"),
    )


@pytest.fixture
def upkeep(desk: Desk, bus: Bus) -> Upkeep:
    return copy_of_upkeep(desk, bus, "one")


async def test_of_several_copies_one_asks_and_the_next_follows_when_it_stops(
    desk: Desk, bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep_module, "LOOK_SECONDS", 0.01)
    rounds: list[str] = []
    asked = asyncio.Event()

    def counted(owner: str) -> asyncio.Task[None]:
        made = copy_of_upkeep(desk, bus, owner)

        async def one_round() -> None:
            rounds.append(owner)
            asked.set()

        monkeypatch.setattr(made, "round", one_round)
        return asyncio.create_task(made.run(900.0))

    one = counted("one")
    await asyncio.wait_for(asked.wait(), 20)
    asked.clear()
    other = counted("other")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asked.wait(), 0.3)
    one.cancel()
    await asyncio.gather(one, return_exceptions=True)
    await asyncio.wait_for(asked.wait(), 20)
    other.cancel()
    await asyncio.gather(other, return_exceptions=True)
    assert rounds == ["one", "other"]


async def texts(bus: Bus) -> list[str]:
    """What was published, as it is read."""
    raws = [Raw.model_validate_json(one.message.value) async for one in bus.read("raw.facebook", start=Beginning())]
    return [effect.said.personal.text for raw in raws for effect in effects(raw.personal.payload)]  # type: ignore[union-attr]


async def test_a_name_is_learnt_once_a_day(desk: Desk) -> None:
    desk.fake.state.names[PERSON] = ("Nguyễn Văn", "An")
    profiles = Profiles(desk.graph, desk.ports.correspondents, desk.clock)
    await profiles.learn(PERSON, desk.inbox)
    await profiles.learn(PERSON, desk.inbox)
    assert (await desk.ports.correspondents.of(desk.inbox))["name"] == "Nguyễn Văn An"
    assert len(desk.fake.state.requests) == 1
    desk.clock.pass_by(hours=25)
    await profiles.learn(PERSON, desk.inbox)
    assert len(desk.fake.state.requests) == 2


@pytest.mark.parametrize(
    "fault", [None, GraphError(100, 2018218), GraphError(100, 33), GraphError(10), GraphError(200)]
)
async def test_a_missing_name_is_normal_and_is_not_asked_for_again_today(desk: Desk, fault: GraphError | None) -> None:
    if fault is not None:
        desk.fake.troubles.script("profile", fault)
    profiles = Profiles(desk.graph, desk.ports.correspondents, desk.clock)
    await profiles.learn(PERSON, desk.inbox)
    await profiles.learn(PERSON, desk.inbox)
    assert (await desk.ports.correspondents.of(desk.inbox))["name"] == ""
    assert len(desk.fake.state.requests) == 1


FAULTS: tuple[Script, ...] = (
    *(GraphError(code) for code in (1, 4, 190)),
    *(Trouble.DROP_BEFORE, Trouble.HTML_502, Trouble.NOT_JSON, Trouble.REDIRECT, Trouble.HANG),
)


@pytest.mark.parametrize("trouble", FAULTS)
async def test_whatever_goes_wrong_with_a_read_is_one_kind_of_error(desk: Desk, trouble: Script) -> None:
    desk.fake.troubles.script("profile", trouble)
    with pytest.raises(Unavailable) as refused:
        await desk.graph.profile(PERSON)
    assert PERSON not in str(refused.value)
    assert "appsecret_proof" not in str(refused.value)


async def test_a_usage_header_of_next_year_does_not_stop_reads(desk: Desk) -> None:
    desk.fake.state.names[PERSON] = ("Nguyễn", "An")
    desk.fake.troubles.script("profile", Trouble.NEW_USAGE_MEMBER)
    assert await desk.graph.profile(PERSON) == "Nguyễn An"


async def test_a_lost_subscription_is_an_alarm_until_it_is_back(desk: Desk, upkeep: Upkeep) -> None:
    await upkeep.round()
    assert desk.alarm("not_subscribed") == 0
    assert (await upkeep.state())["subscription"] == "subscribed"
    for left in (set(), {"messages"}):
        desk.fake.state.subscribed = set(left)
        desk.clock.pass_by(minutes=15)
        await upkeep.round()
        assert desk.alarm("not_subscribed") == 1
        assert (await upkeep.state())["subscription"] == "not_subscribed"
    desk.fake.state.subscribed = {"messages", "message_echoes", "feed"}
    desk.clock.pass_by(minutes=15)
    await upkeep.round()
    assert desk.alarm("not_subscribed") == 0


async def test_a_facebook_that_cannot_be_asked_is_worth_a_warning_the_second_time(
    desk: Desk, upkeep: Upkeep, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="services.facebook_ingest.upkeep")
    desk.fake.troubles.script("subscribed_apps", GraphError(1), GraphError(1))
    for level in (logging.INFO, logging.WARNING):
        caplog.clear()
        await upkeep.round()
        assert (await upkeep.state())["subscription"] == "unknown"
        assert (await upkeep.state())["fault"] == "graph_failing"
        assert [one.levelno for one in caplog.records if one.msg == "page_not_looked_after"] == [level]
    await upkeep.round()
    assert (await upkeep.state())["subscription"] == "subscribed"


async def test_what_lay_in_the_inbox_before_the_first_start_is_left_alone(desk: Desk, upkeep: Upkeep, bus: Bus) -> None:
    desk.fake.state.keep(PERSON, "m_old", PERSON, "Chuyện cũ", [])
    desk.clock.pass_by(minutes=1)
    await upkeep.round()
    assert await texts(bus) == []
    desk.clock.pass_by(minutes=30)
    desk.fake.state.keep(PERSON, "m_new", PERSON, "Chuyện mới", [])
    await upkeep.round()
    assert await texts(bus) == ["Chuyện mới"]


async def test_every_message_of_an_outage_is_found_over_all_pages(desk: Desk, upkeep: Upkeep, bus: Bus) -> None:
    await upkeep.round()
    desk.clock.pass_by(hours=3)
    for number in range(40):
        for person in (PERSON, f"74210033445{number:05}"):
            desk.fake.state.keep(person, f"m_{person}_{number}", person, f"{person} lần {number}", [])
    desk.fake.state.keep(PERSON, "m_page", PAGE, "Trang trả lời", [])
    await upkeep.catch_up()
    found = await texts(bus)
    assert len(found) == len(set(found)) == 80
    assert [one for one in found if one.startswith(f"{PERSON} ")] == [f"{PERSON} lần {number}" for number in range(40)]
    assert "Trang trả lời" not in found


async def test_an_outage_is_caught_up_from_its_beginning_however_often_that_fails(
    desk: Desk, upkeep: Upkeep, bus: Bus
) -> None:
    await upkeep.round()
    desk.clock.pass_by(hours=1)
    desk.fake.state.keep(PERSON, "m_first", PERSON, "Đầu tiên", [])
    for _ in range(3):
        desk.clock.pass_by(hours=5)
        desk.fake.troubles.script("conversations", GraphError(1))
        await upkeep.round()
        assert (await upkeep.state())["fault"] == "graph_failing"
    await upkeep.round()
    assert await texts(bus) == ["Đầu tiên"]
    assert "fault" not in await upkeep.state()


async def test_a_message_found_twice_is_the_same_record(desk: Desk, upkeep: Upkeep, bus: Bus) -> None:
    await upkeep.round()
    desk.clock.pass_by(minutes=5)
    desk.fake.state.keep(PERSON, "m_once", PERSON, "Một lần", [])
    for _ in range(3):
        await upkeep.round()
        desk.clock.pass_by(minutes=1)
    assert await texts(bus) == ["Một lần"]


async def test_a_disk_that_keeps_nothing_does_not_end_the_upkeep(desk: Desk, upkeep: Upkeep) -> None:
    class Full:
        async def get(self, *_: str) -> None:
            raise Unavailable("disk_full")

    upkeep._documents = Full()  # type: ignore[assignment]
    await upkeep.round()
    assert desk.alarm("not_subscribed") == 0


async def test_errors_of_reads_are_the_gateways_own(desk: Desk) -> None:
    desk.fake.troubles.script("conversations", GraphError(10))
    with pytest.raises(GatewayError):
        await desk.graph.conversations(PAGE, None)
