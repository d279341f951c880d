"""Looking at how far groups are costs little, however many partitions and marks of transactions there are."""

import asyncio

from tests.contract.bus_play import Seen, caught_up, consuming, forwarded, message
from tests.kafka.conftest import Buses

ASKED = 40
SECONDS = 15.0


async def test_groups_that_are_done_are_asked_about_many_times_a_second(buses: Buses) -> None:
    """A mark behind each partition's last record must not be waited for as if it were a record that comes late."""
    source, reader = buses.open("web_ingest.read"), buses.open("cli")
    await source.publish(*(message(number, key=str(number)) for number in range(40)))
    async with consuming(buses.open("normalizer"), Seen(forwarded)):
        await caught_up(reader)
    async with asyncio.timeout(SECONDS):
        for _ in range(ASKED):
            assert (await reader.lag("inbound", group="normalizer")).messages == 0
