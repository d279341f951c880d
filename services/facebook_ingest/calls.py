"""Calls that change something at Facebook: bounded in time and size, never repeated by itself, no secret in a URL."""

import json
import logging
from collections.abc import Mapping
from typing import Any, assert_never

from gateway.outbox.carrier import Delivered, Enclosure, Handover, Later, Unclear
from gateway.runtime.calling import Answered, Ending, Unanswered, Unreached, client_for, post
from services.facebook_ingest.page import CHANNEL
from services.facebook_ingest.refusals import answer_of, member_of
from services.facebook_ingest.signature import proof

log = logging.getLogger(__name__)

UNREACHABLE_SECONDS = 10.0
UPLOAD = 4.0
"""Times the usual wait for a file of some megabytes."""


class Calls:
    """POST requests to the Graph API on one connection pool."""

    def __init__(self, *, base: str, version: str, app_secret: bytes, seconds: float) -> None:
        """Take the API's address and version, the secret that proves the caller, and the most time for one call."""
        self._prefix = f"{base}/{version}"
        self._app_secret = app_secret
        self._seconds = seconds
        self._client = client_for(seconds)

    async def post(self, path: str, body: Mapping[str, Any], token: str, *, tries: int = 1) -> Handover:
        """How a call ended; raises nothing for what Facebook or the network does."""
        ending = await post(
            self._client,
            f"{self._prefix}/{path}",
            seconds=self._seconds,
            headers={"Authorization": f"Bearer {token}"},
            # A parameter beside the others, so that the proof of our secret does not stand in the URL either.
            json={**body, "appsecret_proof": proof(self._app_secret, token)},
        )
        return _ended(ending, tries)

    async def upload(self, path: str, kind: str, file: Enclosure, token: str, *, tries: int = 1) -> str | Handover:
        """Facebook's name for an uploaded file, or how the upload ended instead; `Delivered` never."""
        message = {"attachment": {"type": kind, "payload": {"is_reusable": False}}}
        ending = await post(
            self._client,
            f"{self._prefix}/{path}",
            seconds=UPLOAD * self._seconds,
            headers={"Authorization": f"Bearer {token}"},
            form={"message": json.dumps(message), "appsecret_proof": proof(self._app_secret, token)},
            files={"filedata": (file.name, file.content, file.media_type)},
        )
        handover = _ended(ending, tries)
        if not isinstance(handover, Delivered):
            return handover
        content = ending.content if isinstance(ending, Answered) else None
        return member_of(content or b"", "attachment_id") or Unclear("answer_unreadable")

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


def _ended(ending: Ending, tries: int) -> Handover:
    match ending:
        case Unreached():
            return Later("unreachable", UNREACHABLE_SECONDS, whole_channel=True)
        case Unanswered():
            return Unclear("answer_lost")
        case Answered(status, content, headers):
            return _read(status, headers, content, tries)
        case _:
            assert_never(ending)


def _read(status: int, headers: Mapping[str, str], content: bytes | None, tries: int) -> Handover:
    if content is None:
        return Unclear("answer_unreadable")
    answer = answer_of(status, headers, content, tries=tries)
    if answer.fault is not None:
        fault = answer.fault
        extra = {"channel": CHANNEL, "reason": f"{fault.code}/{fault.subcode}", "detail": fault.trace}
        log.warning("refused_by_facebook", extra={**extra, "status": status})
    return answer.handover
