"""What every test run says about itself at its head."""

from tests.contract import bus_adapters
from tests.servers import mongo


def pytest_report_header() -> list[str]:
    """Say which adapters the contract suites run on: a skipped one must be seen."""
    return [bus_adapters.report(), mongo.report()]


def pytest_sessionfinish() -> None:
    """Stop the servers that tests started."""
    mongo.SHARED.stop()
