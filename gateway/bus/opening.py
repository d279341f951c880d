"""Chooses the bus's adapter by URL, so that a deployment's settings and nothing else name it."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from gateway.bus.limits import MAX_MESSAGE_BYTES
from gateway.bus.port import Bus
from gateway.errors import Invalid

SQLITE = "sqlite:///"
KAFKA = "kafka://"


def open_bus(
    url: str,
    stage: str,
    *,
    clock: Callable[[], datetime],
    max_message_bytes: int = MAX_MESSAGE_BYTES,
    lease_seconds: float = 10.0,
    beside: Bus | None = None,
) -> Bus:
    """The bus of a producing stage, such as `normalizer`.

    `max_message_bytes` bounds a message with its key and attributes; an owner that gives no sign of life for
    `lease_seconds` loses its group to a waiting copy. `beside` is another bus of this process under the same URL, with
    which this one shares what can be shared.

    `sqlite:///<folder>`: what follows the third slash is the folder's path, so `sqlite:////srv/…` is absolute.
    `kafka://host:port[,host:port…][/prefix]`: a Kafka cluster, with further settings in `KAFKA_…` variables.
    Raises `Invalid("unknown_bus")` for another scheme or an empty path, `Invalid("bad_stage")`, and `Unavailable`
    when the folder cannot be made.
    """
    if url.startswith(KAFKA):
        from gateway.bus.kafka import open_kafka  # noqa: PLC0415 - a deployment needs the driver of its own bus only

        return open_kafka(url, stage, clock=clock, max_message_bytes=max_message_bytes, session_seconds=lease_seconds)
    path = url.removeprefix(SQLITE)
    if path in (url, ""):
        raise Invalid("unknown_bus", "The bus's URL is sqlite:///folder or kafka://host:port.")
    from gateway.bus.sqlite import SqliteBus  # noqa: PLC0415 - as above

    return SqliteBus(
        Path(path),
        stage,
        max_message_bytes=max_message_bytes,
        clock=clock,
        lease_seconds=lease_seconds,
        beside=beside if isinstance(beside, SqliteBus) else None,
    )


async def unsafe_settings(url: str) -> Sequence[str]:
    """What about a deployment's bus could lose messages, a sentence each; production refuses to start on any.

    The embedded bus has no settings that could. Raises `Invalid` for a wrong URL, and `Unavailable`.
    """
    if not url.startswith(KAFKA):
        return ()
    from gateway.bus import kafka  # noqa: PLC0415 - a deployment needs the driver of its own bus only

    return await kafka.unsafe_settings(url)


def check_settings(url: str) -> None:
    """Read what a deployment says of its bus, without asking anybody; raises `Invalid`."""
    if url.startswith(KAFKA):
        from gateway.bus import kafka  # noqa: PLC0415 - as above

        kafka.check_settings(url)


def bus_away_seconds(url: str) -> float:
    """How long this process has heard nothing of its bus; 0 while it answers, as the embedded one always does."""
    if not url.startswith(KAFKA):
        return 0.0
    from gateway.bus import kafka  # noqa: PLC0415 - as above

    return kafka.away_seconds(url)
