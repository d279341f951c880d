"""Speaks to a gateway in another process as browser, app and operator do, and keeps every answer for later looks."""

import json
import re
import time
from collections.abc import Callable, Mapping
from typing import Any, Literal, Self
from urllib.parse import urlsplit

import httpx

from cli.demo.client import Receipt
from tests.gateway_process import GatewayProcess

SECONDS = 20.0
LOOK_SECONDS = 0.02
NO_PHOTO = {"photos": ("", b"", "application/octet-stream")}
SHOWN = {"code": r'id="code">([^<]+)<', "secret": r'id="secret">([^<]+)<', "form": r'name="form"[^>]* value="([^"]+)"'}

Files = Mapping[str, tuple[str, bytes, str]]


class Visitor:
    """One client with cookies and both keys of a trial; redirects are not followed, so that each can be seen."""

    def __init__(self, gateway: GatewayProcess) -> None:
        """Talk to this gateway; nothing is sent yet."""
        self._gateway = gateway
        self.answers: list[httpx.Response] = []
        self._http = httpx.Client(base_url=gateway.address, timeout=SECONDS, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def ask(self, method: Literal["GET", "POST"], path: str, **more: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own options
        """Any request; the answer is kept."""
        answer = self._http.request(method, path, **more)
        self.answers.append(answer)
        return answer

    def key(self, name: Literal["app", "operator"], **more: str) -> dict[str, str]:
        """Headers of somebody who holds a key of the trial."""
        return {"Authorization": f"Bearer {self._gateway.token(name)}", **more}

    def submit(self, body: object, **headers: str) -> httpx.Response:
        """A submission of the app."""
        return self.ask("POST", "/v1/submissions", json=body, headers=self.key("app", **headers))

    def enter(self, body: Mapping[str, Any], files: Files) -> httpx.Response:
        """A call, letter or portal item that an operator's software enters."""
        data = {"entry": json.dumps(body)}
        return self.ask("POST", "/v1/operator/entries", data=data, files=files, headers=self.key("operator"))

    def send_form(self, fields: Mapping[str, str], files: Files | None = None, token: str = "") -> httpx.Response:
        """The public form, filled in; `token` that of a form that was rendered before."""
        return self.send("/", {**fields, "form": token or shown("form", self.ask("GET", "/"))}, files)

    def send(self, path: str, fields: Mapping[str, str], files: Files | None = None) -> httpx.Response:
        """A form as a browser sends it."""
        return self.ask("POST", path, data={"website": "", **fields}, files=files or NO_PHOTO)

    def sent_form(self, fields: Mapping[str, str], files: Files | None = None) -> Receipt:
        """The same, with the receipt that the page after it shows."""
        answer = self.send_form(fields, files)
        assert answer.status_code == 303, answer.text
        page = self.ask("GET", answer.headers["location"])
        return Receipt(shown("code", page), shown("secret", page))

    def status(self, receipt: Receipt) -> dict[str, Any]:
        """What the citizen's app is told."""
        headers = self.key("app", **{"X-Lookup-Secret": receipt.secret})
        answer = self.ask("GET", f"/v1/submissions/{receipt.code}", headers=headers)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def saved(self, receipt: Receipt, url: str) -> bytes:
        """A file of the answer, as the citizen's app fetches it."""
        headers = self.key("app", **{"X-Lookup-Secret": receipt.secret})
        answer = self.ask("GET", urlsplit(url).path, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.content

    def until(self, receipt: Receipt, settled: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait for what must become of a submission."""
        end = time.monotonic() + SECONDS
        while not settled(found := self.status(receipt)):
            assert time.monotonic() < end, found
            time.sleep(LOOK_SECONDS)
        return found


def received(answer: httpx.Response) -> Receipt:
    """The receipt in the answer to the app or to an operator's software."""
    assert answer.status_code == 202, answer.text
    found = answer.json()
    return Receipt(found["code"], found["secret"])


def shown(name: str, page: httpx.Response) -> str:
    """What a page shows under a name of `SHOWN`."""
    found = re.search(SHOWN[name], page.text)
    assert found is not None, page.status_code
    return found.group(1)
