"""What makes a configuration complete: a trial's own secrets, and what production demands."""

from typing import Final

from pydantic import SecretStr

from gateway.egress.policy import EgressPolicy
from gateway.errors import Invalid
from gateway.runtime.deployment import Deployment
from gateway.runtime.platform_url import url_faults
from gateway.runtime.secret_files import read_or_make, trial_token
from gateway.runtime.settings import read_settings
from services.facebook_ingest.settings import FacebookSettings

TOKEN_NAME: Final = "facebook_page"  # noqa: S105 - the name of a file

TRIAL_PAGE: Final = "100000000001022"
TRIAL_APP: Final = "100000000002022"
TRIAL_GRAPH: Final = "http://127.0.0.1:8031"
"""Where `gateway demo` plays Facebook; a trial talks to nobody else unless it is told to."""

DEMANDED: Final = ("app_id", "app_secret", "verify_token")


def settings_of(deployment: Deployment) -> FacebookSettings:
    """The settings, filled up with a trial's own secrets, or checked; raises `Invalid` naming every wrong variable."""
    settings = read_settings(FacebookSettings)
    if deployment.trial:
        settings = _for_trial(settings, deployment)
    check(settings, production=not deployment.trial)
    return settings


def check(settings: FacebookSettings, *, production: bool) -> None:
    """Raise `Invalid` naming every variable that keeps a configured page from being served."""
    EgressPolicy(settings.media_hosts, allow_loopback=not production)
    if not (production and settings.page_id):
        return
    faults = [f"FACEBOOK_{name.upper()}: is missing" for name in DEMANDED if not _given(getattr(settings, name))]
    faults.extend(url_faults("FACEBOOK_GRAPH_URL", settings.graph_url, production=True))
    if faults:
        raise Invalid("settings", "; ".join(faults))


def _for_trial(settings: FacebookSettings, deployment: Deployment) -> FacebookSettings:
    """A trial has a page of its own, whose secrets lie beside the other secrets of the data folder."""
    secrets = deployment.folder.secrets
    trial_token(secrets, TOKEN_NAME)
    own = {
        "page_id": TRIAL_PAGE,
        "app_id": TRIAL_APP,
        "app_secret": SecretStr(read_or_make(secrets, "facebook_app", deployment.settings.profile).hex()),
        "verify_token": SecretStr(trial_token(secrets, "facebook_verify")),
        "graph_url": TRIAL_GRAPH,
    }
    return settings.model_copy(
        update={name: value for name, value in own.items() if name not in settings.model_fields_set}
    )


def _given(value: str | SecretStr) -> bool:
    return bool(value.get_secret_value() if isinstance(value, SecretStr) else value)
