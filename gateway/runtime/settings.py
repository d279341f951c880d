"""Settings of the whole gateway, read once from the environment and `.env` before anything starts."""

from difflib import get_close_matches
from enum import StrEnum
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import BaseSettings, DotEnvSettingsSource, EnvSettingsSource, SettingsConfigDict, SettingsError

from gateway.errors import Invalid
from gateway.secret_folders import secret_folders

ALIKE = 0.85
"""How like a setting's name another one is that is taken for it: one sign too few or too many, or two exchanged."""


class Profile(StrEnum):
    """`trial` makes its own secrets and may use loopback; `production` refuses both."""

    TRIAL = "trial"
    PRODUCTION = "production"


SettingsT = TypeVar("SettingsT", bound=BaseSettings)


def _network(text: str) -> str:
    ip_network(text)
    return text


Network = Annotated[str, AfterValidator(_network)]
"""An address, or a network in CIDR notation without host bits."""


class GatewaySettings(BaseSettings):
    """What every service needs to know; variables start with `GATEWAY_`."""

    model_config = SettingsConfigDict(env_prefix="GATEWAY_", env_file=".env", extra="ignore", frozen=True)

    profile: Profile = Field(default=Profile.TRIAL, description="trial or production.")
    data: Path = Field(default=Path("var"), description="Folder of everything that must be kept.")
    bus_url: str = Field(
        default="",
        pattern="^(kafka://.+)?$",
        repr=False,
        description="kafka://host:port[,host:port][/prefix]; empty: the bus lies in the data folder.",
    )
    store_url: str = Field(
        default="",
        pattern=r"^(mongodb(\+srv)?://.+)?$",
        repr=False,
        description="mongodb://host[:port]/database; empty: the store lies in the data folder.",
    )
    province: Path = Field(default=Path("deploy/provinces/binh_phuoc"), description="The deployment's province folder.")
    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8022, ge=0, le=65535, description="Port to listen on.")
    log_level: str = Field(default="INFO", pattern="^(?i:debug|info|warning|error)$", description="Least level logged.")
    metrics_clients: tuple[Network, ...] = Field(
        default=("127.0.0.1", "::1"),
        description="Addresses and networks that may read /metrics; forwarded requests never may.",
    )
    outbox_days: int = Field(
        default=90, ge=8, description="Days after which replies that ended are forgotten, but not that they were sent."
    )
    disk_reserve_mb: int = Field(
        default=64, ge=1, description="Below this much free space nothing more is acknowledged."
    )

    @property
    def clustered(self) -> bool:
        """Whether nothing that several machines must share lies in the data folder.

        With one of the two URLs alone the other half still lies there, and everything runs on its machine.
        """
        return bool(self.bus_url and self.store_url)


def load_settings() -> GatewaySettings:
    """The settings; raises `Invalid` naming every wrong variable, never its value."""
    return read_settings(GatewaySettings)


def read_settings(kind: type[SettingsT]) -> SettingsT:
    """Settings of a service; raises `Invalid` naming every wrong variable, never its value.

    The environment wins over `.env`, and both win over files in `secret_folders`. A variable whose name is nearly that
    of a setting is wrong too: passed over, it would leave a production running as a trial.
    """
    prefix = kind.model_config.get("env_prefix", "")
    if wrong := _misspelt(kind, prefix):
        raise Invalid("settings", wrong)
    try:
        return kind(_secrets_dir=secret_folders())
    except ValidationError as error:
        raise Invalid("settings", named_errors(prefix, error)) from None
    except SettingsError as error:
        # Its text names the field and the source; only its cause would quote the value.
        field = next((name for name in kind.model_fields if f'"{name}"' in str(error)), "")
        raise Invalid("settings", f"{prefix}{field.upper()}: Input should be JSON") from None


def named_errors(prefix: str, error: ValidationError) -> str:
    """Each wrong variable with what is wrong, without values."""
    return "; ".join(
        f"{prefix}{'_'.join(str(part) for part in item['loc']).upper()}: {item['msg']}"
        for item in error.errors(include_input=False, include_url=False, include_context=False)
    )


def _misspelt(kind: type[BaseSettings], prefix: str) -> str:
    """Variables that nobody reads and that are hardly anything but a setting misspelt, each with what it may mean."""
    known = [f"{prefix}{name}".upper() for name in kind.model_fields]
    given = {name.upper() for source in (EnvSettingsSource, DotEnvSettingsSource) for name in source(kind).env_vars}
    found = []
    for name in sorted(given.difference(known)):
        meant = get_close_matches(name.removeprefix(prefix), [one.removeprefix(prefix) for one in known], 1, ALIKE)
        if name.startswith(prefix) and meant:
            found.append(f"{name}: No setting is called so, {prefix}{meant[0]} is meant")
    return "; ".join(found)
