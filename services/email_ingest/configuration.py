"""Settles the channel's settings before it opens: a trial's own mail server, or what production demands."""

import ssl
from typing import Final

from gateway.errors import Invalid
from gateway.runtime.deployment import Deployment
from gateway.runtime.secret_files import trial_token
from gateway.runtime.settings import read_settings
from services.email_ingest.credentials import Credentials
from services.email_ingest.imap import ImapServer
from services.email_ingest.send import SmtpServer
from services.email_ingest.settings import EmailSettings

TRIAL_ADDRESS: Final = "hotline@1022.example"
TRIAL_IMAP_PORT: Final = 8143
TRIAL_SMTP_PORT: Final = 8025
"""Where `gateway demo` starts its mail servers; a trial talks to nobody else unless it is told to."""

TRIAL_PASSWORD: Final = "mailbox"  # noqa: S105 - the name of a file
"""The password lies in this `.token` among the trial's other secrets."""

SMTP_SECONDS: Final = 20.0
"""All answers about one mail must come within the time that the sender gives its carrier (180 seconds)."""

LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


def load_settings(deployment: Deployment) -> EmailSettings:
    """The settings; without an address in production the channel is off. Raises `Invalid` naming what is wrong."""
    found = read_settings(EmailSettings)
    if deployment.trial and not found.address:
        found = _of_trial(found, deployment)
    if not found.address:
        return found
    settled = _settled(found)
    _check(settled, production=not deployment.trial)
    return settled


def check(settings: EmailSettings, *, production: bool) -> None:
    """Raise `Invalid("settings")` for settings that contradict each other, or that production must not have."""
    if not settings.address:
        return
    settled = _settled(settings)
    _check(settled, production=production)
    imap_server(settled)
    smtp_server(settled)


def imap_server(settings: EmailSettings) -> ImapServer:
    """Where mail is read; raises `Invalid` for certificates that cannot be."""
    tls = _tls(settings) if settings.imap_security == "tls" else None
    return ImapServer(settings.imap_host, settings.imap_port, tls, settings.call_seconds)


def smtp_server(settings: EmailSettings) -> SmtpServer:
    """Where mail is handed in; raises `Invalid` for certificates that cannot be read."""
    tls = None if settings.smtp_security == "plain" else _tls(settings)
    seconds = min(settings.call_seconds, SMTP_SECONDS)
    return SmtpServer(settings.smtp_host, settings.smtp_port, settings.smtp_security, tls, seconds)


def credentials(settings: EmailSettings) -> Credentials:
    """What opens both servers."""
    return Credentials(settings.user, settings.password.get_secret_value(), settings.oauth_token_file)


def _of_trial(found: EmailSettings, deployment: Deployment) -> EmailSettings:
    own = {
        "address": TRIAL_ADDRESS,
        "password": trial_token(deployment.folder.secrets, TRIAL_PASSWORD),
        "imap_host": "127.0.0.1",
        "imap_port": TRIAL_IMAP_PORT,
        "imap_security": "plain",
        "smtp_port": TRIAL_SMTP_PORT,
        "smtp_security": "plain",
        # The demo's mailbox is made for it: what lies there is meant for the gateway.
        "first_start": "all",
    }
    given = {name: getattr(found, name) for name in found.model_fields_set}
    return EmailSettings.model_validate({**own, **given, "address": TRIAL_ADDRESS})


def _settled(found: EmailSettings) -> EmailSettings:
    """With what follows from other settings where it is not given."""
    return found.model_copy(
        update={"user": found.user or found.address, "smtp_host": found.smtp_host or found.imap_host}
    )


def _check(settings: EmailSettings, *, production: bool) -> None:
    if not settings.imap_host:
        raise Invalid("settings", "EMAIL_IMAP_HOST: must name the mail server")
    if not settings.password.get_secret_value() and settings.oauth_token_file is None:
        raise Invalid("settings", "EMAIL_PASSWORD: a password or EMAIL_OAUTH_TOKEN_FILE is needed")
    for name, security, host in (
        ("EMAIL_IMAP_SECURITY", settings.imap_security, settings.imap_host),
        ("EMAIL_SMTP_SECURITY", settings.smtp_security, settings.smtp_host),
    ):
        if security == "plain" and (production or host not in LOOPBACK):
            raise Invalid("settings", f"{name}: plain is only for a trial's own server on loopback")


def _tls(settings: EmailSettings) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=settings.ca_file)
    except OSError:
        raise Invalid("settings", "EMAIL_CA_FILE: holds no certificates that can be read") from None
