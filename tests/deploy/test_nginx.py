"""nginx in front: limits where the gateway's own are, headers as it expects them, and nothing inside is shown."""

import re
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPSConnection
from pathlib import Path

import httpx
import pytest

from gateway.runtime.http import KEEP_ALIVE_SECONDS, PROBES
from services.facebook_ingest import receive as facebook
from services.facebook_ingest.settings import FacebookSettings
from services.web_ingest import edge, paths
from services.web_ingest.settings import WebSettings
from services.web_ingest.site import DRAIN
from services.zalo_ingest import receive as zalo
from services.zalo_ingest.payload import MAX_BODY
from tests.deploy import promised
from tests.deploy.proxied import NGINX, REQUIRED, Noted, Proxy, complaint, noting, of_compose, of_one_machine, running
from tests.gateway_process import GatewayProcess
from tests.ports import free_port

FOLDER = promised.DEPLOY / "nginx"
WEB, FACEBOOK = WebSettings(_env_file=None), FacebookSettings(_env_file=None)

needs_nginx = pytest.mark.skipif(
    NGINX is None and not REQUIRED, reason="nginx is not here; REQUIRE_NGINX=1 makes this a failure"
)

LIMITS = {
    f"= {zalo.PATH}": MAX_BODY,
    f"= {facebook.PATH}": FACEBOOK.body_bytes,
    "/v1/": WEB.entry_bytes,
    r"~ ^/(tong-dai|en/operator)(/|$)": WEB.entry_bytes * DRAIN,
    "/": WEB.form_bytes * DRAIN,
}


def locations() -> dict[str, str]:
    text = (FOLDER / "locations.conf").read_text(encoding="utf-8")
    return dict(re.findall(r"^location ([^\n]+) \{\n(.*?)^\}$", text, flags=re.MULTILINE | re.DOTALL))


def test_a_body_is_refused_where_the_gateway_stops_reading_it() -> None:
    for name, bytes_ in LIMITS.items():
        assert f"client_max_body_size {bytes_};" in locations()[name], name
    for name in (f"= {zalo.PATH}", f"= {facebook.PATH}"):
        # Whole in memory: nothing of it lies on the proxy's disk.
        assert f"client_body_buffer_size {LIMITS[name]};" in locations()[name]


def test_operators_pages_are_those_of_the_operators_location() -> None:
    pattern = re.compile(r"^/(tong-dai|en/operator)(/|$)")
    for name, addresses in paths.ALL.items():
        for address in addresses.values():
            assert bool(pattern.search(address)) is (name in {"operator", "login", "logout"})


def test_a_slow_sender_is_given_the_time_the_gateway_gives() -> None:
    for name in ("/v1/", r"~ ^/(tong-dai|en/operator)(/|$)", "/"):
        assert f"client_body_timeout {WEB.idle_seconds:.0f}s;" in locations()[name]


@pytest.mark.parametrize("path", [FOLDER / "gateway.conf", promised.DEPLOY / "compose" / "nginx.conf"])
def test_no_connection_is_kept_longer_than_the_gateway_keeps_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    kept = [
        int(found)
        for block in re.findall(r"upstream \w+ \{[^}]*\}", text)
        for found in re.findall(r"timeout (\d+)s", block)
    ]
    assert len(kept) == 3
    assert max(kept) < KEEP_ALIVE_SECONDS


def test_what_the_gateway_sets_itself_is_not_set_again() -> None:
    names = {name.decode() for name, _ in (*edge.HEADERS, edge.TRANSPORT)}
    for path in (*FOLDER.glob("*.conf"), promised.DEPLOY / "compose" / "nginx.conf"):
        added = re.findall(r"add_header\s+(\S+)", path.read_text(encoding="utf-8"))
        assert not {name.lower() for name in added} & names


@needs_nginx
def test_nginx_takes_the_files(tmp_path: Path) -> None:
    for name in ("one", "compose"):
        (tmp_path / name).mkdir()
    of_one_machine(tmp_path / "one", upstreams={}, https=free_port(), http=free_port())
    assert complaint(tmp_path / "one") == ""
    of_compose(tmp_path / "compose", free_port())
    assert complaint(tmp_path / "compose") == ""


@needs_nginx
def test_nginx_does_not_take_wrong_ones(tmp_path: Path) -> None:
    of_one_machine(tmp_path, upstreams={}, https=free_port(), http=free_port())
    path = tmp_path / "gateway" / "locations.conf"
    path.write_text(path.read_text().replace("gateway_facebook", "gateway_fakebook"))
    assert "gateway_fakebook" in complaint(tmp_path)


