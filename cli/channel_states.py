"""Says of each channel what its own account of itself means for a person: does it work, and if not, what to do.

Pure: it reads what the channels' `state` gives, and nothing else.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any

State = Mapping[str, Any]


class Health(IntEnum):
    """From good to worse: of several mailboxes or accounts the worst one counts."""

    NOT_CONFIGURED = 0
    WORKING = 1
    WAITING = 2
    NEEDS_YOU = 3


@dataclass(frozen=True, slots=True)
class Standing:
    """How a channel stands: since when (ISO 8601, where it is known), what it waits for, and what to do about it."""

    health: Health
    waits_for: str = ""
    since: str | None = None
    todo: str = ""

    @property
    def words(self) -> str:
        """The state as people read it."""
        waiting = f"waiting for {self.waits_for}"
        return waiting if self.health is Health.WAITING else self.health.name.lower().replace("_", " ")


PLAY = "Play `gateway demo`: this trial speaks to nobody else."
BY_ITSELF = "Nothing: it is tried again and again; look into the log if it stays so."

ZALO_ACCESS: Mapping[str, str] = {
    "no_consent": "never consented",
    "needs_consent": "must consent anew",
    "consent_revoked": "took its consent back",
}
"""Why an Official Account gives no access."""

FACEBOOK_FAULTS: Mapping[str, str] = {
    "token_missing": "Put the page's access token into FACEBOOK_PAGE_TOKEN_FILE, mode 0600.",
    "token_exposed": "Let nobody else read the file of the page's token: chmod 600.",
    "token_dead": "Facebook refuses the page's token: put a new one into FACEBOOK_PAGE_TOKEN_FILE.",
    "graph_refuses": "Facebook tells the app nothing of the page: check the app's permissions and FACEBOOK_PAGE_ID.",
}
"""What only a person can mend; other faults pass."""

MAIL_FAULTS: Mapping[str, str] = {
    "login_refused": "The mail server refuses the login: check EMAIL_USER and EMAIL_PASSWORD.",
    "token_file_unreadable": "Put an access token into EMAIL_OAUTH_TOKEN_FILE.",
    "folder_unavailable": "The mail server does not show this folder: check EMAIL_FOLDERS.",
    "mail_server_tls": "The mail server's certificate is not trusted: check EMAIL_IMAP_HOST, or set EMAIL_CA_FILE.",
}
"""The same for mail."""

NOT_CONFIGURED = Standing(Health.NOT_CONFIGURED)


def off(variable: str) -> Standing:
    """A channel that nobody turned on."""
    return replace(NOT_CONFIGURED, todo=f"Set {variable} to turn it on.")


def faulty(fault: str) -> Standing:
    """A channel whose settings keep it, and the gateway, from starting."""
    return Standing(Health.NEEDS_YOU, todo=f"Correct the settings: {fault}")


def web() -> Standing:
    """The gateway's own pages and API."""
    return Standing(Health.WORKING)


def zalo(state: State) -> Standing:
    """By the access to each Official Account."""
    return _worst(_zalo_account(one) for one in state["oas"])


def facebook(state: State, *, own: bool) -> Standing:
    """By the last look at the page; `own`: a trial that speaks to this machine only."""
    since, fault = state.get("caught_up_at"), str(state.get("fault") or "")
    if fault in FACEBOOK_FAULTS:
        return Standing(Health.NEEDS_YOU, since=since, todo=FACEBOOK_FAULTS[fault])
    if state.get("subscription") == "not_subscribed":
        fields = "messages, message_echoes and feed"
        return Standing(Health.NEEDS_YOU, since=since, todo=f"Subscribe the page to the app's webhook: {fields}.")
    if fault:
        return Standing(Health.WAITING, "Facebook", since, PLAY if own else BY_ITSELF)
    if state.get("feed") == "refused":
        permissions = "pages_read_engagement and pages_read_user_content"
        return Standing(
            Health.NEEDS_YOU, since=since, todo=f"Have Facebook grant {permissions} for the page's comments."
        )
    if "subscription" not in state:
        return Standing(Health.WAITING, "the first look at the page")
    return Standing(Health.WORKING, since=since)


def email(state: State, *, own: bool) -> Standing:
    """By each folder of the mailbox; `own`: a trial that speaks to this machine only."""
    return _worst(_folder(one, own=own) for one in state["folders"])


def without_gateway(standing: Standing) -> Standing:
    """How a channel stands while no gateway runs: what needs a person goes on needing one."""
    if standing.health in (Health.NOT_CONFIGURED, Health.NEEDS_YOU):
        return standing
    return Standing(Health.WAITING, "the gateway", standing.since, "Start it: gateway up.")


def _zalo_account(one: State) -> Standing:
    access = one["access"]
    if access in ZALO_ACCESS:
        why = f"The Official Account {ZALO_ACCESS[access]}: run gateway zalo authorize --oa {one['oa']}"
        return Standing(Health.NEEDS_YOU, since=one.get("obtained_at"), todo=why)
    if access == "expired":
        return Standing(Health.WAITING, "Zalo to renew the access", one.get("expires_at"), BY_ITSELF)
    return Standing(Health.WORKING, since=one.get("obtained_at"))


def _folder(one: State, *, own: bool) -> Standing:
    reason, since = one["reason"], one["contact_at"]
    if one["connected"]:
        return Standing(Health.WORKING, since=since)
    if reason in MAIL_FAULTS:
        return Standing(Health.NEEDS_YOU, since=since, todo=MAIL_FAULTS[reason])
    if reason == "never_started":
        return Standing(Health.WAITING, "the first look at the mailbox")
    return Standing(Health.WAITING, "the mail server", since, PLAY if own else BY_ITSELF)


def _worst(standings: Iterable[Standing]) -> Standing:
    return max(standings, key=lambda one: one.health, default=NOT_CONFIGURED)
