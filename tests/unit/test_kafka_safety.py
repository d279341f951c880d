"""Each setting under which Kafka could lose what it acknowledged is named."""

from datetime import timedelta
from pathlib import Path

import pytest

from gateway.bus.kafka.cluster import Cluster
from gateway.bus.kafka.safety import of_broker, of_deployment, of_topic
from gateway.bus.kafka.settings import KafkaSettings, Protocol, kafka_settings

SAFE_BROKER = {
    "auto.create.topics.enable": "false",
    "unclean.leader.election.enable": "false",
    "offsets.topic.replication.factor": "3",
    "transaction.state.log.replication.factor": "3",
    "transaction.state.log.min.isr": "2",
}
SAFE_TOPIC = {
    "cleanup.policy": "delete",
    "retention.ms": str(timedelta(days=7) // timedelta(milliseconds=1)),
    "min.insync.replicas": "2",
    "unclean.leader.election.enable": "false",
    "max.message.bytes": "2100000",
}


def cluster(**settings: object) -> Cluster:
    return Cluster(("a:9092",), "", KafkaSettings(security_protocol=Protocol.SASL_SSL).model_copy(update=settings))


def test_a_safe_cluster_is_not_complained_of() -> None:
    assert list(of_deployment(cluster(), 3)) == []
    assert list(of_broker("1", SAFE_BROKER)) == []
    assert list(of_topic("inbound", SAFE_TOPIC, 3)) == []
    assert list(of_topic("inbound", {**SAFE_TOPIC, "retention.ms": "-1"}, 3)) == []


@pytest.mark.parametrize(
    ("settings", "brokers", "named"),
    [
        ({}, 2, "2 brokers"),
        ({"replication_factor": 2, "min_insync": 1}, 3, "KAFKA_REPLICATION_FACTOR"),
        ({"min_insync": 1}, 3, "KAFKA_MIN_INSYNC"),
        ({"min_insync": 3}, 3, "must be less"),
        ({"security_protocol": Protocol.PLAINTEXT}, 3, "KAFKA_SECURITY_PROTOCOL"),
    ],
)
def test_what_is_unsafe_in_our_settings_is_named(settings: dict[str, object], brokers: int, named: str) -> None:
    assert named in " ".join(of_deployment(cluster(**settings), brokers))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("auto.create.topics.enable", "true"),
        ("unclean.leader.election.enable", "true"),
        ("offsets.topic.replication.factor", "1"),
        ("transaction.state.log.replication.factor", "1"),
        ("transaction.state.log.min.isr", "1"),
    ],
)
def test_what_is_unsafe_in_a_broker_is_named(name: str, value: str) -> None:
    (found,) = of_broker("1", {**SAFE_BROKER, name: value})
    assert name in found


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cleanup.policy", "compact"),
        ("retention.ms", "3600000"),
        ("min.insync.replicas", "1"),
        ("unclean.leader.election.enable", "true"),
        ("max.message.bytes", "1000012"),
    ],
)
def test_what_is_unsafe_in_a_topic_is_named(name: str, value: str) -> None:
    (found,) = of_topic("inbound", {**SAFE_TOPIC, name: value}, 3)
    assert name in found


def test_too_few_copies_of_a_topic_are_named() -> None:
    (found,) = of_topic("inbound", SAFE_TOPIC, 1)
    assert "1 copies" in found


def test_a_login_may_lie_in_files_of_a_container_or_of_systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As every other secret: a service's user and password need not stand in its environment."""
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    monkeypatch.delenv("KAFKA_SASL_USER", raising=False)
    monkeypatch.delenv("KAFKA_SASL_PASSWORD", raising=False)
    (tmp_path / "kafka_sasl_user").write_text("dispatcher")
    (tmp_path / "kafka_sasl_password").write_text("known to few")
    found = kafka_settings()
    assert (found.sasl_user, found.sasl_password.get_secret_value()) == ("dispatcher", "known to few")


OF_AGENCY = {**SAFE_TOPIC, "retention.ms": "-1", "max.message.bytes": "250000", "compression.type": "uncompressed"}


def test_what_agencies_may_write_is_bounded_as_it_is_unpacked() -> None:
    """Else a few kilobytes of theirs could become hundreds of megabytes in the dispatcher."""
    assert list(of_topic("agency.so_a.commands", OF_AGENCY, 3)) == []
    for wrong in ({"max.message.bytes": "250001"}, {"compression.type": "producer"}):
        (said,) = of_topic("agency.so_a.commands", {**OF_AGENCY, **wrong}, 3)
        assert "max.message.bytes must be 250000, and compression.type uncompressed" in said
