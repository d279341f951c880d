"""What every test run says about itself at its head."""

from tests.contract import bus_adapters


def pytest_report_header() -> list[str]:
    """Say which adapters the contract suites run on: a skipped one must be seen."""
    return [bus_adapters.report()]
