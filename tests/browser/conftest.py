"""Debian's Chromium without a screen, one window with JavaScript and one without, and the real gateway to talk to."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

from tests.browser.citizen import EMPTY_PAGE, on_phone
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
    "--window-size=390,844",
)
"""Nothing but the gateway is to be talked to."""

NO_JAVASCRIPT = {"profile.managed_default_content_settings.javascript": 2}
OURSELVES = ("data:", "about:", "chrome-error:")
"""Addresses that leave the browser without a request."""


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayProcess]:
    """A gateway of its own for all browser tests."""
    running = GatewayProcess(tmp_path_factory.mktemp("browser") / "data").start()
    try:
        yield running.ready()
    finally:
        running.stop()


@pytest.fixture(scope="session")
def scripted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """The browser that runs JavaScript; `window` lends it out."""
    with opened(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture(scope="session")
def scriptless(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """The browser with JavaScript switched off; `plain_window` lends it out."""
    with opened(tmp_path_factory.mktemp("profile"), prefs=NO_JAVASCRIPT) as browser:
        yield browser


@pytest.fixture
def window(scripted: Chrome, gateway: GatewayProcess) -> Iterator[Chrome]:
    """A phone's window without a past; that nothing was reported or asked of other hosts is looked at afterwards."""
    forget(scripted)
    yield scripted
    check_quiet(scripted, gateway)


@pytest.fixture
def plain_window(scriptless: Chrome, gateway: GatewayProcess) -> Iterator[Chrome]:
    """The same without JavaScript."""
    forget(scriptless)
    yield scriptless
    check_quiet(scriptless, gateway)


@contextmanager
def opened(profile: Path, **options: dict[str, int]) -> Iterator[Chrome]:
    """A browser on a fresh profile; without Chromium the test is skipped, or fails where a browser is required."""
    if BROWSER is None or DRIVER is None:
        reason = "needs Debian's chromium and chromium-driver"
        if REQUIRED:
            pytest.fail(reason)
        pytest.skip(reason)
    wanted = ChromeOptions()
    wanted.binary_location = BROWSER
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        wanted.add_argument(flag)
    for name, value in options.items():
        wanted.add_experimental_option(name, value)
    wanted.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    browser = Chrome(options=wanted, service=Service(executable_path=DRIVER))
    try:
        yield browser
    finally:
        browser.quit()


def forget(browser: Chrome) -> None:
    """Leave the last test's page, cookies and records behind."""
    browser.get(EMPTY_PAGE)
    browser.execute_cdp_cmd("Network.clearBrowserCookies", {})
    on_phone(browser)
    for kind in ("browser", "performance"):
        log_of(browser, kind)


def log_of(browser: Chrome, kind: str) -> list[dict[str, Any]]:
    """What was recorded since it was last asked for."""
    found: list[dict[str, Any]] = browser.get_log(kind)  # type: ignore[no-untyped-call]  # selenium gives it no types
    return found


def check_quiet(browser: Chrome, gateway: GatewayProcess) -> None:
    """No error or violated policy in the console but answers' statuses, and every request went to the gateway."""
    said = [entry for entry in log_of(browser, "browser") if entry["level"] in ("WARNING", "SEVERE")]
    assert [entry["message"] for entry in said if entry["source"] != "network"] == []
    events = [json.loads(entry["message"])["message"] for entry in log_of(browser, "performance")]
    asked = [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]
    assert asked
    assert [url for url in asked if not url.startswith((gateway.address, *OURSELVES))] == []
