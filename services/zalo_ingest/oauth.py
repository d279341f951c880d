"""Zalo's OAuth v4 for Official Accounts: the consent link with PKCE, and the exchange of a code or a refresh token.

Tokens live 25 hours, refresh tokens three months and for one use: using one ends the old pair at once. Errors come with
status 200 and another shape, so that only a complete pair counts as one (developers' page "OA access token").
"""

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from gateway.errors import Invalid
from gateway.runtime.calling import Answered, Unanswered, Unreached, post
from services.zalo_ingest.payload import Members, answered, words
from services.zalo_ingest.token_pairs import Pair

SECONDS = 15.0
CONSENT_PATH = "/v4/oa/permission"
TOKEN_PATH = "/v4/oa/access_token"  # noqa: S105 - a path, no secret
MAX_TOKEN = 4000
UNSAID = timedelta(hours=1)
"""How long a token is trusted whose life was not told: too short costs a renewal, too long an outage."""

LONGEST = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Rejected:
    """Zalo answered, and gave no pair; `code` is its error's number, 0 if it named none."""

    code: int


Exchanged = Pair | Rejected | Unreached | Unanswered


class OAuth:
    """The token endpoint, for one app."""

    def __init__(
        self, client: httpx.AsyncClient, base_url: str, app_id: str, app_secret: str, clock: Callable[[], datetime]
    ) -> None:
        """Take the base address, the app's id and Secret Key, and a clock of aware UTC."""
        self._client = client
        self._url = f"{base_url}{TOKEN_PATH}"
        self._app_id = app_id
        self._secret = app_secret
        self._clock = clock

    async def renew(self, refresh: str) -> Exchanged:
        """Use up a refresh token."""
        return await self._exchange({"grant_type": "refresh_token", "refresh_token": refresh})

    async def first(self, code: str, verifier: str) -> Exchanged:
        """Use up the code of a consent."""
        return await self._exchange({"grant_type": "authorization_code", "code": code, "code_verifier": verifier})

    async def _exchange(self, form: Mapping[str, str]) -> Exchanged:
        asked_at = self._clock()
        ending = await post(
            self._client,
            self._url,
            seconds=SECONDS,
            headers={"secret_key": self._secret},
            form={"app_id": self._app_id, **form},
        )
        if not isinstance(ending, Answered):
            return ending
        body = answered(ending.content)
        if body is None or ending.status >= 500:
            # A page of some proxy says nothing about what the server behind it did with the token.
            return Unanswered()
        return pair_in(body, asked_at) or Rejected(_number(words(body, "error")))


def pair_in(body: Members, at: datetime) -> Pair | None:
    """The pair of an answer; None unless both tokens are there, whatever else it holds."""
    access, refresh = body.get("access_token"), body.get("refresh_token")
    if not (isinstance(access, str) and isinstance(refresh, str)):
        return None
    if not (_is_token(access) and _is_token(refresh)):
        return None
    told = words(body, "expires_in")
    life = timedelta(seconds=int(told)) if told.isascii() and told.isdigit() and len(told) < 9 else UNSAID
    return Pair(access, refresh, at, at + min(life or UNSAID, LONGEST))


def _is_token(text: str) -> bool:
    """What may stand in a header."""
    return 0 < len(text) <= MAX_TOKEN and text.isascii() and text.isprintable() and " " not in text


def _number(text: str) -> int:
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) < 9 else 0


def consent_url(base_url: str, app_id: str, redirect_url: str, *, verifier: str, state: str) -> str:
    """Where an administrator of the OA gives consent (RFC 7636, S256; `verifier` has 43 characters)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    asked = {
        "app_id": app_id,
        "redirect_uri": redirect_url,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "state": state,
    }
    return f"{base_url}{CONSENT_PATH}?{urlencode(asked)}"


def code_in(pasted: str, *, oa: str, state: str) -> str:
    """The code out of the address that the browser was sent back to, or the code itself.

    Raises `Invalid` for an address that belongs to another consent, or to another OA than the one meant.
    """
    pasted = pasted.strip()
    if "://" not in pasted:
        return _checked_code(pasted)
    found = parse_qs(urlsplit(pasted).query)
    if found.get("state", [state]) != [state]:
        raise Invalid("other_consent", "This address answers another consent link; use the one printed last.")
    if found.get("oa_id", [oa]) != [oa]:
        raise Invalid("other_oa", "Consent was given for another Official Account than the one meant.")
    return _checked_code(next(iter(found.get("code", [""]))))


def _checked_code(code: str) -> str:
    if not _is_token(code):
        raise Invalid("no_code", "There is no code in what was pasted.")
    return code
