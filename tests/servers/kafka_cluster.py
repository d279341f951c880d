"""Runs three brokers as one cluster on loopback, as a deployment has them: three copies, of which two must have it."""

import asyncio
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient

from tests.ports import free_port
from tests.servers.kafka import TESTING, KafkaBroker

NODES = (1, 2, 3)

SETTINGS = {
    **TESTING,
    "default.replication.factor": "3",
    "min.insync.replicas": "2",
    "offsets.topic.replication.factor": "3",
    "transaction.state.log.replication.factor": "3",
    "transaction.state.log.min.isr": "2",
    "share.coordinator.state.topic.replication.factor": "3",
    "share.coordinator.state.topic.min.isr": "2",
    # Who was killed is found out sooner than by default; three of them share two busy cores here.
    "broker.session.timeout.ms": "5000",
}


class KafkaCluster:
    """Three brokers, each a controller too; any of them can be killed and started again."""

    def __init__(self, data: Path) -> None:
        """Take the folder for what they keep."""
        voters = {node: free_port() for node in NODES}
        identity = uuid.uuid4().hex[:22]
        self.brokers = {
            node: KafkaBroker(
                data / str(node),
                port=free_port(),
                heap_mb=160,
                settings={**SETTINGS, "node.id": str(node)},
                voters=voters,
                identity=identity,
            )
            for node in NODES
        }

    @property
    def address(self) -> str:
        """All of them, as `host:port,host:port,host:port`."""
        return ",".join(broker.address for broker in self.brokers.values())

    def start(self) -> "KafkaCluster":
        """Start those that do not run, together, since none is ready alone; raises like `KafkaBroker.start`."""
        stopped = [broker for broker in self.brokers.values() if not broker.running]
        with ThreadPoolExecutor(len(NODES)) as together:
            list(together.map(KafkaBroker.start, stopped))
        return self

    def stop(self) -> None:
        """End all of them at once: alone, the last ones would wait for the others."""
        for broker in self.brokers.values():
            broker.kill()

    async def leader(self, topic: str, partition: int) -> int:
        """Which node leads a partition."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.address, request_timeout_ms=5000)
        try:
            await admin.start()
            (found,) = await admin.describe_topics([topic])
        finally:
            await admin.close()
        return next(int(part["leader"]) for part in found["partitions"] if part["partition"] == partition)

    async def kill(self, node: int) -> None:
        """Kill a node while a loop runs."""
        await asyncio.to_thread(self.brokers[node].kill)
