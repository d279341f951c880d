"""Starts clients of aiokafka, and finds out why one could not connect: aiokafka itself writes that to its log only."""

import asyncio
import ssl
import traceback
from typing import TypeAlias

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.conn import AIOKafkaConnection
from aiokafka.errors import (
    AuthenticationFailedError,
    KafkaConnectionError,
    KafkaError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)

from gateway.bus.kafka.closing import close_all, cut_off
from gateway.bus.kafka.cluster import Cluster
from gateway.bus.kafka.errors import NotTrusted

NO_SUCH_HOST = frozenset({62, 64})
"""OpenSSL's verify codes of a certificate for another host, or for another address (`X509_V_ERR_…_MISMATCH`)."""

OUT_OF_DATE = frozenset({9, 10})
"""The same of one that is not valid yet, or no longer."""

Client: TypeAlias = AIOKafkaProducer | AIOKafkaConsumer | AIOKafkaAdminClient
"""Whatever asks Kafka anything."""

PASSWORD = NotTrusted("kafka_password", "The broker does not take KAFKA_SASL_USER with KAFKA_SASL_PASSWORD.")


async def start(client: Client, cluster: Cluster) -> None:
    """Start a client; raises the driver's errors, or `NotTrusted` where broker and gateway do not trust each other.

    A broker that the controller has not let in yet, or has shut out because it stood still, answers that there is no
    broker at all. aiokafka takes that for a start and fails later, of an assertion or of None; here it is an outage.
    Bounded in time by the caller, and stopped by it after a failure too.
    """
    try:
        await client.start()
    except AssertionError as error:
        if _knows_brokers(client):
            raise
        raise KafkaConnectionError("no broker is in the cluster") from error
    except asyncio.CancelledError as error:
        _cut_off_started(error)
        raise
    except (KafkaConnectionError, ValueError) as error:
        # A broker that cannot prove to know the password itself is a ValueError.
        raise await _distrust(cluster) or error from error
    if not _knows_brokers(client):
        raise KafkaConnectionError("no broker is in the cluster")


def _knows_brokers(client: Client) -> bool:
    held = client.client if isinstance(client, AIOKafkaProducer) else client._client  # noqa: SLF001 - no public way
    return bool(held.cluster.brokers())


def _cut_off_started(error: asyncio.CancelledError) -> None:
    """Close what a client that is cancelled while it connects would leave open: only its own frames hold it."""
    found = [value for frame, _ in traceback.walk_tb(error.__traceback__) for value in frame.f_locals.values()]
    cut_off({value for value in found if isinstance(value, AIOKafkaConnection)})


async def _distrust(cluster: Cluster) -> Exception | None:
    """Why the first server that answers at all is not one to talk to, or will not talk; None if that is not known."""
    if cluster.tls is None and not cluster.settings.sasl_user:
        return None
    for server in cluster.servers:
        host, _, port = server.rpartition(":")
        connection = AIOKafkaConnection(host.strip("[]"), int(port), **cluster.login())
        try:
            await connection.connect()
        except (KafkaError, OSError, TimeoutError, ValueError) as error:
            found = _explained(error)
        else:
            return None
        finally:
            await close_all([connection])
        if found is not None:
            return found
    return None


def _explained(error: Exception) -> NotTrusted | None:
    """The reason in our words: the driver's quote hosts, users and what the broker says."""
    match error:
        case ssl.SSLCertVerificationError(verify_code=code) if code in NO_SUCH_HOST:
            return NotTrusted("kafka_hostname", "The broker's certificate is for another host than it is reached by.")
        case ssl.SSLCertVerificationError(verify_code=code) if code in OUT_OF_DATE:
            return NotTrusted("kafka_certificate", "The broker's certificate is not valid at this time.")
        case ssl.SSLCertVerificationError():
            return NotTrusted("kafka_certificate", "The broker's certificate is of no authority in KAFKA_CA_FILE.")
        case ssl.SSLError() | ConnectionResetError():
            return NotTrusted("kafka_tls", "The broker breaks off, as without TLS there, or without KAFKA_CERT_FILE.")
        case UnsupportedSaslMechanismError():
            return NotTrusted("kafka_mechanism", "The broker does not offer KAFKA_SASL_MECHANISM.")
        case AuthenticationFailedError() | SaslAuthenticationFailed():
            return PASSWORD
        case ValueError():
            return NotTrusted("kafka_broker", "The broker does not know KAFKA_SASL_PASSWORD itself.")
        case _:
            return None
