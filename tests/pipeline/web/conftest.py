"""The web channel on the real embedded adapters in a temporary folder."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.bus.opening import open_bus
from gateway.bus.port import Bus
from gateway.domain.identity import Identity
from gateway.domain.province import Province
from gateway.files.local import LocalFiles
from gateway.projections.sqlite import SqliteDocuments
from gateway.runtime.bounded_child import BoundedChildren
from gateway.runtime.metrics import Metrics
from gateway.runtime.province_folder import load_province
from gateway.store.sqlite import SqliteStore
from gateway.vault.provider import FileKeyProvider
from gateway.vault.sqlite import SqliteVault
from services.web_ingest.app import create_app
from services.web_ingest.settings import WebSettings
from services.web_ingest.web import Web
from tests.pipeline.web.harness import AGENCY_KEY, APP_KEY, OPERATOR_KEY, Channel, Clock, browser, hashed

PROVINCE = Path(__file__).parents[3] / "deploy/provinces/binh_phuoc"


@pytest.fixture(scope="session")
def province() -> Province:
    return load_province(PROVINCE)


@pytest.fixture
def settings() -> WebSettings:
    return WebSettings(
        _env_file=None,
        app_keys={"bpt": hashed(APP_KEY)},
        operator_keys={"op_lan": hashed(OPERATOR_KEY)},
        agency_keys={"cap_thoat_nuoc": hashed(AGENCY_KEY), "dn_dien_luc": hashed(f"other {AGENCY_KEY}")},
    )


@pytest.fixture
async def bus(tmp_path: Path, clock: Clock) -> AsyncIterator[Bus]:
    opened = open_bus(f"sqlite:///{tmp_path / 'bus'}", "web_ingest.receive", clock=clock)
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def channel(
    tmp_path: Path, bus: Bus, clock: Clock, settings: WebSettings, province: Province
) -> AsyncIterator[Channel]:
    keys = tmp_path / "master.key"
    keys.write_text("11" * 32)
    keys.chmod(0o600)
    vault = SqliteVault(tmp_path / "vault.db", FileKeyProvider(keys))
    web = Web(
        bus=bus,
        files=LocalFiles(tmp_path / "files", vault, b"f" * 32),
        vault=vault,
        store=SqliteStore(tmp_path / "store.db"),
        documents=SqliteDocuments(tmp_path / "documents.db"),
        identity=Identity(b"i" * 32),
        province=province,
        settings=settings,
        session_key=b"s" * 32,
        clock=clock,
        metrics=Metrics(),
        children=BoundedChildren(),
        check_room=lambda: None,
        trial=True,
    )
    app = create_app(web)
    async with browser(app) as client:
        yield Channel(web, app, client, clock, tmp_path)
    await web.children.close()
    for port in (web.documents, web.files, web.store, web.vault):
        await port.close()
