"""Looks at what the gateway stands on before it takes its first message: production refuses what could lose messages.

A broker or store that is away does not keep an edge from starting, since its spool holds what comes meanwhile; they
are asked as soon as they answer, and what is found then ends the process in production all the same.
"""

import asyncio
import logging
from collections.abc import Awaitable, Sequence

from gateway.bus.opening import unsafe_settings
from gateway.errors import Invalid, Unavailable
from gateway.runtime.settings import GatewaySettings, Profile
from gateway.store.opening import unsafe_server

log = logging.getLogger(__name__)

AGAIN_SECONDS = 5.0
LOOK_SECONDS = 5.0
"""For so long a start waits for an answer; who is away is asked again later."""


class UnsafeGround(Invalid):
    """What the deployment stands on could lose what was acknowledged; `errors` has a sentence for each reason."""

    def __init__(self, errors: tuple[str, ...]) -> None:
        """Take what was found, in order."""
        super().__init__("unsafe_ground", "Bus or store could lose what was acknowledged.")
        self.errors = errors


async def refuse_unsafe(settings: GatewaySettings) -> bool:
    """Look at bus and store once; False when one of them could not be asked now.

    Raises `UnsafeGround` in production; a trial is only warned. Raises `Invalid` for a wrong URL.
    """
    bus, bus_asked = await _told(unsafe_settings(settings.bus_url))
    store, store_asked = await _told(unsafe_server(settings.store_url))
    found = (*bus, *store)
    if found and settings.profile is Profile.PRODUCTION:
        raise UnsafeGround(found)
    for sentence in found if bus_asked and store_asked else ():
        log.warning("unsafe_ground", extra={"what": sentence})
    return bus_asked and store_asked


async def keep_asking(settings: GatewaySettings) -> None:
    """Look again until both could be asked, then rest until cancelled; raises like `refuse_unsafe`."""
    told = False
    while not told:
        await asyncio.sleep(AGAIN_SECONDS)
        told = await refuse_unsafe(settings)
    await asyncio.Event().wait()


async def _told(asking: Awaitable[Sequence[str]]) -> tuple[Sequence[str], bool]:
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            return await asking, True
    except TimeoutError:
        reason, detail = "no_answer", ""
    except Unavailable as error:
        reason, detail = error.reason, error.detail
    log.warning("ground_unknown", extra={"reason": reason, "detail": detail})
    return (), False
