"""Settings of the web channel, read once from the environment; variables start with `WEB_`."""

from typing import Annotated

from pydantic import Field, IPvAnyNetwork, StringConstraints

from gateway.runtime.lookup_page import PublicAddress
from schemas.base import Code

MEGABYTE = 1_048_576

KeyHash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256 of a key in hex: the key itself is never stored."""


class WebSettings(PublicAddress):
    """Addresses, keys and bounds of form, app and operators' entry."""

    app_keys: dict[Code, KeyHash] = Field(
        default_factory=dict, description="Name of each app to the SHA-256 (hex) of its key, as JSON."
    )
    operator_keys: dict[Code, KeyHash] = Field(
        default_factory=dict, description="Operator code to the SHA-256 (hex) of the operator's key, as JSON."
    )
    agency_keys: dict[Code, KeyHash] = Field(
        default_factory=dict,
        description="Agency code to the SHA-256 (hex) of the key with which it brings files of its answers, as JSON.",
    )
    trusted_proxies: tuple[IPvAnyNetwork, ...] = Field(
        default=(), description="Networks whose X-Forwarded-For is believed, as JSON."
    )
    json_bytes: int = Field(default=1_000_000, ge=1_000, description="Largest JSON body.")
    form_bytes: int = Field(default=30 * MEGABYTE, ge=100_000, description="Most that is kept of a form with photos.")
    entry_bytes: int = Field(default=60 * MEGABYTE, ge=100_000, description="The same for an operator's entry.")
    photo_count: int = Field(default=6, ge=0, le=20, description="Photos and documents in one message.")
    photo_bytes: int = Field(default=10 * MEGABYTE, ge=1_000, description="Largest photo, video or document.")
    photos_bytes: int = Field(default=25 * MEGABYTE, ge=1_000, description="All photos of one message together.")
    recording_bytes: int = Field(default=50 * MEGABYTE, ge=1_000, description="Largest recording of a call.")
    upload_memory: int = Field(
        default=160 * MEGABYTE, ge=MEGABYTE, description="Bytes of uploads held in memory at once; beyond it, 503."
    )
    idle_seconds: float = Field(default=30.0, gt=0, description="Longest silence while a body comes in; then 408.")
    body_seconds: float = Field(default=600.0, gt=0, description="Longest time for a whole body; then 408.")
    lookup_burst: int = Field(default=20, ge=1, description="Failed lookups or logins that one address may do at once.")
    lookup_per_minute: float = Field(default=6.0, gt=0, description="How fast that allowance comes back.")
    form_burst: int = Field(default=60, ge=1, description="Forms that one public address may send at once; then 429.")
    form_per_minute: float = Field(default=30.0, gt=0, description="How fast that allowance comes back.")
    form_seconds: int = Field(default=172_800, ge=60, description="How long a rendered form can be sent.")
    receipt_seconds: int = Field(default=3_600, ge=60, description="How long the receipt page can be reloaded.")
    lookup_seconds: int = Field(default=1_800, ge=60, description="How long a lookup stays open.")
    session_seconds: int = Field(default=28_800, ge=60, description="How long an operator stays logged in.")

    @property
    def secure(self) -> bool:
        """Whether citizens come over TLS."""
        return self.public_url.startswith("https://")
