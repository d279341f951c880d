"""Every exception of aiokafka is one of the gateway's three kinds."""

import asyncio
import inspect

import pytest
import uvloop
from aiokafka import errors

from gateway.bus.kafka.errors import CONFLICT, DRIVER, INVALID, UNAVAILABLE, kafka_errors, mapped
from gateway.errors import Conflict, GatewayError, Invalid, Unavailable

CLASSES = sorted(
    {found for found in vars(errors).values() if inspect.isclass(found) and found.__module__ == errors.__name__},
    key=lambda found: found.__name__,
)


def test_every_exception_of_the_driver_is_mapped_once() -> None:
    listed = [*INVALID, *CONFLICT, *UNAVAILABLE]
    assert sorted(found.__name__ for found in listed) == [found.__name__ for found in CLASSES]
    assert all(issubclass(found, DRIVER) for found in listed)


@pytest.mark.parametrize("kind", CLASSES)
def test_no_text_of_the_driver_gets_through(kind: type[Exception]) -> None:
    error = kind.__new__(kind)
    error.args = ("0912 345 678",)
    found = mapped(error)
    wanted = Invalid if kind in INVALID else Conflict if kind in CONFLICT else Unavailable
    assert type(found) is wanted
    assert "0912" not in str(found)


async def test_what_takes_too_long_is_unavailable() -> None:
    with pytest.raises(Unavailable, match="kafka_timeout"):
        async with kafka_errors(0):
            await asyncio.Event().wait()


async def test_errors_of_the_gateway_pass_as_they_are() -> None:
    refused = Invalid("unknown_topic")
    with pytest.raises(GatewayError) as caught:
        async with kafka_errors(1):
            raise refused
    assert caught.value is refused


def test_a_connection_that_broke_a_moment_before_is_an_outage() -> None:
    """Under uvloop a write to it raises no OSError, and once ended the whole process."""

    async def broken() -> None:
        server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
        _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.transport.abort()
        await asyncio.sleep(0)
        try:
            async with kafka_errors(5):
                writer.write(b"asked")
        finally:
            server.close()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner, pytest.raises(Unavailable) as caught:
        runner.run(broken())
    assert caught.value.reason == "kafka_unavailable"


async def test_another_fault_of_ours_is_no_outage() -> None:
    with pytest.raises(RuntimeError, match="ours"):
        async with kafka_errors(5):
            raise RuntimeError("ours")
