"""Runs nginx with the project's own files, in front of servers that note what reaches them."""

import contextlib
import os
import re
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.channels.email.certificates import Certificates
from tests.deploy import promised
from tests.ports import free_port

NGINX = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
REQUIRED = os.environ.get("REQUIRE_NGINX") == "1"
FRAME = """daemon off;
{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


@dataclass
class Noted:
    """A server that notes the headers of every request by its path."""

    server: ThreadingHTTPServer
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    @property
    def port(self) -> int:
        """Where it listens on loopback."""
        return int(self.server.server_address[1])


@contextlib.contextmanager
def noting() -> Iterator[Noted]:
    """A server that answers everything with 200 until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", "0")))
            noted.requests.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        do_GET = do_POST = _answer  # noqa: N815 - the names that the standard library calls

        def log_message(self, *_: Any) -> None:  # noqa: ANN401 - the standard library's signature
            """Keep quiet."""

    noted = Noted(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
    thread = threading.Thread(target=noted.server.serve_forever, daemon=True)
    thread.start()
    try:
        yield noted
    finally:
        noted.server.shutdown()
        noted.server.server_close()
        thread.join()


@dataclass(frozen=True)
class Proxy:
    """A running nginx: its ports, and what trusts its certificate."""

    https: int
    http: int
    trust: ssl.SSLContext


def of_one_machine(folder: Path, *, upstreams: dict[str, int], https: int, http: int) -> ssl.SSLContext:
    """`gateway.conf` with ports, certificate and log of this machine; what trusts the certificate."""
    certificates = Certificates.made(folder / "tls")
    site = (promised.DEPLOY / "nginx" / "gateway.conf").read_text(encoding="utf-8")
    site = re.sub(r"^\s*listen \[::\].*\n", "", site, flags=re.MULTILINE)
    site = site.replace("listen 443 ssl", f"listen 127.0.0.1:{https} ssl")
    site = site.replace("listen 80 ", f"listen 127.0.0.1:{http} ")
    site = re.sub(r"/etc/nginx/tls/\w+\.pem", str(certificates.chain), site)
    site = site.replace("/var/log/nginx/", f"{folder}/")
    for name, port in upstreams.items():
        site = re.sub(rf"(upstream {name} \{{\s*server 127\.0\.0\.1:)\d+", rf"\g<1>{port}", site)
    _write(folder, FRAME.format(folder=folder, user=_user()), site)
    return certificates.client()


def of_compose(folder: Path, http: int) -> None:
    """`compose/nginx.conf` on this machine, without the name server that only an engine has."""
    frame = (promised.DEPLOY / "compose" / "nginx.conf").read_text(encoding="utf-8")
    frame = re.sub(r"server (\w+):8022 resolve;", "server 127.0.0.1:8022;", frame)
    frame = frame.replace("/tmp/", f"{folder}/").replace("/dev/std", f"{folder}/std")  # noqa: S108 - replaced, not used
    _write(folder, frame.replace("listen 8080", f"listen 127.0.0.1:{http}"), "")


def complaint(folder: Path) -> str:
    """What nginx says against the configuration in the folder; empty when it takes it."""
    assert NGINX is not None
    done = subprocess.run(
        [NGINX, "-t", "-q", "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stderr


@contextlib.contextmanager
def running(folder: Path, *, upstreams: dict[str, int]) -> Iterator[Proxy]:
    """Nginx with `gateway.conf` until the block ends."""
    assert NGINX is not None
    https, http = free_port(), free_port()
    proxy = Proxy(https, http, of_one_machine(folder, upstreams=upstreams, https=https, http=http))
    child = subprocess.Popen(
        [NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
    )
    try:
        yield proxy
    finally:
        child.terminate()
        child.wait(30)


def _write(folder: Path, frame: str, site: str) -> None:
    shutil.copytree(promised.DEPLOY / "nginx", folder / "gateway", dirs_exist_ok=True)
    (folder / "nginx.conf").write_text(frame)
    (folder / "site.conf").write_text(site)


def _user() -> str:
    """Workers of a root's nginx would otherwise be somebody who cannot enter the test's folder."""
    return "user root;" if os.geteuid() == 0 else ""
