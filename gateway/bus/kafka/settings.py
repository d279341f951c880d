"""Settings of the connection to Kafka and of the topics made there; the address itself stands in GATEWAY_BUS_URL."""

from enum import StrEnum
from pathlib import Path

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from gateway.errors import Invalid
from gateway.secret_folders import secret_folders


class Protocol(StrEnum):
    """How a connection is secured, in Kafka's own words."""

    PLAINTEXT = "PLAINTEXT"
    SSL = "SSL"
    SASL_PLAINTEXT = "SASL_PLAINTEXT"
    SASL_SSL = "SASL_SSL"


class Mechanism(StrEnum):
    """How a client proves who it is."""

    PLAIN = "PLAIN"
    SCRAM_SHA_256 = "SCRAM-SHA-256"
    SCRAM_SHA_512 = "SCRAM-SHA-512"


class KafkaSettings(BaseSettings):
    """What the Kafka bus needs to know beside its URL; variables start with `KAFKA_`."""

    model_config = SettingsConfigDict(env_prefix="KAFKA_", env_file=".env", extra="ignore", frozen=True)

    security_protocol: Protocol = Field(default=Protocol.PLAINTEXT, description="PLAINTEXT, SSL, SASL_PLAINTEXT, ….")
    sasl_mechanism: Mechanism = Field(default=Mechanism.SCRAM_SHA_512, description="PLAIN, SCRAM-SHA-256 or -512.")
    sasl_user: str = Field(default="", description="User of SASL.")
    sasl_password: SecretStr = Field(default=SecretStr(""), description="Password of SASL.")
    ca_file: Path | None = Field(default=None, description="Certificates of the authority that signed the brokers'.")
    cert_file: Path | None = Field(default=None, description="Our certificate, where brokers ask for one.")
    key_file: Path | None = Field(default=None, description="The key of that certificate.")
    partitions: int = Field(default=12, ge=1, le=1000, description="Partitions of a topic when it is made.")
    replication_factor: int = Field(default=3, ge=1, le=9, description="Copies of each record, in as many brokers.")
    min_insync: int = Field(default=2, ge=1, le=9, description="Copies that must have a record before it counts.")
    publish_seconds: float = Field(default=5.0, gt=0, le=120, description="How long a confirmation is waited for.")
    transaction_seconds: float = Field(default=10.0, ge=1, le=900, description="When a broker ends a transaction.")
    drain_seconds: float = Field(default=10.0, gt=0, le=300, description="What handlers get to end in a rebalance.")


def kafka_settings() -> KafkaSettings:
    """The settings out of the environment and of secrets' files; raises `Invalid` naming every wrong variable.

    Values are never told. What wins over what is as with all other settings (`gateway.runtime.settings`).
    """
    try:
        return KafkaSettings(_secrets_dir=secret_folders())
    except ValidationError as error:
        wrong = (f"KAFKA_{str(item['loc'][0]).upper()}: {item['msg']}" for item in error.errors(include_input=False))
        raise Invalid("settings", "; ".join(wrong)) from None
