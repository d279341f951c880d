"""Speaks to the running gateway over HTTP, as the app, a browser and an operator's software do."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from cli.demo.files import photo, recording
from gateway.errors import Invalid, Unavailable

TIMEOUT_SECONDS = 20.0
FILES = {
    "photo": ("photos", ("anh.png", photo, "image/png")),
    "recording": ("recording", ("cuoc-goi.wav", recording, "audio/wav")),
}
"""Kind of file to its field, its name as the sender has it, and what makes it."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the sender is given at once."""

    code: str
    secret: str


@dataclass(frozen=True, slots=True)
class Status:
    """What the citizen gets to see; `outcome` None: still being checked."""

    code: str
    outcome: str | None
    agency: str | None
    replies: tuple[tuple[str, str], ...]
    """Kind and language of each reply, oldest first."""

    files: int = 0
    """How many files came with them."""


class Client:
    """The gateway at one address, with the keys of a trial."""

    def __init__(self, address: str, *, app_key: str, operator_key: str) -> None:
        """Take the base address and both keys."""
        self._http = httpx.AsyncClient(base_url=address, timeout=TIMEOUT_SECONDS, trust_env=False)
        self._app = {"Authorization": f"Bearer {app_key}"}
        self._operator = {"Authorization": f"Bearer {operator_key}"}

    async def submit(self, body: Mapping[str, Any], files: Sequence[str], key: str) -> Receipt:
        """Send a submission as the app does."""
        return await self._post("/v1/submissions", "submission", body, files, {**self._app, "Idempotency-Key": key})

    async def enter(self, body: Mapping[str, Any], files: Sequence[str]) -> Receipt:
        """Type in a call, letter or portal item as an operator does."""
        return await self._post("/v1/operator/entries", "entry", body, files, self._operator)

    async def add(self, receipt: Receipt, body: Mapping[str, Any], key: str) -> None:
        """Add to a submission, or answer what was asked."""
        headers = {**self._app, "X-Lookup-Secret": receipt.secret, "Idempotency-Key": key}
        await self._answer("POST", f"/v1/submissions/{receipt.code}/additions", headers=headers, json=dict(body))

    async def send_form(self, fields: Mapping[str, str], files: Sequence[str], path: str) -> Receipt:
        """Fill in the public form as a browser does: its page first, then everything it holds."""
        page = await self._answer("GET", path)
        token = _found(r'name="form" value="([^"]+)"', page.text)
        parts = _parts(files) or {"photos": ("", b"", "application/octet-stream")}
        receipt = await self._answer(
            "POST", path, data={**fields, "form": token, "website": ""}, files=parts, follow_redirects=True
        )
        return Receipt(_found(r'id="code">([^<]+)<', receipt.text), _found(r'id="secret">([^<]+)<', receipt.text))

    async def status(self, receipt: Receipt) -> Status:
        """What became of it, with the citizen's own secret."""
        headers = {**self._app, "X-Lookup-Secret": receipt.secret}
        found = (await self._answer("GET", f"/v1/submissions/{receipt.code}", headers=headers)).json()
        replies = tuple((reply["kind"], reply["language"]) for reply in found["replies"])
        files = sum(len(reply["files"]) for reply in found["replies"])
        return Status(found["code"], found["outcome"], found["agency"], replies, files)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _post(
        self, path: str, part: str, body: Mapping[str, Any], files: Sequence[str], headers: Mapping[str, str]
    ) -> Receipt:
        if files:
            named = {part: json.dumps(dict(body), ensure_ascii=False)}
            answer = await self._answer("POST", path, headers=headers, data=named, files=_parts(files))
        else:
            answer = await self._answer("POST", path, headers=headers, json=dict(body))
        found = answer.json()
        return Receipt(found["code"], found["secret"])

    async def _answer(self, method: str, path: str, **more: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own options
        """The answer; raises `Unavailable` when there is none, `Invalid` when it is a refusal."""
        try:
            answer = await self._http.request(method, path, **more)
        except httpx.HTTPError as error:
            raise Unavailable("gateway_silent", f"The gateway did not answer: {type(error).__name__}.") from error
        if answer.status_code == 401:
            sentence = "The gateway does not know this data folder's keys: does it run on another one (GATEWAY_DATA)?"
            raise Invalid("unauthorized", sentence)
        if answer.status_code >= 300:
            raise Invalid("refused", f"{method} {path.partition('?')[0]} was answered with {answer.status_code}.")
        return answer


def _parts(files: Sequence[str]) -> dict[str, tuple[str, bytes, str]]:
    chosen = (FILES[kind] for kind in files)
    return {field: (name, make(), media_type) for field, (name, make, media_type) in chosen}


def _found(pattern: str, page: str) -> str:
    """What a page shows; raises `Invalid("unexpected_page")`."""
    match = re.search(pattern, page)
    if match is None:
        raise Invalid("unexpected_page", "The page does not look as expected.")
    return match.group(1)
