"""Where the cluster is, how to connect to it, and what this deployment's topics, groups and transactions are called."""

import ssl
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from aiokafka.helpers import create_ssl_context

from gateway.bus.kafka.contact import Contact, contact_to
from gateway.bus.kafka.settings import KafkaSettings, Protocol
from gateway.errors import Invalid

SCHEME = "kafka"
REQUEST_SECONDS = 5.0
"""How long the answer to one request is waited for; a request may be repeated within the time of what it is part of."""

RETRY_SECONDS = 0.25
"""How long aiokafka waits before it tries again, always as long, in each loop of each client while a broker is away."""

SOON_SECONDS = 0.05
"""The same for whoever waits for the transaction before to be settled, which is a matter of milliseconds."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A deployment's part of a Kafka cluster; several share one cluster by different prefixes."""

    servers: tuple[str, ...]
    prefix: str
    settings: KafkaSettings
    tls: ssl.SSLContext | None = field(repr=False, default=None)

    @property
    def contact(self) -> Contact:
        """What this process knows of its way there."""
        return contact_to(self.servers)

    def connection(self, *, retry_seconds: float = RETRY_SECONDS) -> dict[str, Any]:
        """Arguments that every client of aiokafka takes."""
        return {
            "bootstrap_servers": list(self.servers),
            **self.login(),
            "retry_backoff_ms": int(retry_seconds * 1000),
            # A broker that took over, or a topic that was made, is known soon even where nothing fails that would tell.
            "metadata_max_age_ms": 10_000,
        }

    def login(self) -> dict[str, Any]:
        """The part of them that a single connection takes."""
        settings = self.settings
        return {
            "security_protocol": settings.security_protocol.value,
            "ssl_context": self.tls,
            "sasl_mechanism": settings.sasl_mechanism.value,
            "sasl_plain_username": settings.sasl_user or None,
            "sasl_plain_password": settings.sasl_password.get_secret_value() or None,
            "request_timeout_ms": int(REQUEST_SECONDS * 1000),
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
    servers, prefix = _parts(url)
    sasl = settings.security_protocol in (Protocol.SASL_PLAINTEXT, Protocol.SASL_SSL)
    if sasl and not (settings.sasl_user and settings.sasl_password.get_secret_value()):
        raise Invalid("settings", "KAFKA_SASL_USER and KAFKA_SASL_PASSWORD are needed with KAFKA_SECURITY_PROTOCOL.")
    return Cluster(servers, f"{prefix}." if prefix else "", settings, _tls(settings))


def away_seconds(url: str) -> float:
    """How long this process has heard nothing of the cluster that a URL names; 0 while it answers."""
    servers, _ = _parts(url)
    return contact_to(servers).away_seconds


def _parts(url: str) -> tuple[tuple[str, ...], str]:
    """The servers and the prefix."""
    parts = urlsplit(url)
    servers = tuple(parts.netloc.split(","))
    if parts.scheme != SCHEME or not all(servers) or parts.query or parts.fragment or "@" in parts.netloc:
        raise Invalid("unknown_bus", "The bus's URL is kafka://host:port[,host:port…][/prefix].")
    return servers, parts.path.strip("/")


def _tls(settings: KafkaSettings) -> ssl.SSLContext | None:
    if settings.security_protocol not in (Protocol.SSL, Protocol.SASL_SSL):
        return None
    try:
        # An empty password, since OpenSSL would ask the terminal for that of an encrypted key.
        context: ssl.SSLContext = create_ssl_context(
            cafile=settings.ca_file, certfile=settings.cert_file, keyfile=settings.key_file, password=""
        )
    except OSError as error:  # of a certificate too
        names = "KAFKA_CA_FILE, KAFKA_CERT_FILE or KAFKA_KEY_FILE"
        raise Invalid("kafka_certificates", f"{names} cannot be used: {type(error).__name__}.") from None
    return context
