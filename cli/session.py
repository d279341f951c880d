"""Opens the deployment for one command, beside the running gateway or without it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.errors import Unavailable
from gateway.runtime.data_folder import DataFolder
from gateway.runtime.deployment import Deployment, open_deployment
from gateway.runtime.settings import GatewaySettings, load_settings

STAGE = "cli"
"""What commands publish is a stage of its own; several processes may write it at once."""


@asynccontextmanager
async def opened(settings: GatewaySettings | None = None) -> AsyncIterator[Deployment]:
    """The deployment of the settings; raises `Unavailable("no_data")` where no gateway has run yet.

    A command that only looks must not make keys and databases.
    """
    settings = settings or load_settings()
    folder = DataFolder(settings.data)
    if not (folder.secrets.exists() if settings.store_url else folder.store.exists()):
        sentence = "start it with `gateway up`, or name its data folder in GATEWAY_DATA."
        raise Unavailable("no_data", f"No gateway has run on {settings.data.absolute()} yet; {sentence}")
    deployment = await open_deployment(settings)
    try:
        yield deployment
    finally:
        await deployment.close()
