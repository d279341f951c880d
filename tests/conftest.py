"""What every test run says about itself."""

import pytest

from tests.contract import bus_adapters


def pytest_report_header() -> list[str]:
    """Say which adapters the contract suites run on: a skipped one must be seen."""
    return [bus_adapters.report()]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say it at the end where a quiet run has no head."""
    if not terminalreporter.showheader:
        for line in pytest_report_header():
            terminalreporter.write_line(line)
