"""`python -m tests.faults.citizens`: many citizens in one process, each sending one message after another."""

import argparse
import asyncio
import json
from dataclasses import dataclass
from pathlib import Path

from tests.faults.ledger import Ledger, Result
from tests.faults.matters import Citizen
from tests.http_client import Connection, NoAnswer, NotSent

PATIENT = 4
"""Of so many messages without an answer one is given up, so that unknown ones stay."""

AGAIN_SECONDS = 0.05
ACCEPTED = 202


@dataclass(frozen=True, slots=True)
class Plan:
    """Who sends how much where."""

    port: int
    token: str
    ledger: Path
    seed: int
    citizens: range
    each: int
    at_once: int


async def play(plan: Plan) -> None:
    """Let every citizen send everything."""
    ledger = Ledger(plan.ledger)
    waiting = list(plan.citizens)

    async def one_connection() -> None:
        connection = Connection(plan.port)
        while waiting:
            await _send_all(plan, ledger, connection, Citizen(waiting.pop(), plan.seed))
        await connection.close()

    await asyncio.gather(*(one_connection() for _ in range(plan.at_once)))
    ledger.close()


async def _send_all(plan: Plan, ledger: Ledger, connection: Connection, citizen: Citizen) -> None:
    for place in range(plan.each):
        result: Result = "refused"
        while result != "acked":
            ledger.intends(citizen.number, place)
            result, code = await _send(plan, connection, citizen, place)
            ledger.ended(citizen.number, place, result, code)
            if result == "unknown" and (citizen.number + place) % PATIENT == 0:
                break
            if result != "acked":
                await asyncio.sleep(AGAIN_SECONDS)


async def _send(plan: Plan, connection: Connection, citizen: Citizen, place: int) -> tuple[Result, str]:
    headers = {"Authorization": f"Bearer {plan.token}", "Idempotency-Key": citizen.key(place)}
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


def main() -> None:
    """Read the plan from the command line and play it."""
    parser = argparse.ArgumentParser()
    for name in ("port", "seed", "first", "citizens", "each", "at-once"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--token", required=True)
    parser.add_argument("--ledger", type=Path, required=True)
    given = parser.parse_args()
    citizens = range(given.first, given.first + given.citizens)
    asyncio.run(play(Plan(given.port, given.token, given.ledger, given.seed, citizens, given.each, given.at_once)))


if __name__ == "__main__":
    main()
