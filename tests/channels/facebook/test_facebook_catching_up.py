"""What no webhook brought is fetched from the inbox, from the beginning of an outage, and each message once."""

from gateway.bus.port import Bus
from services.facebook_ingest.upkeep import Upkeep
from tests.channels.facebook.desk import Desk
from tests.channels.facebook.looking_after import texts
from tests.channels.facebook.town import PAGE, PERSON
from tests.fakes.facebook.state import GraphError


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
    await upkeep.round()
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
