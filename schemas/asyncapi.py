"""Describes every topic as an AsyncAPI 3 document: who puts what where, under which key, with which headers."""

from collections.abc import Iterator
from typing import Any

from schemas.base import Contract
from schemas.json_schema import definitions, messages
from schemas.topics import CHANNELS, TOPICS, Topic

VERSION = "1.0.0"

PARAMETERS: dict[str, dict[str, Any]] = {
    "channel": {"description": "Code of a citizens' channel.", "enum": sorted(CHANNELS)},
    "agency": {"description": "Code of an agency in the deployment's data."},
}

HEADERS: dict[str, tuple[str, bool]] = {
    "ce_specversion": ("Always 1.0.", True),
    "ce_id": ("Stable across repeats: a message seen twice has the same id.", True),
    "ce_type": ("Which of the messages this is.", True),
    "ce_source": ("Stage that made it.", True),
    "ce_time": ("When its cause was handled, RFC 3339 in UTC.", True),
    "ce_subject": ("What it is about; never a citizen's data.", False),
    "traceparent": ("W3C Trace Context, level 1; all that follows from one message has its trace id.", False),
    "content-type": ("Always application/json.", True),
}
"""CloudEvents 1.0 attributes in the Kafka binding's binary mode."""


def asyncapi_document() -> dict[str, Any]:
    """The whole document; a pure function of `schemas.topics`."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Gateway of hotline 1022",
            "version": VERSION,
            "description": "Topics of the gateway. Values are JSON, attributes are CloudEvents headers (binary mode). "
            "Order is promised per key and producer. Within version 1 changes only add. Members marked "
            "`x-personal` identify a citizen or may do so.",
            "license": {"name": "GPL-3.0-or-later"},
        },
        "defaultContentType": "application/json",
        "channels": {channel_id(topic): _channel(topic) for topic in TOPICS},
        "operations": {name: operation for topic in TOPICS for name, operation in _operations(topic)},
        "components": {
            "messages": {message.__name__: _message(message) for message in messages()},
            "schemas": definitions("#/components/schemas/{model}"),
            "messageTraits": {"cloudevents": {"headers": _headers()}},
        },
    }


def channel_id(topic: Topic) -> str:
    """The topic's name as an identifier: `agency.<agency>.commands` gives `agency_agency_commands`."""
    return topic.name.replace("<", "").replace(">", "").replace(".", "_")


def _channel(topic: Topic) -> dict[str, Any]:
    channel: dict[str, Any] = {
        "address": topic.name.replace("<", "{").replace(">", "}"),
        "summary": topic.about,
        "description": f"Key: {topic.key}.",
        "messages": {
            message.__name__: {"$ref": f"#/components/messages/{message.__name__}"} for message in topic.messages
        },
        "bindings": {
            "kafka": {
                "partitions": topic.partitions,
                "topicConfiguration": {
                    "retention.ms": int(topic.retention.total_seconds() * 1000),
                    **({} if topic.most_bytes is None else {"max.message.bytes": topic.most_bytes}),
                },
            }
        },
        "x-personal": topic.personal,
    }
    parameters = {name: value for name, value in PARAMETERS.items() if f"<{name}>" in topic.name}
    return {**channel, "parameters": parameters} if parameters else channel


def _operations(topic: Topic) -> Iterator[tuple[str, dict[str, Any]]]:
    for action, parties in (("send", topic.producers), ("receive", topic.consumers)):
        for party in parties:
            name = party.replace("<", "").replace(">", "").replace(".", "_").replace(" ", "_")
            yield (
                f"{name}_{action}_{channel_id(topic)}",
                {
                    "action": action,
                    "channel": {"$ref": f"#/channels/{channel_id(topic)}"},
                    "summary": f"{party} {'puts here' if action == 'send' else 'reads this'}.",
                    "messages": [
                        {"$ref": f"#/channels/{channel_id(topic)}/messages/{message.__name__}"}
                        for message in topic.messages
                    ],
                },
            )


def _message(message: type[Contract]) -> dict[str, Any]:
    return {
        "name": message.TYPE,
        "title": message.__name__,
        "summary": (message.__doc__ or "").strip().splitlines()[0],
        "contentType": "application/json",
        "traits": [{"$ref": "#/components/messageTraits/cloudevents"}],
        "payload": {"$ref": f"#/components/schemas/{message.__name__}"},
        "bindings": {"kafka": {"key": {"type": "string"}}},
    }


def _headers() -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {name: {"type": "string", "description": about} for name, (about, _) in HEADERS.items()},
        "required": [name for name, (_, required) in HEADERS.items() if required],
    }
