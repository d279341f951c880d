"""Citizens who write to the page: escaped and signed requests of several items, repeated, some ids as numbers."""

import asyncio
import random
import time
from collections.abc import Sequence

from services.facebook_ingest.configuration import TRIAL_PAGE
from services.facebook_ingest.receive import PATH
from tests.fakes.facebook.events import Event, Events, with_number_ids
from tests.fakes.facebook.webhooks import signature, written
from tests.faults.ledger import Ledger
from tests.faults.matters import Citizen
from tests.faults.shares import citizens_of
from tests.faults.webhooks import Deliveries, Request
from tests.faults.world import World

AT_ONCE = 3
MOST_CITIZENS = 4


async def write_by_facebook(world: World, ledger: Ledger) -> None:
    """Let every citizen send everything, some of them together."""
    waiting = list(citizens_of(world.shares, "facebook", world.seed))

    async def one_connection(number: int) -> None:
        chance = random.Random(f"{world.seed}/facebook/{number}")  # noqa: S311 - repeatable, not secret
        deliveries = Deliveries(world, "facebook", ledger, chance)
        while waiting:
            size = chance.randint(1, MOST_CITIZENS)
            together, waiting[:] = waiting[:size], waiting[size:]
            await deliveries.deliver(*_requests(world, together, chance))
        await deliveries.close()

    await asyncio.gather(*(one_connection(number) for number in range(AT_ONCE)))


def _requests(world: World, together: Sequence[Citizen], chance: random.Random) -> list[Request]:
    """The citizens' messages in each citizen's order: all in one request, or one request for each place."""
    rounds = [[(citizen, place) for citizen in together] for place in range(world.shares["facebook"].each)]
    batches = [[item for some in rounds for item in some]] if chance.random() < 0.3 else rounds
    return [_request(world, batch, chance) for batch in batches]


def _request(world: World, batch: Sequence[tuple[Citizen, int]], chance: random.Random) -> Request:
    events, now = Events(TRIAL_PAGE), time.time()
    items: list[Event] = [
        events.text(citizen.user_id, citizen.text(place), f"m_{citizen.key(place)}", now) for citizen, place in batch
    ]
    whole = events.batch(*items, at=now) if chance.random() < 0.5 else events.request(*items, at=now)
    body = written(with_number_ids(whole, chance))
    headers = {"X-Hub-Signature-256": signature(body, world.secrets.facebook_app)}
    return Request(PATH, body, headers, [(citizen.number, place) for citizen, place in batch])
