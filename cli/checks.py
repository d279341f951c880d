"""The checks of a configuration: each names what it looked at, and every fault it found."""

import asyncio
import ipaddress
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from gateway.bus.opening import check_settings, unsafe_settings
from gateway.errors import GatewayError, Invalid
from gateway.runtime.data_folder import RESTORING, DataFolder
from gateway.runtime.deployment import utc_now
from gateway.runtime.ground import UnsafeGround
from gateway.runtime.province_folder import load_province
from gateway.runtime.room import free_bytes
from gateway.runtime.secret_files import KEYS, read_or_make
from gateway.runtime.settings import GatewaySettings, Profile, load_settings, read_settings
from services.email_ingest.configuration import check as check_email
from services.email_ingest.settings import EmailSettings
from services.facebook_ingest.configuration import check as check_facebook
from services.facebook_ingest.settings import FacebookSettings
from services.normalizer.lexicon import load_lexicon
from services.normalizer.wiring import load_settings as load_normalizer_settings
from services.web_ingest.settings import WebSettings
from services.zalo_ingest.configuration import check as check_zalo
from services.zalo_ingest.configuration import verifier as zalo_verifier
from services.zalo_ingest.settings import ZaloSettings

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at, what was found there, and what is wrong with it."""

    name: str
    found: str
    faults: tuple[str, ...] = ()


def every_check(*, offline: bool = False) -> Iterator[Check]:
    """All checks in order; what depends on wrong settings is left out after them. `offline` asks no other machine."""
    settings: GatewaySettings | None = None
    try:
        settings = load_settings()
        yield Check("settings", f"profile {settings.profile.value}, {settings.host} port {settings.port}")
    except Invalid as error:
        yield Check("settings", "", tuple(error.detail.split("; ")))
    yield _caught("web", _web)
    if settings is None:
        return
    chosen = settings
    yield _caught("province", lambda: _province(chosen))
    yield _caught("agency keys", lambda: _agency_keys(chosen))
    yield _caught("lexicon", lambda: _lexicon(chosen))
    yield _caught("zalo", lambda: _zalo(chosen))
    yield _caught("facebook", lambda: _facebook(chosen))
    yield _caught("bus", lambda: _bus(chosen, offline=offline))
    yield _caught("email", lambda: _email(chosen))
    yield _secrets(chosen)
    yield _caught("disk", lambda: _disk(chosen))
    if chosen.profile is Profile.PRODUCTION:
        yield _caught("production", _production)


def _caught(name: str, check: Callable[[], str]) -> Check:
    try:
        return Check(name, check())
    except GatewayError as error:
        faults: tuple[str, ...] = getattr(error, "errors", ())
        return Check(name, "", faults or (str(error),))


def _web() -> str:
    settings = read_settings(WebSettings)
    return f"{settings.public_url}, {len(settings.app_keys)} app(s), {len(settings.operator_keys)} operator(s)"


def _agency_keys(settings: GatewaySettings) -> str:
    """A key under a code that no agency has would open nothing, and nobody would know why."""
    keys, province = read_settings(WebSettings).agency_keys, load_province(settings.province)
    unknown = sorted(keys.keys() - {one.code for one in province.agencies(province.day(utc_now()))})
    if unknown:
        raise _Faults(tuple(f"WEB_AGENCY_KEYS names {code}, which is no agency of the province." for code in unknown))
    return f"{len(keys)} agency(ies) with a key"


def _zalo(settings: GatewaySettings) -> str:
    found = read_settings(ZaloSettings)
    check_zalo(found, production=settings.profile is Profile.PRODUCTION)
    zalo_verifier(found)
    if found.app_id:
        return f"app {found.app_id}, {len(found.oas)} Official Account(s), {found.api_url}"
    return "a trial's own" if settings.profile is Profile.TRIAL else "not configured"


def _facebook(settings: GatewaySettings) -> str:
    found = read_settings(FacebookSettings)
    check_facebook(found, production=settings.profile is Profile.PRODUCTION)
    if found.page_id:
        return f"page {found.page_id}, app {found.app_id}, {found.graph_url}"
    return "a trial's own" if settings.profile is Profile.TRIAL else "not configured"


def _bus(settings: GatewaySettings, *, offline: bool) -> str:
    """Whether the bus answers and takes us for who we are; in production, whether it could lose anything as well."""
    if not settings.bus_url:
        return "embedded"
    if offline:
        check_settings(settings.bus_url)
        return "its settings can be read; nobody was asked"
    found = asyncio.run(unsafe_settings(settings.bus_url))
    if found and settings.profile is Profile.PRODUCTION:
        raise UnsafeGround(tuple(found))
    return f"answers; a trial: {len(found)} unsafe setting(s)" if found else "answers"


def _email(settings: GatewaySettings) -> str:
    found = read_settings(EmailSettings)
    check_email(found, production=settings.profile is Profile.PRODUCTION)
    if found.address:
        return f"{found.address}, {found.imap_host} port {found.imap_port}"
    return "a trial's own" if settings.profile is Profile.TRIAL else "not configured"


def _province(settings: GatewaySettings) -> str:
    province = load_province(settings.province)
    return f"{province.code}, regulation {province.regulation.id}"


def _lexicon(settings: GatewaySettings) -> str:
    folder = load_normalizer_settings().lexicon or settings.province / "lexicon"
    load_lexicon(folder)
    return str(folder)


def _secrets(settings: GatewaySettings) -> Check:
    """The keys that are there; a trial makes those that are not, production demands them all."""
    folder = DataFolder(settings.data)
    if (folder.root / RESTORING).exists():
        return Check("secrets", "", ("restoring into this data folder did not finish; empty it first",))
    faults = []
    there = 0
    for name in KEYS:
        if settings.profile is Profile.TRIAL and not (folder.secrets / f"{name}.key").exists():
            continue
        try:
            read_or_make(folder.secrets, name, settings.profile)
            there += 1
        except Invalid as error:
            faults.append(str(error))
    made = "" if there == len(KEYS) else "; a trial makes the others at its first start"
    return Check("secrets", f"{there} of {len(KEYS)} keys in {folder.secrets}{made}", tuple(faults))


def _disk(settings: GatewaySettings) -> str:
    free = free_bytes(_nearest(settings.data)) // MEGABYTE
    if free < settings.disk_reserve_mb:
        raise Invalid("disk_full", f"{free} MB free, {settings.disk_reserve_mb} MB are kept in reserve.")
    return f"{free} MB free where {settings.data} lies"


def _nearest(path: Path) -> Path:
    """The folder itself, or the nearest one above it that exists."""
    return next(folder for folder in (path.absolute(), *path.absolute().parents) if folder.exists())


def _production() -> str:
    """What a trial may do and production may not."""
    settings = read_settings(WebSettings)
    host = urlsplit(settings.public_url).hostname or ""
    faults = []
    if _loopback(host):
        faults.append("WEB_PUBLIC_URL names a loopback address; citizens cannot reach it.")
    if not settings.secure:
        faults.append("WEB_PUBLIC_URL is not https; codes and contact details would travel in clear.")
    if not settings.app_keys:
        faults.append("WEB_APP_KEYS names no app; the app's interface would refuse everybody.")
    if not settings.operator_keys:
        faults.append("WEB_OPERATOR_KEYS names no operator; no call or letter could be entered.")
    if faults:
        raise _Faults(tuple(faults))
    return settings.public_url


class _Faults(Invalid):
    """Several faults of one check."""

    def __init__(self, errors: tuple[str, ...]) -> None:
        super().__init__("production_rules", f"{len(errors)} rule(s) are broken.")
        self.errors = errors


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host in ("", "localhost") or host.endswith(".localhost")
