"""What deployment files are compared with: the variables, secrets, services, ports and probes that the code has."""

import importlib.util
from collections.abc import Mapping

from pydantic import SecretStr
from pydantic_settings import BaseSettings

from gateway.runtime.settings import GatewaySettings
from tests.architecture.test_layout import ROOT
from tests.architecture.test_settings_documented import ALL, written

DEPLOY = ROOT / "deploy"

VARIABLES = frozenset(written())
"""Every variable that any settings class reads."""

PORT: int = GatewaySettings.model_fields["port"].default

SERVICES = frozenset(path.parent.name for path in ROOT.glob("services/*/__main__.py"))
"""What can be run as a process of its own."""

PUBLIC = frozenset({"web_ingest", "zalo_ingest", "facebook_ingest"})
"""Services that citizens and platforms reach; email asks its mailbox itself."""

EDGES = PUBLIC | {"email_ingest"}
"""Services that messages enter by: each needs a spool."""


def secrets() -> frozenset[str]:
    """Variables whose values may never stand in a file that is kept with the project."""
    names = {"GATEWAY_STORE_URL", "ZALO_OAS"}
    for settings in ALL:
        secret = [name for name, field in settings.model_fields.items() if field.annotation is SecretStr]
        names |= {variable(settings, name) for name in secret}
    return frozenset(names)


def variable(settings: type[BaseSettings], field: str) -> str:
    """The variable that a field is read from."""
    return f"{settings.model_config['env_prefix']}{field}".upper()


def is_module(name: str) -> bool:
    """Whether `python -m name` finds something to run."""
    found = importlib.util.find_spec(name)
    if found is None:
        return False
    return found.submodule_search_locations is None or importlib.util.find_spec(f"{name}.__main__") is not None


def unknown(environment: Mapping[str, object]) -> set[str]:
    """Variables of ours that no settings class reads."""
    prefixes = tuple(str(settings.model_config["env_prefix"]) for settings in ALL)
    return {name for name in environment if name.startswith(prefixes)} - VARIABLES
