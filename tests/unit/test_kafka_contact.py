"""An outage of Kafka is one line at its beginning and one at its end, whoever finds out, and how often."""

import logging

import pytest

from gateway.bus.kafka.contact import REPEATED, Contact, Repetition
from gateway.bus.kafka.errors import kafka_errors
from gateway.errors import Unavailable

AWAY = Unavailable("kafka_unavailable", "NodeNotReadyError")
LOGGER, REPEATED_TEXT = "aiokafka", REPEATED["aiokafka"][0]


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        """Begin somewhere."""
        self.now = 1000.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


def told(caplog: pytest.LogCaptureFixture) -> list[tuple[str, object]]:
    return [(record.msg, getattr(record, "seconds", None)) for record in caplog.records]


def test_an_outage_is_told_once_and_its_end_with_its_length(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    contact = Contact(clock)
    for _ in range(50):
        contact.failed(AWAY)
        clock.now += 0.5
    assert told(caplog) == [("kafka_is_away", None)]
    assert contact.away_seconds == 25
    contact.heard()
    contact.heard()
    assert told(caplog) == [("kafka_is_away", None), ("kafka_is_back", 25.0)]
    assert contact.away_seconds == 0


def test_what_passes_at_once_and_what_kafka_refuses_is_no_outage(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    contact = Contact(clock)
    for _ in range(10):
        contact.failed(AWAY)
        clock.now += 0.5
        contact.failed(AWAY)
        contact.heard()
    for _ in range(10):
        contact.failed(Unavailable("kafka_refused", "TopicAuthorizationFailedError"))
        clock.now += 0.5
    assert told(caplog) == []
    assert contact.away_seconds == 0


async def test_what_is_asked_of_kafka_tells_how_it_ended() -> None:
    contact = Contact()
    with pytest.raises(Unavailable):
        async with kafka_errors(0, contact):
            raise TimeoutError
    assert contact.failing
    async with kafka_errors(1, contact):
        pass
    assert not contact.failing


def record(text: str, name: str = LOGGER) -> logging.LogRecord:
    return logging.LogRecord(name, logging.ERROR, __file__, 1, text, (), None)


def test_what_the_library_repeats_is_written_once_a_minute_and_in_an_outage_not_at_all() -> None:
    clock = Clock()
    contact = Contact(clock)
    repetition = Repetition(contact, clock)
    assert [repetition.filter(record(REPEATED_TEXT)) for _ in range(3)] == [True, False, False]
    clock.now += 61
    assert repetition.filter(record(REPEATED_TEXT))
    clock.now += 61
    contact.failed(AWAY)
    assert not repetition.filter(record(REPEATED_TEXT))
    assert all(repetition.filter(record("Unexpected error in sender routine")) for _ in range(3))
    contact.heard()
    assert repetition.filter(record(REPEATED_TEXT))
