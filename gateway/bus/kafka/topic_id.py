"""Asks a broker for a topic's id, which aiokafka does not: a topic made again keeps its name, and has another id."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import IncompatibleBrokerVersion
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    AbstractType,
    Boolean,
    CompactArray,
    CompactString,
    Int16,
    Int32,
    Schema,
    TaggedFields,
)

METADATA = 3
VERSION = 10
"""The first that has ids: Kafka 2.8, KIP-516."""


class Id(AbstractType):  # type: ignore[misc]  # aiokafka has no types
    """Sixteen bytes, as their hexadecimal digits."""

    @classmethod
    def encode(cls, value: str) -> bytes:
        """Write one."""
        return bytes.fromhex(value)

    @classmethod
    def decode(cls, data: BytesIO) -> str:
        """Read one."""
        return data.read(16).hex()


NO_ID = "0" * 32


class Answer(Response):  # type: ignore[misc]  # aiokafka has no types
    """Metadata response, version 10 (Kafka's `MetadataResponse.json`)."""

    API_KEY = METADATA
    API_VERSION = VERSION
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "brokers",
            CompactArray(
                ("node_id", Int32),
                ("host", CompactString()),
                ("port", Int32),
                ("rack", CompactString()),
                ("tags", TaggedFields),
            ),
        ),
        ("cluster_id", CompactString()),
        ("controller_id", Int32),
        (
            "topics",
            CompactArray(
                ("error_code", Int16),
                ("topic", CompactString()),
                ("topic_id", Id),
                ("is_internal", Boolean),
                (
                    "partitions",
                    CompactArray(
                        ("error_code", Int16),
                        ("partition", Int32),
                        ("leader", Int32),
                        ("leader_epoch", Int32),
                        ("replicas", CompactArray(Int32)),
                        ("isr", CompactArray(Int32)),
                        ("offline_replicas", CompactArray(Int32)),
                        ("tags", TaggedFields),
                    ),
                ),
                ("authorized_operations", Int32),
                ("tags", TaggedFields),
            ),
        ),
        ("authorized_operations", Int32),
        ("tags", TaggedFields),
    )


class Question(RequestStruct):  # type: ignore[misc]  # aiokafka has no types
    """Metadata request, version 10 (Kafka's `MetadataRequest.json`)."""

    FLEXIBLE_VERSION = True
    API_KEY = METADATA
    API_VERSION = VERSION
    RESPONSE_TYPE = Answer
    SCHEMA = Schema(
        ("topics", CompactArray(("topic_id", Id), ("name", CompactString()), ("tags", TaggedFields))),
        ("allow_auto_topic_creation", Boolean),
        ("include_cluster_authorized_operations", Boolean),
        ("include_topic_authorized_operations", Boolean),
        ("tags", TaggedFields),
    )


class Asked(Request[Question]):  # type: ignore[misc]  # aiokafka has no types
    """What there is of one topic."""

    API_KEY = METADATA

    def __init__(self, topic: str) -> None:
        """Ask for a topic by its name in the cluster."""
        self._topic = topic

    def prepare(self, versions: dict[int, tuple[int, int]]) -> Question:
        """Build the request for a broker that takes these versions."""
        if versions.get(METADATA, (0, 0))[1] < VERSION:
            raise IncompatibleBrokerVersion("Kafka 2.8 or newer is needed: topics have no id before.")
        found: Question = super().prepare(versions)
        return found

    def build(self, request_struct_class: type[Question]) -> Question:
        """Build the request; a topic that is not there is never made by asking."""
        return request_struct_class([(NO_ID, self._topic, {})], False, False, False, {})


async def described(admin: AIOKafkaAdminClient, topic: str) -> Mapping[str, Any]:
    """A topic's `error_code`, `topic_id` and `partitions` as a broker has them; raises the driver's errors."""
    answer = await admin._send_request(Asked(topic))  # noqa: SLF001 - no public way sends a request of one's own
    found: Mapping[str, Any] = answer.to_object()["topics"][0]
    return found
