"""What whoever runs a cluster asks of its topics: are they as declared, and is one there before its use."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gateway.bus.opening import KAFKA
from gateway.errors import Invalid

if TYPE_CHECKING:
    from gateway.bus.kafka.comparing import Actual


async def actual_topics(url: str) -> "Mapping[str, Actual]":
    """The topics of a deployment on Kafka, and in what each differs; nothing for the embedded bus, which has no such.

    Raises `Invalid` for a wrong URL, and `Unavailable`.
    """
    if not url.startswith(KAFKA):
        return {}
    from gateway.bus import kafka  # noqa: PLC0415 - a deployment needs the driver of its own bus only

    return await kafka.actual_topics(url)


async def make_topics(url: str, names: Sequence[str]) -> None:
    """Make those that are missing, as declared; raises `Invalid` or `Unavailable`."""
    if not url.startswith(KAFKA):
        raise Invalid("embedded_bus", "The bus lies in the data folder, where topics need not be made.")
    from gateway.bus import kafka  # noqa: PLC0415 - as above

    await kafka.make_topics(url, names)
