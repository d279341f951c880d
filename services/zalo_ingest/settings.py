"""Settings of the Zalo channel, read once from the environment; variables start with `ZALO_`."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, StringConstraints
from pydantic_settings import BaseSettings, SettingsConfigDict

OaId = Annotated[str, StringConstraints(pattern=r"^[0-9]{5,25}$")]


class ZaloSettings(BaseSettings):
    """Which app and which Official Accounts are served, with what proves and grants access to them."""

    model_config = SettingsConfigDict(env_prefix="ZALO_", env_file=".env", extra="ignore", frozen=True)

    app_id: str = Field(default="", pattern=r"^[0-9]{0,25}$", description="The app of developers.zalo.me; empty: off.")
    app_secret: SecretStr = Field(default=SecretStr(""), description="The app's Secret Key, for tokens only.")
    oas: dict[OaId, tuple[SecretStr, ...]] = Field(
        default_factory=dict,
        description="OA id to its OA Secret Keys, as JSON; two each while one is being changed for the other.",
    )
    signature_enforce: bool = Field(
        default=True, description="Whether badly signed events are only counted; else they are kept as untrusted."
    )
    api_url: str = Field(default="https://openapi.zalo.me", description="Where messages are sent to.")
    oauth_url: str = Field(default="https://oauth.zaloapp.com", description="Where tokens come from.")
    redirect_url: str = Field(default="", description="Callback URL as registered with the app, for `zalo authorize`.")
    verifier_file: Path | None = Field(
        default=None, description="The zalo_verifier….html that proves the domain; served under its own name."
    )
    media_hosts: tuple[str, ...] = Field(
        default=(".zdn.vn", ".zadn.vn", ".zaloapp.com", ".zalo.me"),
        description="Where media may be fetched from: host suffixes or exact origins, as JSON.",
    )
    media_bytes: int = Field(default=26_214_400, ge=1_000, description="Largest file fetched.")
    media_seconds: float = Field(default=30.0, gt=0, description="Longest time to fetch one.")
    send_seconds: float = Field(default=20.0, gt=0, description="Longest wait for Zalo's answer.")
    send_per_second: float = Field(default=30.0, gt=0, description="Messages a second; Zalo takes 4000 a minute.")
    allow_charged: bool = Field(
        default=False, description="Whether answers 48 hours to 7 days after the citizen's last word may be paid for."
    )
    card_image_url: str = Field(
        default="", description="Picture of the card that asks for contact details; without one no card is sent."
    )
