"""Follows what the gateway publishes while the demonstration plays, so that each citizen's part is at hand."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from cli.session import STAGE
from gateway.bus.port import At
from gateway.runtime.deployment import Deployment
from schemas.envelope import Message

TOPICS = ("inbound", "media", "replies.zalo", "replies.facebook", "replies.email")


class Followed:
    """Messages of a type by account, in order, as far as they were published yet."""

    def __init__(self) -> None:
        """Nothing was published yet."""
        self._found: defaultdict[tuple[str, str], dict[str, Message]] = defaultdict(dict)

    def of(self, kind: str, account: str) -> Sequence[Message]:
        """The messages of a type, such as `vn.1022.reply.v1`, that are keyed by an account."""
        return tuple(self._found.get((kind, account), {}).values())

    async def follow(self, deployment: Deployment, topic: str, since: datetime) -> None:
        """Take in a topic until cancelled; what a bus delivers again is the same message."""
        async for record in deployment.bus(STAGE).read(topic, start=At(since), follow=True):
            self._found[record.message.type, record.message.key].setdefault(record.message.id, record.message)


@asynccontextmanager
async def followed(deployment: Deployment) -> AsyncIterator[Followed]:
    """What is published from now on, until the block ends."""
    found = Followed()
    since = deployment.clock()
    tasks = [asyncio.create_task(found.follow(deployment, topic, since)) for topic in TOPICS]
    try:
        yield found
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
