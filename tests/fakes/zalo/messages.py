"""The fake's way out to citizens: checks a message as Zalo does, keeps it, and tells of it."""

import json
import secrets
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.fakes.zalo.state import DAY, LONGEST_TEXT, State, Taken, Trouble
from tests.fakes.zalo.troubles import Troubles

ERRORS = {
    -32: "Your application reached limit call api",
    -200: "Send message failed",
    -201: "Params is invalid",
    -210: "Text is too long",
    -211: "Out of quota",
    -213: "User has not followed the OA",
    -216: "Access token is invalid",
    -220: "Access token is expired or removed",
    -230: "User has not interacted with the OA in the past 7 days",
    -240: "This API version is shut down",
}


def refused(code: int) -> JSONResponse:
    """The shape in which Zalo says no: with status 200 and without data."""
    return JSONResponse({"error": code, "message": ERRORS.get(code, "Refused")})


class MessageServer:
    """`/v3.0/oa/message/cs`, and `/v2.0/oa/message` for somebody anonymous."""

    def __init__(self, state: State, troubles: Troubles, told: Callable[[Taken], None]) -> None:
        """Take what the fake knows, what is to go wrong, and who is told of a message that was taken."""
        self._state = state
        self._troubles = troubles
        self._told = told

    def routes(self) -> list[Route]:
        """Where it answers."""
        return [
            Route("/v3.0/oa/message/cs", self.consultation, methods=["POST"]),
            Route("/v2.0/oa/message", self.older, methods=["POST"]),
        ]

    async def consultation(self, request: Request) -> Response:
        """A message to somebody who is logged in."""
        return await self._sent(request, "user_id")

    async def older(self, request: Request) -> Response:
        """The version of before; it still serves those who are anonymous, and nobody else."""
        body = json.loads(await request.body() or b"{}")
        if "anonymous_id" not in body.get("recipient", {}):
            return refused(-240)
        return await self._sent(request, "anonymous_id")

    async def _sent(self, request: Request, to: str) -> Response:
        self._state.requests += 1
        oa, error = self._state.owner_of(request.headers.get("access_token", ""))
        if oa is None:
            return refused(error)
        trouble = self._troubles.next("send")
        if isinstance(trouble, int):
            return refused(trouble)
        if trouble in (Trouble.HTTP_500, Trouble.HTTP_503):
            return await self._troubles.answer(trouble)
        found = self._fault(json.loads(await request.body() or b"{}"), to)
        if isinstance(found, int):
            return refused(found)
        answer = self._taken(oa, found)
        # Whoever hangs or drops from here on has taken the message all the same.
        return answer if trouble is None else await self._troubles.answer(trouble)

    def _fault(self, body: Any, to: str) -> dict[str, Any] | int:  # noqa: ANN401 - whatever JSON came
        recipient, message = body.get("recipient"), body.get("message")
        if not isinstance(recipient, dict) or not isinstance(message, dict) or not isinstance(recipient.get(to), str):
            return -201
        if not message.get("text") and "attachment" not in message:
            return -201
        if len(message.get("text", "")) > LONGEST_TEXT:
            return -210
        attachment = message.get("attachment")
        if attachment is not None and not (_is_card(attachment) or self._is_uploaded(attachment)):
            return -201
        last = self._state.interactions.get(recipient[to])
        if last is None or self._state.clock() - last > 7 * DAY:
            return -230
        found: dict[str, Any] = body
        return found

    def _is_uploaded(self, attachment: dict[str, Any]) -> bool:
        """Whether an attachment is something that was uploaded for a message of its kind."""
        payload = attachment.get("payload", {})
        if attachment.get("type") == "file":
            return str(payload.get("token")) in self._state.uploads
        elements = payload.get("elements", [])
        if attachment.get("type") != "template" or payload.get("template_type") != "media" or len(elements) != 1:
            return False
        content = self._state.uploads.get(str(elements[0].get("attachment_id")), b"")
        heads = {"image": (b"\xff\xd8\xff", b"\x89PNG"), "gif": (b"GIF8",)}
        return content.startswith(heads.get(elements[0].get("media_type"), (b"\x00 no such kind",)))

    def _taken(self, oa: str, body: dict[str, Any]) -> Response:
        at = self._state.clock()
        taken = Taken(oa, body["recipient"], body["message"], secrets.token_hex(10), at)
        self._state.taken.append(taken)
        self._told(taken)
        who = next(iter(body["recipient"].values()))
        free = at - self._state.interactions[who] <= 2 * DAY
        data = {
            "quota": {"quota_type": "reply" if free else "sub_quota"},
            "message_id": taken.message_id,
            "user_id": who,
            "sent_time": str(int(at * 1000)),
        }
        return JSONResponse({"data": data, "error": 0, "message": "Success"})


def _is_card(attachment: object) -> bool:
    """Whether an attachment is a card that asks for contact details, as Zalo bounds it."""
    if not isinstance(attachment, dict) or attachment.get("type") != "template":
        return False
    payload = attachment.get("payload", {})
    if payload.get("template_type") != "request_user_info" or len(payload.get("elements", [])) != 1:
        return False
    (element,) = payload["elements"]
    return (
        0 < len(element.get("title", "")) <= 100
        and 0 < len(element.get("subtitle", "")) <= 500
        and str(element.get("image_url", "")).startswith("https://")
    )
