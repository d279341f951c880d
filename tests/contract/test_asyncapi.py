"""The AsyncAPI document is whole: every reference leads somewhere, every topic and party is in it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from schemas.asyncapi import HEADERS, asyncapi_document, channel_id
from schemas.envelope import Message
from schemas.json_schema import messages
from schemas.topics import TOPICS
from tests.contract.test_schemas import example_of

DOCUMENT = asyncapi_document()


def test_every_reference_leads_somewhere() -> None:
    references = set(references_in(DOCUMENT))
    assert references
    for reference in references:
        place: Any = DOCUMENT
        for step in reference.removeprefix("#/").split("/"):
            assert step in place, reference
            place = place[step]


def test_every_topic_is_a_channel_with_its_messages_and_retention() -> None:
    assert set(DOCUMENT["channels"]) == {channel_id(topic) for topic in TOPICS}
    for topic in TOPICS:
        channel = DOCUMENT["channels"][channel_id(topic)]
        assert set(channel["messages"]) == {message.__name__ for message in topic.messages}
        kafka = channel["bindings"]["kafka"]
        assert kafka["topicConfiguration"]["retention.ms"] == topic.retention.total_seconds() * 1000


def test_an_address_names_exactly_its_parameters() -> None:
    for channel in DOCUMENT["channels"].values():
        for name in channel.get("parameters", {}):
            assert f"{{{name}}}" in channel["address"]
        assert channel["address"].count("{") == len(channel.get("parameters", {}))


def test_each_party_has_one_operation_per_topic() -> None:
    wanted = sum(len(topic.producers) + len(topic.consumers) for topic in TOPICS)
    assert len(DOCUMENT["operations"]) == wanted


def test_headers_are_those_that_an_envelope_writes() -> None:
    full = Message("inbound", "key", "id", "type", "source", datetime.now(UTC), b"{}", "subject", "00-0-0-00")
    bare = Message("inbound", "key", "id", "type", "source", datetime.now(UTC), b"{}")
    assert set(full.headers()) == set(HEADERS)
    assert set(bare.headers()) == {name for name, (_, required) in HEADERS.items() if required}


def test_examples_are_there_for_every_described_message() -> None:
    assert {message.__name__ for message in messages()} == set(DOCUMENT["components"]["messages"])
    assert all(example_of(message) for message in messages())


def references_in(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for name, member in value.items():
            if name == "$ref":
                yield member
            else:
                yield from references_in(member)
    elif isinstance(value, list):
        for item in value:
            yield from references_in(item)
