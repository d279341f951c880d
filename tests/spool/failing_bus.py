"""A bus that fails on demand, and remembers what reached it in the order in which it did."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from enum import Enum, auto

from gateway.bus.port import Bus, Handler, Lag, Place, Record
from gateway.errors import Invalid, Unavailable
from schemas.envelope import Message


class Mood(Enum):
    """What the bus does with what is published."""

    WELL = auto()
    REFUSES = auto()
    SILENT = auto()
    TAKES_AND_IS_SILENT = auto()
    """The worst: it has the messages, and whoever published them never hears of it."""


class FailingBus(Bus):
    """Publishing only; `reached` holds every message each time it came."""

    def __init__(self) -> None:
        """Begin well."""
        self.mood = Mood.WELL
        self.reached: list[Message] = []
        self.attempts = 0

    def first(self) -> list[str]:
        """Ids in the order in which each came for the first time: what stages that know repeats see."""
        return list(dict.fromkeys(message.id for message in self.reached))

    async def publish(self, *messages: Message) -> None:
        """Take them, or not, as the mood is."""
        self.attempts += 1
        await asyncio.sleep(0)
        if any(message.type == "poison" for message in messages):
            raise Invalid("message_too_large", "It is.")
        match self.mood:
            case Mood.WELL:
                self.reached.extend(messages)
            case Mood.REFUSES:
                raise Unavailable("broker_down", "Nobody is there.")
            case Mood.SILENT:
                await asyncio.Event().wait()
            case Mood.TAKES_AND_IS_SILENT:
                self.reached.extend(messages)
                await asyncio.Event().wait()

    async def consume(self, topic: str, *, group: str, handler: Handler) -> None:
        """Nobody consumes here."""
        raise AssertionError("The edge only publishes.")

    async def lag(self, topic: str, *, group: str) -> Lag:
        """Nobody lags here."""
        raise AssertionError("The edge only publishes.")

    async def seek(self, topic: str, *, group: str, to: Place) -> None:
        """Nobody seeks here."""
        raise AssertionError("The edge only publishes.")

    def read(self, topic: str, *, start: Place, follow: bool = False) -> AsyncIterator[Record]:
        """Nobody reads here."""
        raise AssertionError("The edge only publishes.")

    async def topics(self) -> Sequence[str]:
        """Answers only when it is well."""
        match self.mood:
            case Mood.WELL:
                return ()
            case Mood.REFUSES:
                raise Unavailable("broker_down", "Nobody is there.")
            case _:
                return await asyncio.Future()

    async def trim(self, topic: str, *, before: datetime) -> int:
        """Nobody trims here."""
        raise AssertionError("The edge only publishes.")

    async def close(self) -> None:
        """Nothing was opened."""
