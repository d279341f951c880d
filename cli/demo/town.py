"""Sets up whatever lies between citizens and the gateway on the channels of others, for as long as the play lasts."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from cli.demo.facebook import facebook_voice
from cli.demo.mail import mail_voice
from cli.demo.voice import AbsentError, Town, Voice
from cli.demo.zalo import zalo_voice
from gateway.runtime.deployment import Deployment

Opened = Callable[[Deployment, str, str], AbstractAsyncContextManager[Voice]]

PLATFORMS: Mapping[str, Opened] = {"zalo": zalo_voice, "facebook": facebook_voice, "email": mail_voice}


@asynccontextmanager
async def built(deployment: Deployment, addresses: Mapping[str, str], run: str) -> AsyncIterator[Town]:
    """All platforms that can be played; `addresses` say where each channel takes webhooks. Ends them with the block."""
    voices: dict[str, Voice] = {}
    absent: dict[str, str] = {}
    async with AsyncExitStack() as stack:
        for name, opened in PLATFORMS.items():
            try:
                voices[name] = await stack.enter_async_context(opened(deployment, addresses[name], run))
            except AbsentError as error:
                absent[name] = str(error)
        yield Town(voices, absent)
