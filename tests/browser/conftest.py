"""Debian's Chromium without a screen, on a fresh profile, and the real gateway for it to talk to."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

from tests.gateway_process import GatewayProcess

BROWSER, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
REQUIRED = os.environ.get("REQUIRE_BROWSER") == "1"

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""Nothing but the gateway is to be talked to."""

PHONE = "360,740"
"""A small phone's window, in points."""

Opened = Callable[..., Chrome]


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayProcess]:
    """A gateway of its own for all browser tests."""
    running = GatewayProcess(tmp_path_factory.mktemp("browser") / "data").start().ready()
    yield running
    running.stop()


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    """Opens a browser window: `opened()`, or `opened(javascript=False)`."""
    if BROWSER is None or DRIVER is None:
        reason = "needs Debian's chromium and chromium-driver"
        if REQUIRED:
            pytest.fail(reason)
        pytest.skip(reason)
    with ExitStack() as windows:

        def open_one(*, javascript: bool = True) -> Chrome:
            options = ChromeOptions()
            options.binary_location = str(BROWSER)
            for flag in (*FLAGS, f"--window-size={PHONE}", f"--user-data-dir={tmp_path / 'profile'}"):
                options.add_argument(flag)
            if not javascript:
                options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
            window = Chrome(options=options, service=Service(executable_path=str(DRIVER)))
            windows.callback(window.quit)
            return window

        yield open_one
