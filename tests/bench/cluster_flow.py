"""What messages take from raw to an agency's queue on a cluster: throughput, what it costs whom, and latency."""

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition

from gateway.bus.kafka.wire import read
from schemas.ticket import Transfer
from tests.bench.arrivals import arrivals, first_published, repeats
from tests.bench.cluster_pieces import PIPELINE, Deployed
from tests.bench.driving import app_token, load, wait_for
from tests.bench.load import Sent

POLL_MILLIS = 200


@dataclass(frozen=True, slots=True)
class Flow:
    """Messages a second from the first that was read to the last that reached an agency, and CPU ms a message."""

    rate: float
    spent: Mapping[str, float]

    @property
    def per_cpu_second(self) -> float:
        """Messages for a CPU second of all processes together: steadier than the rate on a busy machine."""
        return 1000 / sum(self.spent.values())

    @property
    def cores(self) -> float:
        """How many cores all processes together kept busy."""
        return self.rate * sum(self.spent.values()) / 1000


def flow(deployed: Deployed, count: int, *, copies: int = 1) -> Flow:
    """A backlog on raw.web, then everything that it passes."""
    edge = deployed.process("tests.bench.ingest", "edge").ready()
    load(edge, app_token(edge), "--count", str(count))
    deployed.stop()
    deployed.start(PIPELINE, copies)
    before = deployed.spent()
    wait_for(deployed.dispatchers, count)
    spent = {name: (after - before[name]) / count * 1000 for name, after in deployed.spent().items()}
    deployed.stop()
    return Flow(asyncio.run(_rate(deployed, count)), spent)


async def _rate(deployed: Deployed, count: int) -> float:
    arrived = await arrivals(deployed.bus_url)
    if len(arrived) != count:
        raise RuntimeError(f"{count} messages became {len(arrived)} transfers")
    return count / (max(arrived.values()) - await first_published(deployed.bus_url, "inbound"))


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds until acknowledged and until an agency could read it, ascending; CPU ms a message; what came again."""

    acknowledged: Sequence[float]
    received: Sequence[float]
    spent: Mapping[str, float]
    records: int
    repeated: int
    resident: Mapping[str, float]


def latency(deployed: Deployed, rate: float, seconds: float, *, warm_up: int) -> Latency:
    """From the due instant of sending to the moment at which a reader of the agency's topic has it, open loop."""
    deployed.start((*PIPELINE, "upkeep"))
    edge = deployed.running["web_ingest"]
    token = app_token(edge)
    load(edge, token, "--count", str(warm_up), "--at-once", "4")
    wait_for(deployed.dispatchers, warm_up)
    before = deployed.spent()
    sent, arrived = asyncio.run(_sent_and_seen(deployed, token, rate, seconds))
    spent = {name: (after - before[name]) / len(sent) * 1000 for name, after in deployed.spent().items()}
    resident = deployed.resident()
    deployed.stop()
    records, repeated = asyncio.run(repeats(deployed.bus_url))
    return Latency(
        sorted(one.seconds for one in sent),
        sorted(arrived[one.code] - one.due for one in sent),
        spent,
        records,
        repeated,
        resident,
    )


async def _sent_and_seen(
    deployed: Deployed, token: str, rate: float, seconds: float
) -> tuple[Sequence[Sent], Mapping[str, float]]:
    address, prefix = deployed.cluster.broker.address, deployed.bus_url.rpartition("/")[2]
    agency = AIOKafkaConsumer(bootstrap_servers=address, isolation_level="read_committed")
    await agency.start()
    try:
        topics = [name for name in await agency.topics() if name.startswith(f"{prefix}.agency.")]
        numbers = range(int(deployed.settings["KAFKA_PARTITIONS"]))
        agency.assign([TopicPartition(name, number) for name in topics for number in numbers])
        await agency.seek_to_end()
        arguments = ("--rate", str(rate), "--seconds", str(seconds))
        sending = asyncio.create_task(asyncio.to_thread(load, deployed.running["web_ingest"], token, *arguments))
        seen: dict[str, float] = {}
        while not sending.done() or not {one.code for one in sending.result()} <= seen.keys():
            for records in (await agency.getmany(timeout_ms=POLL_MILLIS)).values():
                now = time.time()
                messages = [read(record, "agency").message for record in records]
                transfers = [json.loads(message.value) for message in messages if message.type == Transfer.TYPE]
                seen.update((transfer["ticket"]["code"], now) for transfer in transfers)
        return sending.result(), seen
    finally:
        await agency.stop()
