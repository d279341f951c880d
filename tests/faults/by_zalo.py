"""Citizens who write on Zalo: one signed event a request, in each citizen's order, some of them repeated later."""

import asyncio
import json
import random
import time

from services.zalo_ingest.configuration import TRIAL_APP, TRIAL_OA
from services.zalo_ingest.receive import PATH
from tests.fakes.zalo.events import Events
from tests.fakes.zalo.webhooks import signature
from tests.faults.ledger import Ledger
from tests.faults.matters import Citizen
from tests.faults.shares import citizens_of
from tests.faults.webhooks import Deliveries, Request
from tests.faults.world import World

AT_ONCE = 6


async def write_by_zalo(world: World, ledger: Ledger) -> None:
    """Let every citizen send everything."""
    waiting = list(citizens_of(world.shares, "zalo", world.seed))

    async def one_connection(number: int) -> None:
        chance = random.Random(f"{world.seed}/zalo/{number}")  # noqa: S311 - repeatable, not secret
        deliveries = Deliveries(world, "zalo", ledger, chance)
        while waiting:
            citizen = waiting.pop()
            await deliveries.deliver(*(_request(world, citizen, place) for place in range(world.shares["zalo"].each)))
        await deliveries.close()

    await asyncio.gather(*(one_connection(number) for number in range(AT_ONCE)))


def _request(world: World, citizen: Citizen, place: int) -> Request:
    event = Events(TRIAL_APP, TRIAL_OA).text(citizen.user_id, citizen.text(place), int(time.time() * 1000))
    body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
    signed = signature(TRIAL_APP, body, event["timestamp"], world.secrets.zalo_oa)
    return Request(PATH, body, {"X-ZEvent-Signature": signed}, [(citizen.number, place)])
