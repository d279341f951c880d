"""`python -m services`: all services in one process; `gateway up` is the same with friendlier output."""

import sys

from gateway.errors import GatewayError
from gateway.runtime.settings import load_settings
from services.all_in_one import run_process

if __name__ == "__main__":
    try:
        run_process(load_settings())
    except GatewayError as error:
        faults: tuple[str, ...] = getattr(error, "errors", ())
        sys.exit("\n  ".join((str(error), *faults)))
