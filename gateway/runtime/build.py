"""Says which build of the gateway this is."""

from importlib.metadata import PackageNotFoundError, version


def own_version() -> str:
    """The installed version, or `not installed` for a checkout that is run as it lies there."""
    try:
        return version("gateway-1022")
    except PackageNotFoundError:
        return "not installed"
