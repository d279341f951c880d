"""Opens each channel beside the running gateway or without it, just to ask how it is; nothing is sent or received."""

from collections.abc import Awaitable, Callable, Mapping

from cli import channel_states as states
from cli.channel_states import Standing
from gateway.errors import Invalid
from gateway.runtime.deployment import Deployment
from services.email_ingest import wiring as email_ingest
from services.email_ingest.configuration import LOOPBACK
from services.facebook_ingest import wiring as facebook_ingest
from services.facebook_ingest.configuration import is_loopback
from services.web_ingest import wiring as web_ingest
from services.zalo_ingest import wiring as zalo_ingest


async def looked_at(deployment: Deployment) -> Mapping[str, Standing]:
    """How every channel stands, in the order in which they are shown."""
    return {name: await _settled(look, deployment) for name, look in LOOKS.items()}


async def _settled(look: Callable[[Deployment], Awaitable[Standing]], deployment: Deployment) -> Standing:
    try:
        return await look(deployment)
    except Invalid as error:
        if error.reason != "settings":
            raise
        return states.faulty(str(error).partition(": ")[2])


async def _web(deployment: Deployment) -> Standing:
    web_ingest.web(deployment)
    return states.web()


async def _zalo(deployment: Deployment) -> Standing:
    channel = zalo_ingest.zalo(deployment)
    if channel is None:
        return states.off("ZALO_APP_ID")
    try:
        return states.zalo(await zalo_ingest.state(channel))
    finally:
        await channel.client.aclose()


async def _facebook(deployment: Deployment) -> Standing:
    channel = facebook_ingest.facebook(deployment)
    if channel is None:
        return states.off("FACEBOOK_PAGE_ID")
    try:
        own = is_loopback(channel.facebook.settings.graph_url)
        return states.facebook(await facebook_ingest.state(channel), own=own)
    finally:
        await channel.carrier.close()


async def _email(deployment: Deployment) -> Standing:
    channel = email_ingest.email(deployment)
    if channel is None:
        return states.off("EMAIL_ADDRESS")
    try:
        own = channel.settings.imap_host in LOOPBACK
        return states.email(await email_ingest.state(channel), own=own)
    finally:
        await channel.children.close()


LOOKS: Mapping[str, Callable[[Deployment], Awaitable[Standing]]] = {
    "web": _web,
    "zalo": _zalo,
    "facebook": _facebook,
    "email": _email,
}
