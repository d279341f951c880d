"""The client for what is asked of the cluster itself: opened when needed, and another one after it has failed."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator

from aiokafka.admin import AIOKafkaAdminClient

from gateway.bus.kafka.cluster import Cluster
from gateway.bus.kafka.connecting import start
from gateway.bus.kafka.discarding import close_admin
from gateway.bus.kafka.errors import kafka_errors
from gateway.errors import Unavailable


class Asking:
    """One client at a time, shared by all who ask."""

    def __init__(self, cluster: Cluster) -> None:
        """Nothing is opened before it is needed."""
        self._cluster = cluster
        self._admin: AIOKafkaAdminClient | None = None
        self._opening = asyncio.Lock()
        self._users: Counter[AIOKafkaAdminClient] = Counter()

    @contextlib.asynccontextmanager
    async def within(self, seconds: float) -> AsyncIterator[AIOKafkaAdminClient]:
        """The client, for what takes no longer; raises the gateway's errors.

        One that failed is asked no more: a client knows only the brokers of its last answer, and they may all be others
        by now. Those who are still asking it go on.
        """
        admin = None
        try:
            async with kafka_errors(seconds, self._cluster.contact):
                admin = await self._opened()
                self._users[admin] += 1
                yield admin
        except Unavailable:
            if admin is self._admin:
                self._admin = None
            raise
        finally:
            if admin is not None:
                self._users[admin] -= 1
                await self._end_unused()

    async def close(self) -> None:
        """Release the connections."""
        async with self._opening:
            self._admin = None
            for admin in list(self._users):
                del self._users[admin]
                await close_admin(admin)

    async def _opened(self) -> AIOKafkaAdminClient:
        async with self._opening:
            if self._admin is None:
                admin = AIOKafkaAdminClient(**self._cluster.connection())
                try:
                    await start(admin, self._cluster)
                except BaseException:
                    await close_admin(admin)
                    raise
                self._admin = admin
            return self._admin

    async def _end_unused(self) -> None:
        for admin in [found for found, users in self._users.items() if users <= 0 and found is not self._admin]:
            del self._users[admin]
            await close_admin(admin)
