"""`python -m tests.bench.load`: load from a process of its own, as fast as answers come or at a fixed rate."""

import argparse
import asyncio
import json
import sys
import time
from dataclasses import asdict, dataclass

from tests.bench.bodies import body
from tests.http_client import Connection

PATH = "/v1/submissions"
ACCEPTED = 202


@dataclass(frozen=True, slots=True)
class Sent:
    """One request: when it was due to be sent (seconds since 1970), how long its answer took, and its code."""

    due: float
    seconds: float
    code: str


async def closed_loop(port: int, token: str, count: int, at_once: int) -> list[Sent]:
    """Every connection sends as soon as it was answered."""
    waiting = [body(number) for number in range(count)]
    sent: list[Sent] = []

    async def one() -> None:
        connection = Connection(port)
        while waiting:
            sent.append(await _send(connection, token, waiting.pop(), time.time()))
        await connection.close()

    await asyncio.gather(*(one() for _ in range(at_once)))
    return sent


async def open_loop(port: int, token: str, rate: float, seconds: float) -> list[Sent]:
    """Send at fixed instants whether or not earlier answers have come; lateness counts as latency."""
    start = time.time() + 0.2
    free: list[Connection] = []
    bodies = [body(number) for number in range(int(rate * seconds))]

    async def one(number: int) -> Sent:
        due = start + number / rate
        await asyncio.sleep(max(0.0, due - time.time()))
        connection = free.pop() if free else Connection(port)
        sent = await _send(connection, token, bodies[number], due)
        free.append(connection)
        return sent

    sent = await asyncio.gather(*(one(number) for number in range(len(bodies))))
    for connection in free:
        await connection.close()
    return sent


async def _send(connection: Connection, token: str, content: bytes, due: float) -> Sent:
    status, answer = await connection.post(PATH, content, {"Authorization": f"Bearer {token}"})
    if status != ACCEPTED:
        raise RuntimeError(f"not accepted: {status}")
    return Sent(due, time.time() - due, json.loads(answer)["code"])


def main() -> None:
    """Send and print one JSON line a request."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--token", default="none")
    parser.add_argument("--count", type=int, default=0)
    parser.add_argument("--at-once", type=int, default=32)
    parser.add_argument("--rate", type=float, default=0.0)
    parser.add_argument("--seconds", type=float, default=0.0)
    given = parser.parse_args()
    work = (
        open_loop(given.port, given.token, given.rate, given.seconds)
        if given.rate
        else closed_loop(given.port, given.token, given.count, given.at_once)
    )
    for one in asyncio.run(work):
        sys.stdout.write(f"{json.dumps(asdict(one))}\n")


if __name__ == "__main__":
    main()
