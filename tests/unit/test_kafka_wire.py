"""What lies on a Kafka topic is CloudEvents, and what others wrote there becomes a message that can be refused."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from aiokafka import ConsumerRecord

from gateway.bus.kafka.cluster import cluster_of
from gateway.bus.kafka.settings import KafkaSettings
from gateway.bus.kafka.wire import millis, read, written
from gateway.errors import Invalid
from tests.contract.bus_play import TIME, message


def found(key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes]]) -> "ConsumerRecord[bytes, bytes]":
    return ConsumerRecord("x.inbound", 3, 7, millis(TIME), 0, key, value, None, 0, 0, tuple(headers))


def test_a_message_is_a_cloud_event_in_binary_mode() -> None:
    sent = replace(message(1, value=b'{"a": 1}'), subject="submission", traceparent="00-ab-cd-01")
    record = written(sent)
    assert (record.key, record.value) == (b"a", b'{"a": 1}')
    assert dict(record.headers) == {
        "ce_specversion": b"1.0",
        "ce_id": b"1",
        "ce_type": b"vn.1022.test.v1",
        "ce_source": b"tests",
        "ce_time": b"2026-03-02T08:00:00.000001Z",
        "ce_subject": b"submission",
        "traceparent": b"00-ab-cd-01",
        "content-type": b"application/json",
    }
    again = read(found(record.key, record.value, record.headers), "inbound")
    assert again.message == replace(sent, topic="inbound")
    assert (again.partition, again.offset, again.published_at) == ("3", 7, TIME.replace(microsecond=0))


def test_a_time_keeps_its_zone() -> None:
    sent = replace(message(1), time=datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=7))))
    record = written(sent)
    assert read(found(record.key, record.value, record.headers), "inbound").message.time == sent.time


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("ce_time", b"yesterday"), ("ce_type", b"\xff\xfe")],
        [("ce_time", b"2026-03-02T08:00:00"), ("other", b"")],
    ],
)
def test_what_is_no_message_of_ours_can_still_be_read_and_keeps_its_id(headers: list[tuple[str, bytes]]) -> None:
    one, other = (read(found(None, None, headers), "inbound") for _ in range(2))
    assert one == other
    assert one.message.id
    assert one.message.type in ("", "\ufffd\ufffd")
    assert (one.message.key, one.message.value, one.message.time) == ("", b"", TIME.replace(microsecond=0))


def test_instants_are_cut_to_the_millisecond() -> None:
    assert millis(datetime(1970, 1, 1, 0, 0, 1, 1999, tzinfo=UTC)) == 1001


def test_a_url_names_servers_and_a_prefix() -> None:
    cluster = cluster_of("kafka://one:9092,two:9093/trial", KafkaSettings())
    assert (cluster.servers, cluster.topic("dlq")) == (("one:9092", "two:9093"), "trial.dlq")
    assert cluster.group("normalizer", "inbound") == "trial.normalizer.inbound"
    assert cluster.owner("normalizer", "inbound", 3) == "trial.normalizer-inbound-3"
    assert (cluster.declared("trial.dlq"), cluster.declared("other.dlq")) == ("dlq", None)
    assert cluster_of("kafka://one:9092", KafkaSettings()).topic("dlq") == "dlq"


@pytest.mark.parametrize(
    "url", ["kafka://", "kafka://a,", "kafka://user:secret@a:9092", "kafka://a?x=1", "mongodb://a"]
)
def test_another_url_is_refused(url: str) -> None:
    with pytest.raises(Invalid, match="unknown_bus") as caught:
        cluster_of(url, KafkaSettings())
    assert "secret" not in str(caught.value)


def test_the_password_shows_nowhere() -> None:
    settings = KafkaSettings(sasl_user="gateway", sasl_password="hidden", security_protocol="SASL_PLAINTEXT")
    cluster = cluster_of("kafka://a:9092", settings)
    assert cluster.connection()["sasl_plain_password"] == "hidden"
    assert "hidden" not in repr(cluster)


def test_certificates_that_cannot_be_read_are_refused() -> None:
    with pytest.raises(Invalid, match="kafka_certificates"):
        cluster_of("kafka://a:9092", KafkaSettings(security_protocol="SSL", ca_file="missing.pem"))
