"""Where a broker for tests listens and who may do what there, and whether it answers for itself there yet."""

import asyncio
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError


@dataclass(frozen=True, slots=True)
class Listening:
    """Ports on loopback: where clients come, where they are told to come, for controllers, and for users (0: none)."""

    port: int
    advertised: int
    controller: int
    users: int

    def properties(
        self, voters: Mapping[int, int], users: Mapping[str, str], certificate: Path | None
    ) -> dict[str, str]:
        """Properties of a broker with these controllers by node, users with their passwords, and certificate (PEM)."""
        found = {
            "listeners": f"PLAINTEXT://127.0.0.1:{self.port},CONTROLLER://127.0.0.1:{self.controller}",
            "advertised.listeners": f"PLAINTEXT://127.0.0.1:{self.advertised}",
            **self._quorum(voters),
        }
        if users:
            found |= self._asking_for_passwords(found, users, "PLAINTEXT" if certificate is None else "SSL")
        if certificate is not None:
            found |= {
                "listener.name.users.ssl.keystore.type": "PEM",
                "listener.name.users.ssl.keystore.location": str(certificate),
            }
        return found

    def _quorum(self, voters: Mapping[int, int]) -> Mapping[str, str]:
        if not voters:
            return {"controller.quorum.bootstrap.servers": f"127.0.0.1:{self.controller}"}
        nodes = (f"{node}@127.0.0.1:{port}" for node, port in voters.items())
        return {"controller.quorum.voters": ",".join(nodes)}

    def _asking_for_passwords(
        self, found: Mapping[str, str], users: Mapping[str, str], below: str
    ) -> Mapping[str, str]:
        listener = f"USERS://127.0.0.1:{self.users}"
        logins = " ".join(f'user_{name}="{password}"' for name, password in users.items())
        return {
            "listeners": f"{found['listeners']},{listener}",
            "advertised.listeners": f"{found['advertised.listeners']},{listener}",
            "listener.security.protocol.map": f"CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,USERS:SASL_{below}",
            "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-512",
            "listener.name.users.scram-sha-512.sasl.jaas.config": (
                "org.apache.kafka.common.security.scram.ScramLoginModule required;"
            ),
            "listener.name.users.plain.sasl.jaas.config": (
                f"org.apache.kafka.common.security.plain.PlainLoginModule required {logins};"
            ),
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": "User:ANONYMOUS",
        }


async def named(port: int, advertised: int) -> bool:
    """Whether the broker at a port tells clients to come by the port that it is to tell them."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False  # aiokafka would write each of these attempts to the log
    client = AIOKafkaClient(bootstrap_servers=f"127.0.0.1:{port}", request_timeout_ms=5000)
    try:
        async with asyncio.timeout(10):
            await client.bootstrap()
        return any(node.port == advertised for node in client.cluster.brokers())
    except (KafkaError, TimeoutError, OSError):
        return False
    finally:
        await client.close()
