"""What holds on every route: headers, sizes, languages, and never a 500 whatever comes in or breaks."""

import asyncio
import json
import re
from collections.abc import MutableMapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.types import Receive

from gateway.bus.port import Bus
from gateway.errors import Invalid, Unavailable
from schemas.vocabulary import EMERGENCIES, Language
from services.web_ingest import paths
from tests.pipeline.web.harness import SUBMISSION, Channel

PAGES = [path for name in ("form", "received", "lookup", "operator") for path in paths.both(name)]
ROUTES = [
    *(("GET", path) for path in (*PAGES, *paths.both("result"), "/web.css", "/v1/openapi.json", "/nowhere", "/v1/x")),
    *(("POST", path) for name in paths.ALL for path in paths.both(name)),
    ("DELETE", "/"),
    ("GET", "/v1/submissions"),
    ("POST", "/v1/submissions"),
    ("GET", "/v1/submissions/2222-2222-2222"),
    ("POST", "/v1/submissions/2222-2222-2222/additions"),
    ("POST", "/v1/operator/entries"),
]
HEADERS = {"X-API-Key": "app-key-of-a-test", "Content-Type": "application/json"}


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_every_answer_has_the_security_headers_and_is_no_500(channel: Channel, method: str, path: str) -> None:
    answer = await channel.client.request(method, path)
    assert answer.status_code < 500
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "script-src" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-frame-options"] == "DENY"
    expected = "immutable" if path == "/web.css" else "no-store"
    assert expected in answer.headers["cache-control"]


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/nowhere", 404), ("DELETE", "/", 405), ("GET", "/v1/submissions", 405)]
)
async def test_unknown_addresses_and_methods_say_so(channel: Channel, method: str, path: str, status: int) -> None:
    assert (await channel.client.request(method, path)).status_code == status


async def test_over_tls_cookies_are_secure_and_browsers_stay_on_tls(channel: Channel) -> None:
    own = channel.web.settings.model_copy(update={"public_url": "https://1022.example.vn"})
    answer = await channel.with_(settings=own).send_form()
    assert "Secure" in answer.headers["set-cookie"]
    assert "max-age" in answer.headers["strict-transport-security"]


@pytest.mark.parametrize("path", PAGES)
async def test_pages_are_small_and_need_no_script_and_no_other_host(channel: Channel, path: str) -> None:
    page = await channel.client.get(path)
    linked = re.search(r'href="(/web\.css[^"]*)"', page.text)
    assert linked is not None
    style = await channel.client.get(linked[1])
    assert len(page.content) + len(style.content) < 60_000
    assert "<script" not in page.text
    assert " style=" not in page.text
    assert not re.findall(r"""(?:src|href|action)=["']?(?:https?:)?//""", page.text)
    assert not re.search(r"url\(|@import", style.text)


@pytest.mark.parametrize("path", PAGES)
async def test_the_emergency_numbers_and_the_skip_link_are_on_every_page(channel: Channel, path: str) -> None:
    page = (await channel.client.get(path)).text
    for label in EMERGENCIES:
        assert f'href="tel:{channel.web.province.emergency(label).number}"' in page
    assert page.index('class="skip"') < page.index("<header>")
    language = paths.language_of(path)
    assert f'<html lang="{language}">' in page


@pytest.mark.parametrize("path", PAGES)
async def test_every_field_has_a_label_and_every_id_is_unique(channel: Channel, path: str) -> None:
    page = (await channel.client.get(path)).text
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    labels = set(re.findall(r'<label for="([^"]+)"', page))
    shown = re.findall(r'<(?:input|textarea|select) (?![^>]*type="hidden")[^>]*?id="([^"]+)"', page)
    assert set(shown) <= labels


async def test_consent_is_never_ticked_beforehand(channel: Channel) -> None:
    page = (await channel.client.get("/")).text
    assert "checked" not in page
    assert channel.web.province.notice.text(Language.VI)[:40] in page


class Broken:
    """A bus that cannot publish, as when the disk is full: wraps the real one and fails at its edge."""

    def __init__(self, bus: Bus, error: Exception) -> None:
        """Take the bus and what it fails with."""
        self._bus = bus
        self._error = error

    async def publish(self, *messages: object) -> None:
        """Fail as told."""
        raise self._error


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Unavailable("disk_full", retry_after=7), 503),
        (RuntimeError("CANARY-1188"), 503),
        (Invalid("message_too_large"), 413),
    ],
)
async def test_what_could_not_be_made_durable_is_not_acknowledged(
    channel: Channel, caplog: pytest.LogCaptureFixture, error: Exception, status: int
) -> None:
    broken = channel.with_(bus=Broken(channel.web.bus, error))
    for answer in (await broken.submit(SUBMISSION), await broken.send_form()):
        assert answer.status_code == status
        assert "secret" not in answer.text
        assert "set-cookie" not in answer.headers
        assert (status == 503) == ("retry-after" in answer.headers)
    assert "CANARY" not in caplog.text


