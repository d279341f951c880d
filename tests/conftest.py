"""What every test run says about itself."""

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


def pytest_sessionfinish() -> None:
    """Stop the servers that tests started."""
    mongo.SHARED.stop()
