"""The carrier and what asks Facebook, on real adapters, with a Facebook of their own and a clock that a test moves."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.bus.opening import open_bus
from gateway.bus.port import Bus
from gateway.domain.identity import Identity
from gateway.domain.province import Province
from gateway.projections.sqlite import SqliteDocuments
from gateway.runtime.correspondents import Correspondents
from gateway.runtime.metrics import Metrics
from gateway.runtime.province_folder import load_province
from gateway.runtime.successors import Successors
from gateway.store.sqlite import SqliteStore
from gateway.vault.provider import FileKeyProvider
from gateway.vault.sqlite import SqliteVault
from services.facebook_ingest.calls import Calls
from services.facebook_ingest.graph import Graph
from services.facebook_ingest.graph_api import Access
from services.facebook_ingest.page import Page
from services.facebook_ingest.page_token import PageToken
from services.facebook_ingest.send import FacebookCarrier, Ports
from services.facebook_ingest.upkeep import Upkeep
from tests.channels.facebook.desk import Clock, Desk
from tests.channels.facebook.looking_after import copy_of_upkeep
from tests.channels.facebook.town import APP, PAGE, SECRET, TOKEN, write_token
from tests.fakes.facebook.server import FakeFacebook

PROVINCE = Path(__file__).parents[3] / "deploy/provinces/binh_phuoc"
VERSION = "v25.0"
SECONDS = 2.0


@pytest.fixture(scope="session")
def province() -> Province:
    return load_province(PROVINCE)


@pytest.fixture
async def desk(tmp_path: Path, province: Province) -> AsyncIterator[Desk]:
    """Everything that speaks to Facebook, without the stages around it."""
    keys = tmp_path / "master.key"
    keys.write_text("11" * 32)
    keys.chmod(0o600)
    write_token(tmp_path / "page.token", TOKEN)
    clock = Clock()
    vault = SqliteVault(tmp_path / "vault.db", FileKeyProvider(keys))
    store, documents = SqliteStore(tmp_path / "store.db"), SqliteDocuments(tmp_path / "documents.db")
    identity = Identity(b"i" * 32)
    ports = Ports(
        store=store,
        correspondents=Correspondents(documents, vault, "facebook"),
        identity=identity,
        successors=Successors(vault, store, identity),
        province=province,
        metrics=Metrics(),
        clock=clock,
    )
    fake = FakeFacebook(page=PAGE, app=APP, app_secret=SECRET, tokens={TOKEN}, clock=clock.seconds)
    async with fake:
        token, page = PageToken(tmp_path / "page.token"), Page(PAGE, APP)
        secret = SECRET.encode()

        def carrier(*, human_agent: bool = False, base: str = "") -> FacebookCarrier:
            calls = Calls(base=base or fake.address, version=VERSION, app_secret=secret, seconds=SECONDS)
            return FacebookCarrier(calls, token, page, ports, human_agent=human_agent)

        graph = Graph(Access(f"{fake.address}/", VERSION, secret, seconds=SECONDS), token)
        found = Desk(fake, clock, ports, documents, graph, token, tmp_path, carrier)
        yield found
        await found.close()
    for port in (documents, store, vault):
        await port.close()


@pytest.fixture
async def bus(desk: Desk) -> AsyncIterator[Bus]:
    opened = open_bus(f"sqlite:///{desk.folder / 'bus'}", "facebook_ingest.upkeep", clock=desk.clock)
    yield opened
    await opened.close()


@pytest.fixture
def upkeep(desk: Desk, bus: Bus) -> Upkeep:
    return copy_of_upkeep(desk, bus, "one")
