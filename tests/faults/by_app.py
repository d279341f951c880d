"""Citizens who write by the app: each sends one message after another, and again under the same key."""

import asyncio
import json

from tests.faults.ledger import Ledger, Result
from tests.faults.matters import Citizen
from tests.faults.shares import citizens_of
from tests.faults.world import World
from tests.http_client import Connection, NoAnswer, NotSent

PATIENT = 4
"""Of so many messages without an answer one is given up, so that unknown ones stay."""

AT_ONCE = 24
AGAIN_SECONDS = 0.05
ACCEPTED = 202


async def write_by_app(world: World, ledger: Ledger) -> None:
    """Let every citizen send everything."""
    waiting = list(citizens_of(world.shares, "web", world.seed))

    async def one_connection() -> None:
        connection = Connection(world.ports["web"])
        while waiting:
            await _send_all(world, ledger, connection, waiting.pop())
        await connection.close()

    await asyncio.gather(*(one_connection() for _ in range(AT_ONCE)))


async def _send_all(world: World, ledger: Ledger, connection: Connection, citizen: Citizen) -> None:
    for place in range(world.shares["web"].each):
        message = citizen.number, place
        result: Result = "refused"
        while result != "acked":
            ledger.intends(message)
            result, code = await _send(world, connection, citizen, place)
            ledger.ended(message, result=result, code=code)
            if result == "unknown" and (citizen.number + place) % PATIENT == 0:
                break
            if result != "acked":
                await asyncio.sleep(AGAIN_SECONDS)
        await asyncio.sleep(world.pause)


async def _send(world: World, connection: Connection, citizen: Citizen, place: int) -> tuple[Result, str]:
    headers = {"Authorization": f"Bearer {world.secrets.app_key}", "Idempotency-Key": citizen.key(place)}
    body = json.dumps(citizen.body(place), ensure_ascii=False).encode()
    try:
        status, answer = await connection.post("/v1/submissions", body, headers)
    except NotSent:
        return "refused", ""
    except NoAnswer:
        return "unknown", ""
    if status == ACCEPTED:
        return "acked", json.loads(answer)["code"]
    if status < 500 and status != 429:
        raise RuntimeError(f"the gateway finds fault with the test's message: {status} {answer!r}")
    return "refused", ""
