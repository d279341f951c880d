"""Whatever a media host does, a download ends: in the file, or in a reason, within its bounds of time and bytes."""

import asyncio
import gzip
import ipaddress
import logging
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway.egress import resolving as resolving_module
from gateway.egress.fetcher import Fetched, Fetcher
from gateway.egress.policy import EgressPolicy
from gateway.egress.target import target_of
from gateway.errors import Invalid, Unavailable
from tests.egress.hosts import JPEG, Asked, Behave, Host, answers, media_host, resolving

SECRET = "/kín/a.jpg?sig=s3cr3t%2B/=~&b[]=1"
BOUND = 50_000


def fetcher(host: Host, *, seconds: float = 10.0) -> Fetcher:
    return Fetcher(EgressPolicy((host.origin,), allow_loopback=True, max_bytes=BOUND, seconds=seconds))


async def fetched(behave: Behave, *, seconds: float = 10.0) -> Fetched:
    async with media_host(behave) as host:
        return await fetcher(host, seconds=seconds).fetch(host.origin + SECRET)


async def test_a_file_is_fetched_as_the_link_says_and_without_anything_of_ours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    async with media_host(answers("200 OK", "Content-Type: Image/JPEG; q=1", "Set-Cookie: a=b", body=JPEG)) as host:
        found = fetcher(host)
        for _ in range(2):
            assert (await found.fetch(host.origin + SECRET)).content == JPEG
        asked = host.asked[1]
    assert asked.line == "GET /k%C3%ADn/a.jpg?sig=s3cr3t%2B/=~&b[]=1 HTTP/1.1"
    assert asked.headers["host"] == host.origin.removeprefix("http://")
    assert not {"cookie", "authorization", "referer"} & set(asked.headers)
    assert asked.headers["accept-encoding"] == "identity"
    assert host.connections == 2


async def test_what_its_host_calls_a_file_is_only_handed_on() -> None:
    found = await fetched(answers("200 OK", "Content-Type: Image/JPEG; q=1", body=JPEG))
    assert (found.said_type, found.host) == ("image/jpeg", "127.0.0.1")


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("404 Not Found", "gone"),
        ("410 Gone", "gone"),
        ("403 Forbidden", "gone"),
        ("401 Unauthorized", "gone"),
        ("204 No Content", "not_media"),
        ("206 Partial Content", "not_media"),
        ("304 Not Modified", "not_media"),
    ],
)
async def test_a_final_no_is_not_asked_again(status: str, reason: str) -> None:
    with pytest.raises(Invalid) as caught:
        await fetched(answers(status))
    assert caught.value.reason == reason


@pytest.mark.parametrize("status", ["500 Oops", "502 Bad Gateway", "503 Busy", "429 Slow down", "408 Timeout"])
async def test_a_failing_host_is_asked_again_when_it_says(status: str) -> None:
    with pytest.raises(Unavailable) as caught:
        await fetched(answers(status, "Retry-After: 17"))
    assert (caught.value.reason, caught.value.retry_after) == ("host_failing", 17.0)
    with pytest.raises(Unavailable) as caught:
        await fetched(answers(status, "Retry-After: 86400000000"))
    assert caught.value.retry_after <= 60.0


