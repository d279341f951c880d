"""Closes connections to Kafka within a bounded time, which aiokafka leaves to the broker's answer and TLS to 30 s."""

import asyncio
from collections.abc import Collection, Iterable

from aiokafka.client import AIOKafkaClient
from aiokafka.conn import AIOKafkaConnection

FAREWELL_SECONDS = 1.0
"""How long a broker may take to answer that a connection ends; one that is there takes milliseconds."""


async def close_connections(client: AIOKafkaClient) -> None:
    """Close a client as its own `close` does, but in `FAREWELL_SECONDS` at most, and again if that was cancelled."""
    asking, client._sync_task = client._sync_task, None  # noqa: SLF001 - no public way is bounded in time
    while asking is not None and not asking.done():
        asking.cancel()
        await asyncio.wait([asking], timeout=FAREWELL_SECONDS)
    await close_all(list(client._conns.values()))  # noqa: SLF001 - as above


async def close_all(connections: Collection[AIOKafkaConnection]) -> None:
    """Say farewell on each, and cut off those on which nobody answers."""
    for connection in connections:
        _say_farewell(connection)
    ends = _ends(connections)
    if ends:
        await asyncio.wait(ends, timeout=FAREWELL_SECONDS)
    cut_off(connections)
    await asyncio.sleep(0)


def cut_off(connections: Iterable[AIOKafkaConnection]) -> None:
    """Close without waiting for an answer: the sockets are gone after the loop's next turn."""
    for connection in connections:
        _say_farewell(connection)
        # A connection forgets its transport when it begins to close; its protocol does when that has ended.
        transport = getattr(connection._protocol, "_transport", None)  # noqa: SLF001 - no public way to the socket
        if transport is not None:
            transport.abort()


def _say_farewell(connection: AIOKafkaConnection) -> None:
    """Begin to close; under uvloop a connection that broke by itself refuses that."""
    try:
        connection.close()
    except RuntimeError:
        if not connection._writer.transport.is_closing():  # noqa: SLF001 - it tells in no other way that it broke
            raise


def _ends(connections: Iterable[AIOKafkaConnection]) -> list["asyncio.Future[None]"]:
    """What is done when the sockets are closed; who waited for one and was cancelled has cancelled that as well."""
    opened = [connection for connection in connections if connection._protocol is not None]  # noqa: SLF001 - as below
    ends = [connection._closed_fut for connection in opened]  # noqa: SLF001 - only who closes first is given it
    return [end for end in ends if not end.done()]
