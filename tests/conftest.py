"""What every test run says about itself."""

import gc
import os
from collections.abc import Generator, Iterator

import pytest

from gateway.runtime import deployment
from services.normalizer import wiring as normalizer
from tests import read_once
from tests.contract import bus_adapters
from tests.servers import mongo


def pytest_report_header() -> list[str]:
    """Say which adapters the contract suites run on: a skipped one must be seen."""
    return [bus_adapters.report(), mongo.report()]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say it at the end where a quiet run has no head."""
    if not terminalreporter.showheader:
        for line in pytest_report_header():
            terminalreporter.write_line(line)


def pytest_xdist_auto_num_workers() -> int:
    """Two processes a core, since slow tests mostly wait for servers; more than four would only crowd memory."""
    return min(4, 2 * len(os.sched_getaffinity(0)))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that have slow tests, so that the last minutes are not one process's alone."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Search for no garbage while tests are collected: what they consist of stays, and looking took a third of it."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


@pytest.fixture(scope="session", autouse=True)
def province_read_once() -> Iterator[None]:
    """Let services that tests start within this process share what they read of the province."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(deployment, "load_province", read_once.load_province)
        patch.setattr(normalizer, "load_lexicon", read_once.load_lexicon)
        yield


def pytest_sessionfinish() -> None:
    """Stop the servers that tests started."""
    mongo.SHARED.stop()
