"""One read of the Graph API by python-facebook-api, with that library's ways of failing closed.

The library is imported when it is first used: importing it opens a socket, which nothing here may do at import.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from gateway.errors import Invalid, Unavailable
from services.facebook_ingest.refusals import DEAD_TOKEN, PASSING, RATE_LIMITS
from services.facebook_ingest.signature import proof

RETRY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Access:
    """Where the API answers (`base` ends with a slash), its version, what proves the caller, seconds for one call."""

    base: str
    version: str
    app_secret: bytes = field(repr=False)
    seconds: float


def called(access: Access, token: str, call: Callable[[Any], Any]) -> dict[str, Any]:
    """What `call` gets from a `GraphAPI`; blocks for at most about `access.seconds`.

    Raises `Invalid("graph_refuses")` for what Facebook will not tell, `Unavailable` for what it may tell later.
    """
    from pyfacebook import FacebookError, LibraryError  # noqa: PLC0415 - see the module's docstring

    api = _opened(access, token)
    try:
        found = call(api)
    except FacebookError as error:
        if error.code in DEAD_TOKEN:
            raise _unavailable("token_dead", "Facebook refuses the page's token.") from None
        if error.code in RATE_LIMITS | PASSING:
            raise _unavailable("graph_failing", f"Facebook's error {error.code}.") from None
        raise Invalid("graph_refuses", f"Facebook's error {error.code}.") from None
    except (LibraryError, OSError, ValueError, TypeError, KeyError) as error:
        # The library lets errors of requests (which are OSError) and of its own parsing through; their texts hold URLs.
        raise _unavailable("graph_unreachable", type(error).__name__) from None
    finally:
        api.session.close()
    if not isinstance(found, dict):
        raise _unavailable("graph_unreadable", "Facebook's answer is no object.")
    return found


def _opened(access: Access, token: str) -> Any:  # noqa: ANN401 - the library has no types
    api = _api_class()(
        access_token=token,
        app_secret=access.app_secret.decode(),
        version=access.version,
        base_url=access.base,
        timeout=access.seconds,
    )
    # Usage headers with a member that the library does not know would make it raise.
    api.rate_limit.set_limit = lambda _headers: None
    session = api.session
    # No proxy, credentials or redirect from the surroundings may lead the token elsewhere.
    session.trust_env = False
    session.max_redirects = 0
    session.headers["Authorization"] = f"Bearer {token}"
    return api


@cache
def _api_class() -> type[Any]:
    from pyfacebook import GraphAPI  # noqa: PLC0415 - see the module's docstring

    class Api(GraphAPI):  # type: ignore[misc]  # the library has no types
        """Keeps the token out of URLs, where the library would put it for every read."""

        def _append_token(self, args: dict[str, Any] | None) -> dict[str, Any]:
            return {**(args or {}), "appsecret_proof": proof(self.app_secret.encode(), self.access_token)}

    return Api


def _unavailable(reason: str, detail: str) -> Unavailable:
    return Unavailable(reason, detail, retry_after=RETRY_SECONDS)
