"""What every test run says about itself."""

import os

import pytest

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
    """One process more than there are cores, since slow tests mostly wait for servers; five would only crowd memory."""
    return min(4, len(os.sched_getaffinity(0)) + 1)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that have slow tests, so that the last minutes are not one process's alone."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def pytest_sessionfinish() -> None:
    """Stop the servers that tests started."""
    mongo.SHARED.stop()
