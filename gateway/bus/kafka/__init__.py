"""The bus on a Kafka cluster; how output and progress become one is told in docs/decisions/0018."""

from gateway.bus.kafka.bus import KafkaBus

__all__ = ["KafkaBus"]
