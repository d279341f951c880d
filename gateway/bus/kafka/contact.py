"""Whether this process reaches a cluster: one line when it no longer does, one when it does again, and a figure.

Everything that is asked of Kafka tells here how it ended (`errors.kafka_errors`), and the watchdog asks where nobody
else does. aiokafka tries again by itself some times a second, in each loop of each client, and writes a line each time:
of those that only repeat this, nothing is written while the cluster is away, and otherwise one a minute.
"""

import functools
import logging
import time
from collections.abc import Callable

from gateway.errors import Unavailable

log = logging.getLogger(__name__)

BLIP_SECONDS = 1.0
"""Failures over a shorter time, with an answer after them, are no outage: a leader moved, or one of several brokers."""

REPEAT_SECONDS = 60.0

REFUSED = "kafka_refused"
"""Reason of an answer that is no outage: Kafka is there, and says no."""

REPEATED = {
    "aiokafka": (
        'Unable connect to "%s:%s": %s',
        'Unable to request metadata from "%s:%s": %s',
        "Unable to request metadata from node with id %s: %r",
        "Unable to update metadata from %s",
        "Unable connect to node with id %s: %s",
    ),
    "aiokafka.consumer.fetcher": ("Failed fetch messages from %s: %s", "Failed fetch offsets from %s: %s"),
    "aiokafka.consumer.group_coordinator": (
        "Group Coordinator Request failed: %s",
        "Heartbeat send request failed: %s. Will retry.",
        "Heartbeat session expired - marking coordinator dead",
        "Marking the coordinator dead (node %s)for group %s.",
        "Error sending %s to node %s [%s] -- marking coordinator dead",
        "LeaveGroup request failed: %s",
    ),
    "aiokafka.producer.sender": (
        "FindCoordinator Request failed: %s",
        "Cannot send %r to %s: %r",
        "Could not send %r: %r",
        "Got error produce response: %s",
        "Got error produce response on topic-partition %s, retrying. Error: %s",
    ),
}
"""What aiokafka's loggers write at each attempt, by logger; whatever else they write is left alone."""


class Contact:
    """What this process knows of its way to one cluster."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """All is well until something fails."""
        self._clock = clock
        self._failing_since: float | None = None
        self.away = False
        """Whether the outage was told."""

    @property
    def failing(self) -> bool:
        """Whether the last that was heard is a failure."""
        return self._failing_since is not None

    @property
    def away_seconds(self) -> float:
        """How long nothing has been heard of the cluster; 0 while it answers."""
        return self._clock() - self._failing_since if self.away and self._failing_since is not None else 0.0

    def heard(self) -> None:
        """Kafka did what it was asked."""
        since, was_away = self._failing_since, self.away
        self._failing_since, self.away = None, False
        if was_away and since is not None:
            log.warning("kafka_is_back", extra={"seconds": round(self._clock() - since, 1)})

    def failed(self, error: Unavailable) -> None:
        """Kafka did not; the first time that this has lasted, it is told."""
        if error.reason == REFUSED:
            return
        now = self._clock()
        if self._failing_since is None:
            self._failing_since = now
        elif not self.away and now - self._failing_since >= BLIP_SECONDS:
            self.away = True
            log.warning("kafka_is_away", extra={"reason": error.reason, "detail": error.detail})


class Repetition(logging.Filter):
    """Lets a line of `REPEATED` pass once a minute, and not at all while its cluster is known to be away."""

    def __init__(self, contact: Contact, clock: Callable[[], float] = time.monotonic) -> None:
        """Ask a contact."""
        super().__init__()
        self._contact = contact
        self._clock = clock
        self._last: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is written."""
        text = str(record.msg)
        if text not in REPEATED.get(record.name, ()):
            return True
        now = self._clock()
        if self._contact.failing or now - self._last.get(text, -REPEAT_SECONDS) < REPEAT_SECONDS:
            return False
        self._last[text] = now
        return True


@functools.cache
def contact_to(servers: tuple[str, ...]) -> Contact:  # noqa: ARG001 - it is what is kept apart
    """The one contact of this process to the cluster that is found at these addresses."""
    contact = Contact()
    repetition = Repetition(contact)
    for name in REPEATED:
        logging.getLogger(name).addFilter(repetition)
    return contact
