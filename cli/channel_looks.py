"""Opens each channel beside the running gateway or without it, just to ask how it is; nothing is sent or received."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cli import channel_states as states
from cli.channel_states import Standing, State
from gateway.errors import Invalid
from gateway.runtime.channel import Opener
from gateway.runtime.deployment import Deployment
from gateway.runtime.platform_url import is_loopback
from services.email_ingest import wiring as email_ingest
from services.facebook_ingest import wiring as facebook_ingest
from services.web_ingest import wiring as web_ingest
from services.zalo_ingest import wiring as zalo_ingest


@dataclass(frozen=True, slots=True)
class Look:
    """How a channel is opened, what its own account of itself means, and the variable without which it is off."""

    opened: Opener
    told: Callable[[State], Standing]
    switch: str = ""


async def looked_at(deployment: Deployment) -> Mapping[str, Standing]:
    """How every channel stands, in the order in which they are shown."""
    return {name: await _settled(look, deployment) for name, look in LOOKS.items()}


async def _settled(look: Look, deployment: Deployment) -> Standing:
    try:
        channel = look.opened(deployment)
    except Invalid as error:
        if error.reason != "settings":
            raise
        return states.faulty(str(error).partition(": ")[2])
    if channel is None:
        return states.off(look.switch)
    try:
        return look.told(await channel.state())
    finally:
        await channel.close()


def _facebook(state: State) -> Standing:
    return states.facebook(state, own=is_loopback(state["graph"]))


def _email(state: State) -> Standing:
    return states.email(state, own=is_loopback(f"imap://{state['imap']}"))


LOOKS: Mapping[str, Look] = {
    "web": Look(web_ingest.opened, lambda _: states.web()),
    "zalo": Look(zalo_ingest.opened, states.zalo, "ZALO_APP_ID"),
    "facebook": Look(facebook_ingest.opened, _facebook, "FACEBOOK_PAGE_ID"),
    "email": Look(email_ingest.opened, _email, "EMAIL_ADDRESS"),
}
