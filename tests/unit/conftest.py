"""What many unit tests share: the real province folder, loaded once, a ticket that is with an agency, and senders."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.domain.province import Province
from gateway.runtime.deployment import open_deployment
from gateway.runtime.province_folder import load_province
from services.normalizer.settle import Rules
from tests.read_once import load_lexicon
from tests.unit.answering_agency import Played
from tests.unit.filled import settings_of
from tests.unit.sending_bench import Bench, opened

FOLDER = Path(__file__).parents[2] / "deploy" / "provinces" / "binh_phuoc"


@pytest.fixture(scope="session")
def province() -> Province:
    return load_province(FOLDER)


@pytest.fixture(scope="session")
def rules(province: Province) -> Rules:
    return Rules(province, load_lexicon(FOLDER / "lexicon"))


@pytest.fixture
async def played(tmp_path: Path) -> AsyncIterator[Played]:
    deployment = await open_deployment(settings_of(tmp_path / "data"))
    found = Played(deployment)
    await found.begin()
    yield found
    await deployment.close()


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with opened(tmp_path) as made:
        yield made
