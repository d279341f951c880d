"""Settings of the Facebook channel, read once from the environment; variables start with `FACEBOOK_`."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class FacebookSettings(BaseSettings):
    """The page, the app that serves it, their secrets, and bounds."""

    model_config = SettingsConfigDict(env_prefix="FACEBOOK_", env_file=".env", extra="ignore", frozen=True)

    page_id: str = Field(default="", pattern=r"^[0-9]{0,30}$", description="The page; empty: no Facebook channel.")
    app_id: str = Field(default="", pattern=r"^[0-9]{0,30}$", description="The app that is subscribed to the page.")
    app_secret: SecretStr = Field(default=SecretStr(""), description="Signs webhooks and proves calls.")
    app_secret_previous: SecretStr = Field(
        default=SecretStr(""), description="The earlier secret, still accepted while the secret is being replaced."
    )
    verify_token: SecretStr = Field(default=SecretStr(""), description="What the handshake must name.")
    page_token_file: Path | None = Field(
        default=None,
        description="File with the page's access token, mode 0600, read anew whenever it is needed; by default "
        "facebook_page.token among the secrets.",
    )
    graph_url: str = Field(
        default="https://graph.facebook.com", pattern=r"^https?://[^/\s]+$", description="Where the Graph API answers."
    )
    graph_version: str = Field(default="v25.0", pattern=r"^v[0-9]{1,2}\.[0-9]$", description="Version in request URLs.")
    media_hosts: tuple[str, ...] = Field(
        default=(".fbcdn.net", ".fbsbx.com"), description="Hosts that photos may be fetched from, as JSON."
    )
    human_agent: bool = Field(
        default=False,
        description="Whether Facebook granted the feature Human Agent: results may then be sent for 7 days.",
    )
    silent_postbacks: tuple[str, ...] = Field(
        default=("GET_STARTED", "NEW_TICKET"), description="Payloads of buttons that only navigate, as JSON."
    )
    body_bytes: int = Field(default=1_000_000, ge=1_000, description="Largest webhook request.")
    body_seconds: float = Field(default=10.0, gt=0, description="Longest time for a whole webhook request.")
    call_seconds: float = Field(default=15.0, gt=0, description="Longest time for one call to Facebook.")
    sends_per_second: float = Field(default=20.0, gt=0, description="Most messages a second; Facebook allows 300.")
    sends_at_once: int = Field(default=8, ge=1, description="Citizens that are sent to at the same time.")
    check_seconds: float = Field(
        default=900.0, gt=0, description="How often the subscription is checked and missed messages are fetched."
    )
