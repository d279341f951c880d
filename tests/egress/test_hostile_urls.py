"""No URL that somebody else wrote makes the gateway connect to anything but a listed host at a public address."""

from collections.abc import AsyncIterator

import httpx
import pytest

from gateway.egress.addresses import is_public
from gateway.egress.fetcher import Fetcher
from gateway.egress.policy import EgressPolicy, Origin
from gateway.egress.resolving import SystemResolver, dialled_addresses
from gateway.errors import Invalid, Unavailable
from tests.egress.corpus import hostile_urls
from tests.egress.hosts import JPEG, Host, answers, media_host, resolving

POLICIES = {
    "zalo": (EgressPolicy((".zdn.vn", ".zadn.vn")), "photo-1.zdn.vn", "zdn.vn"),
    "facebook": (EgressPolicy((".fbcdn.net", ".fbsbx.com")), "scontent.fsgn5-1.fna.fbcdn.net", "fbcdn.net"),
    "one origin": (EgressPolicy(("https://media.example.vn:8443",)), "media.example.vn:8443", "media.example.vn"),
}


@pytest.fixture
async def canary() -> AsyncIterator[Host]:
    """A listener on loopback that nobody may ever reach."""
    async with media_host(answers("200 OK", body=JPEG)) as host:
        yield host


async def verdict(fetcher: Fetcher, url: str) -> str:
    """`fetched`, or the reason why not."""
    try:
        await fetcher.fetch(url)
    except (Invalid, Unavailable) as error:
        return error.reason
    return "fetched"


@pytest.fixture(params=POLICIES)
def case(request: pytest.FixtureRequest) -> tuple[EgressPolicy, str, str]:
    return POLICIES[request.param]


async def test_the_canary_can_be_hit(canary: Host) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        await client.get(f"http://127.0.0.1:{canary.port}/")
    assert canary.connections == 1


async def test_no_hostile_url_is_asked(canary: Host, case: tuple[EgressPolicy, str, str]) -> None:
    policy, host, suffix = case
    resolve, names = resolving(["127.0.0.1"])
    urls = hostile_urls(port=canary.port, host=host, suffix=suffix)
    assert len(urls) > 100
    fetcher = Fetcher(policy, resolve=resolve)
    assert {url: found for url in urls if (found := await verdict(fetcher, url)) != "egress_refused"} == {}
    assert names == []
    assert canary.connections == 0


async def test_a_trial_reaches_its_own_fake_and_nothing_beside_it(canary: Host) -> None:
    policy = EgressPolicy((".zdn.vn", canary.origin), allow_loopback=True)
    resolve, _ = resolving(["127.0.0.1"])
    fetcher = Fetcher(policy, resolve=resolve)
    urls = hostile_urls(port=canary.port, host="photo-1.zdn.vn", suffix="zdn.vn")
    fetched = {url for url in urls if await verdict(fetcher, url) == "fetched"}
    assert fetched == {url for url in urls if url.lower() == f"{canary.origin}/"}
    assert canary.connections == len(fetched)


