"""The whole gateway with the SMS channel beside its own: exactly the two lines that adding a channel takes."""

from gateway.errors import GatewayError
from gateway.runtime.settings import load_settings
from schemas.topics import CHANNELS
from services import all_in_one
from tests.channels.sms.sms_ingest import wiring


def main() -> None:
    """Run it."""
    CHANNELS["sms"] = "sms_ingest"
    all_in_one.OPENERS = (*all_in_one.OPENERS, wiring.opened)
    try:
        all_in_one.run_process(load_settings())
    except GatewayError as error:
        raise SystemExit(str(error)) from error


if __name__ == "__main__":
    main()
