"""A running gateway and a Facebook of its own, as citizens meet them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gateway.bus.opening import open_bus
from gateway.bus.port import Beginning
from schemas.base import Contract
from schemas.inbound import Ignored, Inbound, StaffMessage, Withdrawn
from schemas.reply import ReplyEvent
from schemas.ticket import Ticket, TicketAddition
from schemas.vocabulary import ReplyState
from tests.fakes.facebook.server import FakeFacebook
from tests.gateway_process import GatewayProcess
from tests.waiting import until

PAGE, APP, SECRET, VERIFY, TOKEN = "104512345678901", "551100", "app-secret-of-a-test", "verify-me", "EAAB-token-one"
PERSON = "7421003344556677"

WHO = "Tôi là Nguyễn Văn An, số điện thoại 0912345678, ở số 10 đường Hùng Vương, phường Bình Phước."
MATTER = "Đèn đường trước nhà tôi ở phường Bình Phước hỏng ba ngày nay, cả xóm tối om."
COMPLETE = f"{MATTER} {WHO}"

_TYPES: dict[str, type[Contract]] = {
    one.TYPE: one for one in (Inbound, StaffMessage, Withdrawn, Ignored, ReplyEvent, Ticket, TicketAddition)
}


@dataclass
class Town:
    """The gateway's process, its Facebook, and the file of the page's token."""

    gateway: GatewayProcess
    facebook: FakeFacebook
    token_file: Path

    async def on(self, topic: str) -> list[Contract]:
        """Everything of a topic that is known here."""
        bus = open_bus(f"sqlite:///{self.gateway.data / 'bus'}", "tests", clock=_no_clock)
        try:
            found = [record.message async for record in bus.read(topic, start=Beginning())]
        finally:
            await bus.close()
        return [_TYPES[one.type].model_validate_json(one.value) for one in found if one.type in _TYPES]

    async def inbounds(self) -> list[Inbound]:
        """Citizens' messages as they were read."""
        return [one for one in await self.on("inbound") if isinstance(one, Inbound)]

    async def inbounds_at_least(self, number: int) -> bool:
        """Whether so many messages were read."""
        return len(await self.inbounds()) >= number

    async def staff(self) -> list[StaffMessage]:
        """What staff wrote past the gateway."""
        return [one for one in await self.on("inbound") if isinstance(one, StaffMessage)]

    async def ignored(self, reason: str) -> bool:
        """Whether an event was passed over for this reason."""
        return any(isinstance(one, Ignored) and one.reason == reason for one in await self.on("inbound"))

    async def endings(self, state: ReplyState, number: int) -> bool:
        """Whether so many replies ended like this."""
        told = [one for one in await self.on("reply.events") if isinstance(one, ReplyEvent)]
        return len({one.reply_id for one in told if one.state is state}) >= number

    async def stopped(self) -> None:
        """Let the gateway end in good order."""
        await asyncio.to_thread(self.gateway.stop)

    async def ticket(self) -> Ticket:
        """The first ticket, once there is one."""
        await until(lambda: self.on("tickets"))
        [first, *_] = await self.on("tickets")
        assert isinstance(first, Ticket)
        return first

    def sent_to(self, user: str = PERSON) -> list[str]:
        """What a person got in the inbox."""
        return self.facebook.state.sent_to(user)


def _no_clock() -> datetime:  # pragma: no cover
    raise AssertionError("nothing is published here")


@asynccontextmanager
async def town(folder: Path, *, start: bool = True, **settings: str) -> AsyncIterator[Town]:
    """Both of them, running."""
    token_file = folder / "page.token"
    write_token(token_file, TOKEN)
    async with FakeFacebook(page=PAGE, app=APP, app_secret=SECRET, tokens={TOKEN}) as facebook:
        gateway = GatewayProcess(
            folder / "data",
            FACEBOOK_PAGE_ID=PAGE,
            FACEBOOK_APP_ID=APP,
            FACEBOOK_APP_SECRET=SECRET,
            FACEBOOK_VERIFY_TOKEN=VERIFY,
            FACEBOOK_PAGE_TOKEN_FILE=str(token_file),
            FACEBOOK_GRAPH_URL=facebook.address,
            FACEBOOK_CALL_SECONDS="5",
            **settings,
        )
        facebook.webhooks.url = f"{gateway.address}/webhooks/facebook"
        if start:
            await started(gateway)
        try:
            yield Town(gateway, facebook, token_file)
        finally:
            await asyncio.to_thread(gateway.kill)


async def started(gateway: GatewayProcess) -> None:
    """Start it and wait until it takes messages."""
    gateway.start()
    await asyncio.to_thread(gateway.ready)


def write_token(path: Path, token: str) -> None:
    """Put a token where the gateway looks for it."""
    path.write_text(token)
    path.chmod(0o600)