ADDRESSES = (
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",  # noqa: S104 - an answer of a resolver, nothing is bound to it
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "198.18.0.1",
    "192.0.2.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "::ffff:127.0.0.1",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a01:203",
    "64:ff9b:1::808:808",
    "2002:7f00:1::",
    "2002:a01:203::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "fe80::1",
    "fe80::1%lo",
    "fec0::1",
    "fd00:ec2::254",
    "ff02::1",
    "2001:db8::1",
    "3fff::1",
    "100::1",
    "not an address",
)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "2606:4700::1", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"]
)
def test_public_addresses_are_public_in_every_wrapping(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", ADDRESSES)
async def test_an_allowed_name_at_a_bad_address_is_not_dialled(
    canary: Host, case: tuple[EgressPolicy, str, str], address: str
) -> None:
    policy, host, _ = case
    for found in ([address], ["8.8.8.8", address], [address, "2606:4700::1"]):
        resolve, _ = resolving(found)
        assert await verdict(Fetcher(policy, resolve=resolve), f"https://{host}/1.jpg?s=1") == "egress_refused"
    assert canary.connections == 0


async def test_a_name_is_resolved_once_for_checking_and_dialling(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rebinding: what the resolver would say a second time is never asked for."""
    dialled: list[str] = []

    async def dial(_: object, request: httpx.Request) -> httpx.Response:
        dialled.append(str(request.url))
        assert request.headers["host"] == "photo-1.zdn.vn"
        assert request.extensions["sni_hostname"] == "photo-1.zdn.vn"
        return httpx.Response(200, stream=httpx.ByteStream(JPEG))

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", dial)
    resolve, names = resolving(["8.8.8.8"], ["127.0.0.1"])
    fetcher = Fetcher(EgressPolicy((".zdn.vn",)), resolve=resolve)
    assert await verdict(fetcher, "https://photo-1.zdn.vn/1.jpg") == "fetched"
    assert (names, dialled) == (["photo-1.zdn.vn"], ["https://8.8.8.8/"])
    assert await verdict(fetcher, "http://PHOTO-1.zdn.vn/1.jpg") == "egress_refused"
    assert dialled == ["https://8.8.8.8/"]


async def test_a_resolver_without_an_answer_is_waited_for() -> None:
    async def resolve(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    fetcher = Fetcher(EgressPolicy((".zdn.vn",)), resolve=resolve)
    assert await verdict(fetcher, "https://photo-1.zdn.vn/1.jpg") == "dns_failed"
    empty, _ = resolving([])
    assert await verdict(Fetcher(EgressPolicy((".zdn.vn",)), resolve=empty), "https://a.zdn.vn/") == "dns_failed"


async def test_the_systems_resolver_is_asked_and_what_it_says_is_checked(canary: Host) -> None:
    policy = EgressPolicy((f"http://localhost:{canary.port}",), allow_loopback=True)
    assert await verdict(Fetcher(policy), f"http://localhost:{canary.port}/1.jpg") == "fetched"
    # A name that no resolver would even ask for, so that the test needs none.
    with pytest.raises(Unavailable, match="dns_failed"):
        await dialled_addresses(Origin("https", f"{'a' * 70}.zdn.vn", 443), SystemResolver())


REDIRECTS = (
    "http://127.0.0.1:{port}/",
    "http://localhost:{port}/",
    "http://[::1]:{port}/",
    "http://0x7f000001:{port}/",
    "//127.0.0.1:{port}/",
    "/\\127.0.0.1:{port}/",
    "@127.0.0.1:{port}/",
    "file:///etc/passwd",
    "1.jpg",
    "?a=b",
    "",
    "https://evil.example/",
)


@pytest.mark.parametrize("location", REDIRECTS)
async def test_a_redirect_is_checked_like_the_first_url(canary: Host, location: str) -> None:
    there = location.format(port=canary.port)
    async with media_host(answers("302 Found", f"Location: {there}")) as host:
        fetcher = Fetcher(EgressPolicy((".zdn.vn", host.origin), allow_loopback=True))
        assert await verdict(fetcher, f"{host.origin}/1.jpg") == "egress_refused"
        assert host.connections == 1
    assert canary.connections == 0


@pytest.mark.parametrize(
    "hosts",
    [
        ("http://media.example.vn",),
        ("http://127.0.0.1:80",),
        ("https://localhost",),
        ("https://10.0.0.1",),
        ("https://media.example.vn/path",),
        ("https://user@media.example.vn",),
        ("zdn.vn",),
        ("*.zdn.vn",),
        (".vn",),
        (".",),
        ("",),
    ],
)
def test_a_policy_that_cannot_be_meant_is_refused(hosts: tuple[str, ...]) -> None:
    with pytest.raises(Invalid, match="egress_policy"):
        EgressPolicy(hosts)
