"""Settings of the email channel, read once from the environment; variables start with `EMAIL_`."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, StringConstraints
from pydantic_settings import BaseSettings, SettingsConfigDict

Folder = Annotated[str, StringConstraints(pattern=r"^[ -~]{1,200}$")]
"""As the server names it; other letters than ASCII in its modified UTF-7 (RFC 3501, 5.1.3)."""

Security = Literal["tls", "starttls", "plain"]


class EmailSettings(BaseSettings):
    """Which mailbox is read, how its mail is answered, and what proves access to both."""

    model_config = SettingsConfigDict(env_prefix="EMAIL_", env_file=".env", extra="ignore", frozen=True)

    address: str = Field(
        default="",
        pattern=r"^([!-?A-~]{1,64}@[!-?A-~]{1,189})?$",
        description="The hotline's mail address; empty: off.",
    )
    sender_name: str = Field(default="Tổng đài 1022", max_length=100, description="Name beside it in our mails.")
    user: str = Field(default="", max_length=254, description="Login of IMAP and SMTP; by default the address.")
    password: SecretStr = Field(default=SecretStr(""), description="Password, or an app password.")
    oauth_token_file: Path | None = Field(
        default=None,
        description="File with an OAuth 2 access token, read at every login: used (XOAUTH2) instead of a password.",
    )
    folders: tuple[Folder, ...] = Field(
        default=("INBOX",), min_length=1, description="Folders that are read, as JSON; add Junk where filters err."
    )
    first_start: Literal["new", "all"] = Field(
        default="new", description="Whether mail that lay there before the gateway first looked is taken as well."
    )
    max_bytes: int = Field(
        default=25_000_000,
        ge=1_048_576,
        le=25_000_000,
        description="Of a larger mail only this much is fetched and read.",
    )
    imap_host: str = Field(default="", max_length=253, description="IMAP server.")
    imap_port: int = Field(default=993, ge=1, le=65535, description="Its port.")
    imap_security: Literal["tls", "plain"] = Field(default="tls", description="plain only within a trial, on loopback.")
    idle_seconds: float = Field(
        default=75.0, gt=0, le=540, description="IDLE is renewed this often; a hung server is found soon afterwards."
    )
    call_seconds: float = Field(default=30.0, gt=0, le=300, description="Longest wait for one answer of a server.")
    ca_file: Path | None = Field(
        default=None, description="Certificates of an authority that signed the servers' own, where no public one did."
    )
    smtp_host: str = Field(default="", max_length=253, description="SMTP server for answers; by default the IMAP one.")
    smtp_port: int = Field(default=587, ge=1, le=65535, description="Its port; 465 goes with tls, 587 with starttls.")
    smtp_security: Security = Field(default="starttls", description="plain only within a trial, on loopback.")
    send_per_second: float = Field(default=1.0, gt=0, description="Mails a second that the SMTP server takes from us.")
    answers_per_day: int = Field(
        default=20, ge=1, le=200, description="Automatic answers one address gets within 24 hours; results not counted."
    )
    list_ids: tuple[str, ...] = Field(
        default=(), description="List-Id of lists through which the mailbox gets citizens' mail, as JSON."
    )