async def stalling(_: Asked, writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def trickling(_: Asked, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 40000\r\n\r\n")
    while True:
        writer.write(b"\xff")
        await writer.drain()
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("behave", [stalling, trickling])
async def test_the_whole_time_is_bounded(behave: Behave) -> None:
    with pytest.raises(Unavailable, match="timed_out"):
        await fetched(behave, seconds=0.3)


async def endless(_: Asked, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"1000\r\n" + bytes(0x1000) + b"\r\n")
        await writer.drain()


async def endless_head(_: Asked, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X: " + b"y" * 4000 + b"\r\n")
        await writer.drain()


@pytest.mark.parametrize(
    "behave", [endless, answers("200 OK", body=bytes(BOUND + 1)), answers("200 OK", body=b"x", length=10**10)]
)
async def test_no_more_bytes_are_taken_than_allowed(behave: Behave) -> None:
    with pytest.raises(Invalid, match="too_large"):
        await fetched(behave)


async def test_exactly_as_many_bytes_as_allowed_are_taken() -> None:
    assert len((await fetched(answers("200 OK", body=bytes(BOUND)))).content) == BOUND


@pytest.mark.parametrize("behave", [answers("200 OK", body=JPEG, length=len(JPEG) + 1), endless_head])
async def test_a_broken_answer_is_no_file(behave: Behave) -> None:
    with pytest.raises(Unavailable, match="broken_off"):
        await fetched(behave)


async def test_what_comes_after_the_declared_length_is_not_part_of_the_file() -> None:
    assert (await fetched(answers("200 OK", body=JPEG + b"GET / HTTP/1.1\r\n", length=len(JPEG)))).content == JPEG


async def test_a_gzip_bomb_is_not_unpacked() -> None:
    bomb = gzip.compress(bytes(30_000_000))
    assert len(bomb) < BOUND
    with pytest.raises(Invalid, match="not_media"):
        await fetched(answers("200 OK", "Content-Encoding: gzip", body=bomb))


async def test_an_empty_file_is_none() -> None:
    with pytest.raises(Invalid, match="not_media"):
        await fetched(answers("200 OK"))


async def test_a_host_that_refuses_connections_is_asked_again() -> None:
    async with media_host(stalling) as host:
        pass
    with pytest.raises(Unavailable, match="host_unreachable"):
        await fetcher(host).fetch(host.origin + SECRET)


async def test_up_to_three_redirects_are_followed() -> None:
    async def hopping(asked: Asked, writer: asyncio.StreamWriter) -> None:
        hops = int(asked.line.split()[1].strip("/"))
        behave = answers("200 OK", body=JPEG) if hops == 0 else answers("302 Found", f"Location: /{hops - 1}")
        await behave(asked, writer)

    async with media_host(hopping) as host:
        assert (await fetcher(host).fetch(f"{host.origin}/3")).content == JPEG
        with pytest.raises(Invalid, match="egress_refused"):
            await fetcher(host).fetch(f"{host.origin}/4")


async def test_neither_errors_nor_logs_hold_the_link(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("httpcore").setLevel(logging.WARNING)
    for behave in (answers("404 Gone"), answers("500 Oops"), answers("302 Found", f"Location: http://a.vn{SECRET}")):
        with caplog.at_level(logging.DEBUG, logger="gateway"), pytest.raises((Invalid, Unavailable)) as caught:
            await fetched(behave)
        chain = f"{caught.value!r} {caught.value.__cause__!r} {caught.value.__context__!r}"
        assert "s3cr3t" not in chain + caplog.text
    assert "s3cr3t" not in repr(target_of(f"https://a.zdn.vn{SECRET}", EgressPolicy((".zdn.vn",))))


def self_signed(folder: Path, name: str) -> ssl.SSLContext:
    """A server's context with a certificate for this name alone, which lies at `folder/cert.pem`."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName(name), x509.IPAddress(ipaddress.ip_address("127.0.0.2"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    (folder / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


@pytest.mark.parametrize(("certified", "outcome"), [("media.example.vn", "fetched"), ("other.vn", "host_unreachable")])
async def test_the_dialled_address_must_prove_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, certified: str, outcome: str
) -> None:
    # On loopback only the check of addresses must look away; everything else is as in production.
    monkeypatch.setattr(resolving_module, "is_public", lambda address: address == "127.0.0.1")
    seen: list[str | None] = []
    tls = self_signed(tmp_path, certified)
    tls.sni_callback = lambda _socket, name, _context: seen.append(name)  # None lets the handshake go on
    resolve, names = resolving(["127.0.0.1"])
    async with media_host(answers("200 OK", body=JPEG), tls=tls) as host:
        policy = EgressPolicy((f"https://media.example.vn:{host.port}",))
        found = Fetcher(policy, resolve=resolve)
        found._tls.load_verify_locations(tmp_path / "cert.pem")
        try:
            result = "fetched" if (await found.fetch(policy.hosts[0] + SECRET)).content == JPEG else "other bytes"
        except Unavailable as error:
            result = error.reason
        hosts = [asked.headers["host"] for asked in host.asked]
    assert (result, names, seen) == (outcome, ["media.example.vn"], ["media.example.vn"])
    assert hosts == ([f"media.example.vn:{host.port}"] if outcome == "fetched" else [])
