"""Data that many unit tests share: the real province folder, loaded once."""

from pathlib import Path

import pytest

from gateway.domain.province import Province
from gateway.runtime.province_folder import load_province
from services.normalizer.lexicon import load_lexicon
from services.normalizer.settle import Rules

FOLDER = Path(__file__).parents[2] / "deploy" / "provinces" / "binh_phuoc"


@pytest.fixture(scope="session")
def province() -> Province:
    return load_province(FOLDER)


@pytest.fixture(scope="session")
def rules(province: Province) -> Rules:
    return Rules(province, load_lexicon(FOLDER / "lexicon"))