@dataclass(frozen=True)
class Front:
    """nginx before three servers that note what reaches them, by upstream."""

    proxy: Proxy
    behind: dict[str, Noted]
    log: Path

    def client(self) -> httpx.Client:
        """A client that trusts the test's certificate."""
        return httpx.Client(base_url=f"https://127.0.0.1:{self.proxy.https}", verify=self.proxy.trust)

    def reached(self) -> list[tuple[str, str]]:
        """Upstream and path of every request that came through."""
        return [(name, path) for name, noted in self.behind.items() for path, _ in noted.requests]


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Front]:
    with noting() as web, noting() as from_zalo, noting() as from_facebook:
        behind = {"gateway_web": web, "gateway_zalo": from_zalo, "gateway_facebook": from_facebook}
        with running(tmp_path, upstreams={name: noted.port for name, noted in behind.items()}) as proxy:
            made = Front(proxy, behind, tmp_path / "gateway.log")
            wait_until_open(made)
            for noted in behind.values():
                noted.requests.clear()
            yield made


def wait_until_open(front: Front) -> None:
    until = time.monotonic() + 30
    while True:
        try:
            with front.client() as client:
                client.get("/healthz")
        except httpx.TransportError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)
        else:
            return


@needs_nginx
def test_each_path_leads_to_its_service(front: Front) -> None:
    with front.client() as client:
        for path in (zalo.PATH, f"{zalo.VERIFIER_PREFIX}abc.html", facebook.PATH, "/", "/v1/submissions", "/tong-dai"):
            client.post(path, content=b"{}")
    assert sorted(front.reached()) == [
        ("gateway_facebook", facebook.PATH),
        ("gateway_web", "/"),
        ("gateway_web", "/tong-dai"),
        ("gateway_web", "/v1/submissions"),
        ("gateway_zalo", zalo.PATH),
        ("gateway_zalo", f"{zalo.VERIFIER_PREFIX}abc.html"),
    ]


@needs_nginx
def test_probes_and_metrics_are_not_shown(front: Front) -> None:
    with front.client() as client:
        assert {client.get(path).status_code for path in PROBES} == {404}
    assert front.reached() == []


@needs_nginx
def test_headers_of_platforms_come_through_and_the_client_s_address_is_added(front: Front) -> None:
    headers = {name.decode(): "1" for name in (*zalo.KEPT_HEADERS, zalo.SIGNATURE)}
    with front.client() as client:
        client.post(zalo.PATH, content=b"{}", headers={**headers, "X-Forwarded-For": "203.0.113.9"})
        client.get("/")
    ((_, seen),) = front.behind["gateway_zalo"].requests
    assert {name: seen.get(name) for name in headers} == headers
    # From the right, past the proxy's own network, comes the address that nginx saw: what a client claims is no use.
    assert seen["x-forwarded-for"] == "203.0.113.9, 127.0.0.1"
    ((_, page),) = front.behind["gateway_web"].requests
    assert page["x-forwarded-for"] == "127.0.0.1"


@needs_nginx
@pytest.mark.parametrize(
    ("path", "limit"),
    [
        (zalo.PATH, MAX_BODY),
        (facebook.PATH, FACEBOOK.body_bytes),
        ("/v1/submissions", WEB.entry_bytes),
        ("/", WEB.form_bytes * DRAIN),
        ("/tong-dai", WEB.entry_bytes * DRAIN),
    ],
)
def test_what_is_too_large_does_not_come_through(front: Front, path: str, limit: int) -> None:
    connection = HTTPSConnection("127.0.0.1", front.proxy.https, context=front.proxy.trust, timeout=30)
    with closing(connection):
        connection.putrequest("POST", path)
        # The length alone decides: the body is never sent.
        connection.putheader("Content-Length", str(limit + 1))
        connection.endheaders()
        assert connection.getresponse().status == 413
    assert front.reached() == []


@needs_nginx
def test_plain_http_leads_to_tls(front: Front) -> None:
    answer = httpx.get(f"http://127.0.0.1:{front.proxy.http}/tra-cuu")
    assert (answer.status_code, answer.headers["location"]) == (308, "https://1022.example.vn/tra-cuu")


@needs_nginx
def test_the_log_holds_neither_addresses_nor_query_strings(front: Front) -> None:
    with front.client() as client:
        client.get(facebook.PATH, params={"hub.verify_token": "hunter2"})
    until = time.monotonic() + 30
    # nginx writes a line when it has answered, so the answer can be here before it.
    while facebook.PATH not in (text := front.log.read_text()) and time.monotonic() < until:
        time.sleep(0.02)
    assert facebook.PATH in text
    assert "hunter2" not in text
    assert not re.search(r" 127\.0\.0\.1 ", text)


@needs_nginx
def test_every_security_header_of_the_gateway_arrives_once(tmp_path: Path) -> None:
    gateway = GatewayProcess(tmp_path / "data", WEB_PUBLIC_URL="https://1022.example.vn").start().ready()
    try:
        upstreams = dict.fromkeys(("gateway_web", "gateway_zalo", "gateway_facebook"), gateway.port)
        with running(tmp_path, upstreams=upstreams) as proxy:
            front = Front(proxy, {}, tmp_path / "gateway.log")
            wait_until_open(front)
            with front.client() as client:
                answer = client.get("/")
                hidden = client.get("/metrics")
    finally:
        gateway.stop()
    assert answer.status_code == 200
    for name, value in (*edge.HEADERS, edge.TRANSPORT):
        assert answer.headers.get_list(name.decode()) == [value.decode()]
    assert hidden.status_code == 404
