"""The channel's settings as a deployment has them: filled up in a trial, held against the rules in production."""

import re
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from gateway.errors import Invalid
from gateway.runtime.deployment import Deployment
from gateway.runtime.platform_url import is_loopback, url_faults
from gateway.runtime.secret_files import trial_token
from gateway.runtime.settings import read_settings
from services.zalo_ingest.settings import ZaloSettings

TRIAL_APP: Final = "431022431022431022"
TRIAL_OA: Final = "388613281022381022"
TRIAL_ZALO: Final = "http://127.0.0.1:8030"
"""Where `gateway demo` plays Zalo; a trial talks to nobody else unless it is told to."""

TRIAL_TOKENS: Final = ("zalo_access", "zalo_refresh")
MOST_SECRETS: Final = 2
VERIFIER_NAME: Final = re.compile(r"zalo_verifier[A-Za-z0-9_-]{0,200}\.html")
VERIFIER_BYTES: Final = 20_000


def load_settings(deployment: Deployment) -> ZaloSettings:
    """The settings; raises `Invalid` naming every wrong `ZALO_` variable, never its value."""
    settings = read_settings(ZaloSettings)
    if deployment.trial:
        settings = _for_trial(settings, deployment.folder.secrets)
    check(settings, production=not deployment.trial)
    return settings


def check(settings: ZaloSettings, *, production: bool) -> None:
    """Raise `Invalid("settings")` for settings that contradict each other, or that production must not have."""
    if not settings.app_id:
        return
    faults = [*_incomplete(settings), *_addresses(settings, production=production)]
    if faults:
        raise Invalid("settings", "; ".join(faults))


def verifier(settings: ZaloSettings) -> tuple[str, bytes] | None:
    """Name and content of the file that proves the domain; raises `Invalid("settings")` for one that cannot be it."""
    path = settings.verifier_file
    if path is None:
        return None
    if not VERIFIER_NAME.fullmatch(path.name) or not path.is_file() or path.stat().st_size > VERIFIER_BYTES:
        raise Invalid("settings", "ZALO_VERIFIER_FILE: names no zalo_verifier….html file of at most 20 kB")
    return path.name, path.read_bytes()


def trial_pair(folder: Path) -> tuple[str, str]:
    """The access and refresh token with which a trial begins; its own Zalo knows them too."""
    access, refresh = (trial_token(folder, name) for name in TRIAL_TOKENS)
    return access, refresh


def _for_trial(settings: ZaloSettings, folder: Path) -> ZaloSettings:
    """What was not set is made: secrets in the data folder, and a Zalo on this machine."""
    own = {
        "app_id": TRIAL_APP,
        "app_secret": SecretStr(trial_token(folder, "zalo_app")),
        "oas": {TRIAL_OA: (SecretStr(trial_token(folder, "zalo_oa")),)},
        "api_url": TRIAL_ZALO,
        "oauth_url": TRIAL_ZALO,
    }
    missing = {name: value for name, value in own.items() if name not in settings.model_fields_set}
    if "media_hosts" not in settings.model_fields_set and is_loopback(str(missing.get("api_url", settings.api_url))):
        missing["media_hosts"] = (*settings.media_hosts, missing.get("api_url", settings.api_url))
    return settings.model_copy(update=missing)


def _incomplete(settings: ZaloSettings) -> list[str]:
    faults = []
    if not settings.app_secret.get_secret_value():
        faults.append("ZALO_APP_SECRET: is needed beside ZALO_APP_ID")
    if not settings.oas:
        faults.append("ZALO_OAS: names no Official Account")
    for keys in settings.oas.values():
        if not 1 <= len(keys) <= MOST_SECRETS or not all(one.get_secret_value() for one in keys):
            faults.append("ZALO_OAS: each Official Account has one OA Secret Key, or two while it is changed")
            break
    return faults


def _addresses(settings: ZaloSettings, *, production: bool) -> list[str]:
    faults = [
        *url_faults("ZALO_API_URL", settings.api_url, production=production),
        *url_faults("ZALO_OAUTH_URL", settings.oauth_url, production=production),
    ]
    if settings.card_image_url and not settings.card_image_url.startswith("https://"):
        faults.append("ZALO_CARD_IMAGE_URL: is no https address")
    return faults
