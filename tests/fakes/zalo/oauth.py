"""The fake's OAuth v4: a consent that is given at once, and tokens whose refresh token is good for one use."""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.fakes.zalo.state import CODE_SECONDS, TOKEN_SECONDS, State, Trouble
from tests.fakes.zalo.troubles import Troubles


def refused(code: int, name: str) -> JSONResponse:
    """The shape in which Zalo says no here: with status 200."""
    said = {"error": code, "error_name": name, "error_reason": name, "error_description": ""}
    return JSONResponse(said)


class OAuthServer:
    """`/v4/oa/permission` and `/v4/oa/access_token`."""

    def __init__(self, state: State, troubles: Troubles) -> None:
        """Take what the fake knows, and what is to go wrong."""
        self._state = state
        self._troubles = troubles

    def routes(self) -> list[Route]:
        """Where it answers."""
        return [
            Route("/v4/oa/permission", self.permission, methods=["GET"]),
            Route("/v4/oa/access_token", self.access_token, methods=["POST"]),
        ]

    async def permission(self, request: Request) -> Response:
        """An administrator of the first OA (or of `oa_id`) consents without a look."""
        asked = request.query_params
        if asked.get("app_id") != self._state.app_id or not asked.get("redirect_uri"):
            return refused(-14002, "Invalid app id")
        oa = asked.get("oa_id", next(iter(self._state.oas)))
        code = secrets.token_urlsafe(16)
        self._state.codes[code] = (oa, asked.get("code_challenge", ""), self._state.clock())
        told = {"code": code, "oa_id": oa}
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(told)}", status_code=302)

    async def access_token(self, request: Request) -> Response:
        """Give a pair for a code or for a refresh token."""
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        if request.headers.get("secret_key") != self._state.app_secret or form.get("app_id") != self._state.app_id:
            return refused(-14004, "Invalid app secret")
        trouble = self._troubles.next("token")
        if isinstance(trouble, int):
            return refused(trouble, "Refused")
        if trouble in (Trouble.NULLS, Trouble.HTML, Trouble.HTTP_503):
            return await self._troubles.answer(trouble)
        answer = self._granted(form)
        # What drops or hangs from here on has used the token up all the same.
        return answer if trouble is None else await self._troubles.answer(trouble)

    def _granted(self, form: Mapping[str, str]) -> Response:
        if form.get("grant_type") == "authorization_code":
            oa = self._consented(form.get("code", ""), form.get("code_verifier", ""))
            return refused(-14010, "Invalid code") if oa is None else JSONResponse(self._pair(oa))
        found = next((oa for oa, one in self._state.tokens.items() if one.refresh == form.get("refresh_token")), None)
        if found is None:
            self._state.refused_refreshes += 1
            return refused(-14014, "Invalid refresh token")
        self._state.refreshes += 1
        return JSONResponse(self._pair(found))

    def _consented(self, code: str, verifier: str) -> str | None:
        oa, challenge, at = self._state.codes.pop(code, ("", "", 0.0))
        digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        fresh = self._state.clock() - at < CODE_SECONDS
        return oa if oa and fresh and len(verifier) == 43 and digest == challenge else None

    def _pair(self, oa: str) -> dict[str, Any]:
        made = self._state.grant(oa)
        life: str | int = TOKEN_SECONDS if self._state.expires_in_as_number else str(TOKEN_SECONDS)
        return {"access_token": made.access, "refresh_token": made.refresh, "expires_in": life}
