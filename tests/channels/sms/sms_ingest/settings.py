"""Settings of the SMS channel, read once from the environment; variables start with `SMS_`."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class SmsSettings(BaseSettings):
    """The operator's gateway, and what proves both sides to each other."""

    model_config = SettingsConfigDict(env_prefix="SMS_", env_file=".env", extra="ignore", frozen=True)

    secret: SecretStr = Field(default=SecretStr(""), description="Signs webhooks, opens the gateway; empty: off.")
    gateway_url: str = Field(default="https://sms.example.vn", description="Where messages are handed in.")
    media_hosts: tuple[str, ...] = Field(default=(".sms.example.vn",), description="Where pictures may be fetched.")
