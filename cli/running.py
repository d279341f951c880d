"""Finds where the running gateway answers, and asks it how it is by its own probe."""

import json
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from gateway.errors import Invalid
from gateway.runtime.deployment import Deployment
from gateway.runtime.roster import Roster
from gateway.runtime.settings import GatewaySettings

ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what the settings may say, not where we listen
TIMEOUT_SECONDS = 3.0


def address_of(settings: GatewaySettings, url: str | None) -> str:
    """The gateway's base address: what was given, else what the settings say; raises `Invalid("no_port")`."""
    if url is not None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Invalid("bad_url", "An address is http://host:port or https://host.")
        return url.rstrip("/")
    if settings.port == 0:
        raise Invalid("no_port", "GATEWAY_PORT is 0, so that only --url can tell where the gateway answers.")
    host = ANYWHERE.get(settings.host, settings.host)
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"


async def address_from(deployment: Deployment, service: str, url: str | None) -> str | None:
    """Where a service answers: what was given, else what the service last said itself; None when it said nothing.

    With one process for all services that is one address, with one for each every service has its own.
    """
    return url or await Roster(deployment.documents, deployment.clock).address_of(service)


def readiness(settings: GatewaySettings, url: str | None) -> dict[str, str]:
    """`ready`, `not_ready` with the reason, or `not_running`, with the address that was asked."""
    try:
        address = address_of(settings, url)
    except Invalid as error:
        if error.reason != "no_port":
            raise
        return {"state": "unknown", "address": "", "reason": error.reason}
    parts = urlsplit(address)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        body = json.loads(answer.read(10_000))
        return {"state": str(body["status"]), "address": address, "reason": str(body.get("reason", ""))}
    except (OSError, HTTPException):
        return {"state": "not_running", "address": address, "reason": ""}
    except (ValueError, KeyError, TypeError):
        return {"state": "not_a_gateway", "address": address, "reason": ""}
    finally:
        connection.close()