async def test_a_failed_submission_succeeds_later_under_the_same_key(channel: Channel) -> None:
    broken = channel.with_(bus=Broken(channel.web.bus, Unavailable("disk_full")))
    assert (await broken.submit(SUBMISSION, **{"Idempotency-Key": "k"})).status_code == 503
    assert (await channel.submit(SUBMISSION, **{"Idempotency-Key": "k"})).status_code == 202


async def test_no_personal_value_is_logged(channel: Channel, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    await channel.submit(SUBMISSION)
    await channel.send_form(phone="CANARY-PHONE")
    for canary in ("Nguyễn", "0912", "CANARY", "Hùng Vương"):
        assert canary not in caplog.text


async def test_the_api_describes_itself_completely(channel: Channel) -> None:
    described = (await channel.client.get("/v1/openapi.json")).json()
    operations = {
        (method, path): operation for path, item in described["paths"].items() for method, operation in item.items()
    }
    assert set(operations) == {
        ("post", "/submissions"),
        ("get", "/submissions/{code}"),
        ("get", "/submissions/{code}/files/{address}"),
        ("post", "/submissions/{code}/additions"),
        ("post", "/operator/entries"),
        ("post", "/agency/tickets/{ticket_id}/files"),
    }
    assert described["servers"] == [{"url": "/v1"}]
    named = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(described)))
    assert named == named & described["components"]["schemas"].keys()
    assert "examples" in described["components"]["schemas"]["SubmissionBody"]["properties"]["content"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
MEMBERS = ("content", "contact", "place", "language", "user_id", "verified", "consent", "sent_at")
BODIES = st.binary(max_size=60) | st.dictionaries(st.sampled_from(MEMBERS), JSON, max_size=8).map(
    lambda body: json.dumps(body).encode()
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=BODIES)
async def test_whatever_is_posted_is_never_a_500(channel: Channel, body: bytes) -> None:
    answer = await channel.client.post("/v1/submissions", content=body, headers=HEADERS)
    assert answer.status_code in {202, 400, 413, 422}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    fields=st.dictionaries(
        st.sampled_from(("content", "name", "phone", "email", "address", "place", "form")), st.text(max_size=40)
    )
)
async def test_whatever_is_typed_into_the_form_is_never_a_500(channel: Channel, fields: dict[str, str]) -> None:
    answer = await channel.client.post("/", data=fields)
    assert answer.status_code in {400, 422}


async def test_a_silent_sender_is_told_to_hurry(channel: Channel) -> None:
    async def receive() -> MutableMapping[str, Any]:
        await asyncio.Event().wait()
        return {}

    assert await status_for(channel, receive, idle_seconds=0.05) == 408


async def test_a_sender_that_never_ends_is_told_so_too(channel: Channel) -> None:
    async def receive() -> MutableMapping[str, Any]:
        await asyncio.sleep(0.001)
        return {"type": "http.request", "body": b" ", "more_body": True}

    assert await status_for(channel, receive, body_seconds=0.05) == 408


async def test_a_body_that_is_there_at_once_is_never_late(channel: Channel) -> None:
    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": b'{"content": "light out", "user_id": "u"}'}

    assert await status_for(channel, receive, idle_seconds=0.0, body_seconds=0.0) == 202


async def status_for(channel: Channel, receive: Receive, **settings: float) -> int:
    """The answer's status to a submission whose body comes as `receive` gives it."""
    changed = channel.with_(settings=channel.web.settings.model_copy(update=settings))
    sent = []

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/submissions",
        "raw_path": b"/v1/submissions",
        "query_string": b"",
        "headers": [(b"x-api-key", b"app-key-of-a-test"), (b"content-type", b"application/json")],
        "client": ("203.0.113.7", 1),
        "server": ("127.0.0.1", 8022),
        "scheme": "http",
        "http_version": "1.1",
        "root_path": "",
    }
    await changed.app(scope, receive, send)
    return int(sent[0]["status"])
