"""Where the cluster is, how to connect to it, and what this deployment's topics, groups and transactions are called."""

import ssl
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from aiokafka.helpers import create_ssl_context

from gateway.bus.kafka.settings import KafkaSettings, Protocol
from gateway.errors import Invalid

SCHEME = "kafka"
REQUEST_SECONDS = 5.0
"""How long the answer to one request is waited for; a request may be repeated within the time of what it is part of."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A deployment's part of a Kafka cluster; several share one cluster by different prefixes."""

    servers: tuple[str, ...]
    prefix: str
    settings: KafkaSettings
    tls: ssl.SSLContext | None = field(repr=False, default=None)

    def connection(self) -> dict[str, Any]:
        """Arguments that every client of aiokafka takes."""
        settings = self.settings
        return {
            "bootstrap_servers": list(self.servers),
            "security_protocol": settings.security_protocol.value,
            "ssl_context": self.tls,
            "sasl_mechanism": settings.sasl_mechanism.value,
            "sasl_plain_username": settings.sasl_user or None,
            "sasl_plain_password": settings.sasl_password.get_secret_value() or None,
            "request_timeout_ms": int(REQUEST_SECONDS * 1000),
            "retry_backoff_ms": 50,
            # A broker that took over, or a topic that was made, is known soon even where nothing fails that would tell.
            "metadata_max_age_ms": 10_000,
        }

    def topic(self, name: str) -> str:
        """What a declared topic is called in the cluster."""
        return f"{self.prefix}{name}"

    def declared(self, topic: str) -> str | None:
        """The declared name of a topic of the cluster, None for what is not this deployment's."""
        return topic.removeprefix(self.prefix) if topic.startswith(self.prefix) else None

    def group(self, group: str, topic: str) -> str:
        """The consumer group of one stage on one topic: its members all read the same."""
        return f"{self.prefix}{group}.{topic}"

    def owner(self, group: str, topic: str, partition: int) -> str:
        """The transactional id of whoever owns a partition: a new owner fences the one before."""
        return f"{self.transactions(group)}{topic}-{partition}"

    def publisher(self, stage: str, process: str) -> str:
        """The transactional id under which a process of a stage publishes several messages at once."""
        return f"{self.transactions(stage)}publish-{process}"

    def transactions(self, stage: str) -> str:
        """What every transactional id of a stage begins with, for whoever gives it access."""
        return f"{self.prefix}{stage}-"


def cluster_of(url: str, settings: KafkaSettings) -> Cluster:
    """The cluster that `kafka://host:port[,host:port…][/prefix]` names; raises `Invalid`."""
    parts = urlsplit(url)
    servers = tuple(parts.netloc.split(","))
    if parts.scheme != SCHEME or not all(servers) or parts.query or parts.fragment or "@" in parts.netloc:
        raise Invalid("unknown_bus", "The bus's URL is kafka://host:port[,host:port…][/prefix].")
    prefix = parts.path.strip("/")
    return Cluster(servers, f"{prefix}." if prefix else "", settings, _tls(settings))


def _tls(settings: KafkaSettings) -> ssl.SSLContext | None:
    if settings.security_protocol not in (Protocol.SSL, Protocol.SASL_SSL):
        return None
    try:
        context: ssl.SSLContext = create_ssl_context(
            cafile=settings.ca_file, certfile=settings.cert_file, keyfile=settings.key_file
        )
    except (OSError, ssl.SSLError) as error:
        raise Invalid("kafka_certificates", type(error).__name__) from None
    return context
