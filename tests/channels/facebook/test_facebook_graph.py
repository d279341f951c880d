"""Asking Facebook: names that may be missing, a subscription that may be lost, and a Facebook that does not answer."""

import asyncio
import logging
from collections import Counter

import pytest

from gateway.bus.port import Bus
from gateway.errors import GatewayError, Unavailable
from services.facebook_ingest import upkeep as upkeep_module
from services.facebook_ingest.profiles import Profiles
from services.facebook_ingest.upkeep import Upkeep
from tests.channels.facebook.desk import Desk
from tests.channels.facebook.looking_after import copy_of_upkeep
from tests.channels.facebook.town import PAGE, PERSON
from tests.fakes.facebook.state import GraphError, Script, Trouble
from tests.waiting import until


async def test_of_several_copies_one_asks_and_the_next_follows_when_it_stops(
    desk: Desk, bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep_module, "LOOK_SECONDS", 0.01)
    rounds: list[str] = []
    asked = asyncio.Event()

    def counted(owner: str, looks: Counter[bool] | None = None) -> asyncio.Task[None]:
        made = copy_of_upkeep(desk, bus, owner)
        take = made._lease.take

        async def look() -> bool:
            had = await take()
            if looks is not None:
                looks[had] += 1
            return had

        async def one_round() -> None:
            rounds.append(owner)
            asked.set()

        monkeypatch.setattr(made._lease, "take", look)
        monkeypatch.setattr(made, "round", one_round)
        return asyncio.create_task(made.run(900.0))

    one = counted("one")
    await asyncio.wait_for(asked.wait(), 20)
    asked.clear()
    # The other one has looked again and again, and did not get the lease.
    looks = Counter[bool]()
    other = counted("other", looks)
    await until(lambda: looks[False] >= 5)
    assert rounds == ["one"]
    one.cancel()
    await asyncio.gather(one, return_exceptions=True)
    await asyncio.wait_for(asked.wait(), 20)
    other.cancel()
    await asyncio.gather(other, return_exceptions=True)
    assert rounds == ["one", "other"]


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
