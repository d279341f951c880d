"""The real province folder, loaded once for all tests of the regulation."""

from pathlib import Path

import pytest

from gateway.domain.province import Province
from gateway.runtime.province_folder import load_province

FOLDER = Path(__file__).parents[2] / "deploy" / "provinces" / "binh_phuoc"


@pytest.fixture(scope="session")
def province() -> Province:
    return load_province(FOLDER)
