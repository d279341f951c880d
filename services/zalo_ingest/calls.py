"""Calls to Zalo's OpenAPI in the name of an OA, with a newer token when the one at hand is refused."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, assert_never

import httpx

from gateway.outbox.carrier import Delivered, Handover, Later, Unclear
from gateway.runtime.calling import Answered, Ending, Unanswered, Unreached, post
from services.zalo_ingest.payload import Members, answered, words
from services.zalo_ingest.refusals import BAD_TOKEN, PERSON_SECONDS, refusal
from services.zalo_ingest.token_keeper import TokenKeeper
from services.zalo_ingest.token_pairs import Held

UNREACHED_SECONDS: Final = 15.0
FAILING_SECONDS: Final = 30.0
TOKEN_SECONDS: Final = 60.0
TAKEN_TO_BE_LOST: Final = frozenset({502, 504})
"""A gateway gave up on the server behind it, which may have taken the message; other errors are its own word for no."""

UPLOAD: Final = 4.0
"""Times the usual wait for a file of some megabytes."""

FileMember = tuple[str, bytes, str]
"""Name, content and media type of a file in a form."""


class Calls:
    """POST requests that need an OA's access token."""

    def __init__(self, client: httpx.AsyncClient, tokens: TokenKeeper, base_url: str, seconds: float) -> None:
        """Take what calls, what grants access, Zalo's address, and the most time for one call."""
        self._client = client
        self._tokens = tokens
        self._base_url = base_url
        self._seconds = seconds

    async def post(
        self, oa: str, path: str, *, json: Mapping[str, Any] | None = None, file: FileMember | None = None
    ) -> Ending | None:
        """Zalo's answer; None, and nothing was done, when there is no access. Raises as the keeper of tokens does."""
        held = await self._tokens.current(oa)
        answer = await self._call(held, path, json, file)
        if held is not None and error_of(answer) in BAD_TOKEN:
            held = await self._tokens.renewed(oa, seen=held.generation)
            answer = await self._call(held, path, json, file)
        return None if error_of(answer) in BAD_TOKEN else answer

    async def _call(
        self, held: Held | None, path: str, json: Mapping[str, Any] | None, file: FileMember | None
    ) -> Ending | None:
        if held is None:
            return None
        return await post(
            self._client,
            f"{self._base_url}{path}",
            seconds=self._seconds if file is None else UPLOAD * self._seconds,
            headers={"access_token": held.pair.access},
            json=json,
            files=None if file is None else {"file": file},
        )


def error_of(answer: Ending | None) -> int | None:
    """Zalo's error number, 0 for success; None when the answer has none."""
    body = answered(answer.content) if isinstance(answer, Answered) else None
    if body is None:
        return None
    told = words(body, "error")
    digits = told.removeprefix("-")
    return int(told) if digits.isascii() and digits.isdigit() and len(digits) < 9 else None


def ended(answer: Ending | None, now: datetime, *, whole_channel: bool) -> Handover:
    """What an answer says of the message; `whole_channel` says whether its OA is the only one served."""
    match answer:
        case None:
            return Later("no_access", TOKEN_SECONDS, whole_channel=whole_channel, alarm=True)
        case Unreached():
            return Later("unreachable", UNREACHED_SECONDS, whole_channel=True)
        case Unanswered():
            return Unclear("no_answer")
        case Answered(status, content):
            code = error_of(answer)
            if code:
                return refusal(code, now, whole_channel=whole_channel)
            return _by_status(status, answered(content), code)
        case _:
            assert_never(answer)


def _by_status(status: int, body: Members | None, code: int | None) -> Handover:
    """An answer without an error number of Zalo's."""
    if status == 200 and code == 0:
        return Delivered(words(body, "data", "message_id") or None)
    if status == 429:
        return Later("rate_limit", FAILING_SECONDS, whole_channel=True)
    if status < 300 or status in TAKEN_TO_BE_LOST:
        return Unclear("unreadable_answer")
    if status >= 500:
        return Later("failing", FAILING_SECONDS, whole_channel=True)
    # A redirect, or a refusal from before Zalo's own servers: nothing that waiting alone mends.
    return Later(f"http_{status}", PERSON_SECONDS, whole_channel=True, alarm=True)
