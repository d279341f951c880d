"""Keeps one bad record from stopping the line, and a bad release from emptying the line into the dead letters."""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import uuid5

from gateway.bus.limits import check
from gateway.bus.port import Handler, Record
from gateway.domain.identity import NAMESPACE
from gateway.domain.tracing import following, trace_id
from gateway.errors import Conflict, Invalid, Unavailable
from gateway.runtime.histories import to_message
from gateway.runtime.logs import tracing
from gateway.runtime.metrics import Metrics
from schemas.dead_letter import DeadLetter, DeadLetterPersonal
from schemas.envelope import Message

log = logging.getLogger(__name__)

WINDOW = 100
MOST_BAD = 20
"""More than 20 bad ones among the last 100 records: something is wrong with us, not with them."""

HALTED_RETRY_SECONDS = 30.0


class Guard:
    """Wraps a stage's handler: `Invalid` and unforeseen errors become dead letters, unless most records go bad.

    Then the stage halts: bad records stay in their place and are tried again, until one can be handled.
    """

    def __init__(
        self, handler: Handler, *, stage: str, group: str, metrics: Metrics, clock: Callable[[], datetime]
    ) -> None:
        """Guard `handler` of `stage`, which consumes as `group`."""
        self._handler = handler
        self._stage = stage
        self._group = group
        self._metrics = metrics
        self._clock = clock
        self._bad: deque[bool] = deque(maxlen=WINDOW)
        self._halted = False

    async def __call__(self, record: Record) -> Sequence[Message]:
        """Handle a record within its trace; raises `Unavailable` only, which the bus retries in place."""
        with tracing(trace_id(record.message)):
            return await self._guarded(record)

    async def _guarded(self, record: Record) -> Sequence[Message]:
        try:
            followed = [following(record.message, self._stage, message) for message in await self._handler(record)]
            # What the bus would refuse must be found here: there it would end the consumer, again and again.
            check(followed)
        except Unavailable:
            raise
        except Conflict as error:
            raise Unavailable("contended", error.reason, retry_after=0.2) from error
        except Invalid as error:
            return [self._dead_letter(record, error.reason, error.detail)]
        except Exception as error:  # noqa: BLE001 - a fault of ours is kept as a dead letter with its class, not lost
            # The traceback would quote values of the record; class and place of the fault are enough to find it.
            return [self._dead_letter(record, "unexpected", _place_of(error))]
        self._bad.append(False)
        if self._halted:
            self._go_on()
        self._metrics.handled.labels(self._stage, record.message.topic.split(".")[0]).inc()
        return followed

    def _dead_letter(self, record: Record, reason: str, detail: str) -> Message:
        self._bad.append(True)
        if self._halted or sum(self._bad) > MOST_BAD:
            self._halted = True
            self._metrics.halted.labels(self._stage).set(1)
            log.critical("stage_halted", extra={"stage": self._stage, "reason": reason, "detail": detail})
            raise Unavailable("stage_halted", "Most records go bad.", retry_after=HALTED_RETRY_SECONDS)
        self._metrics.dead_letters.labels(self._stage, reason).inc()
        log.error("dead_letter", extra={"stage": self._stage, "reason": reason, "detail": detail})
        message = record.message
        letter = DeadLetter(
            id=uuid5(NAMESPACE, f"dead/{self._group}/{message.id}/{record.partition}/{record.offset}"),
            topic=message.topic,
            group=self._group,
            key=message.key,
            message_id=message.id,
            message_type=message.type,
            message_source=message.source,
            message_time=message.time,
            message_traceparent=message.traceparent,
            stage=self._stage,
            reason=reason,
            detail=detail[:500],
            at=self._clock(),
            personal=DeadLetterPersonal(value=message.value),
        )
        put_aside = to_message("dlq", self._stage, letter, source=self._stage, at=letter.at)
        return following(message, self._stage, put_aside)

    def _go_on(self) -> None:
        """A record that can be handled shows that the fault is not with us, or no longer."""
        self._halted = False
        self._bad.clear()
        self._metrics.halted.labels(self._stage).set(0)
        log.warning("stage_goes_on", extra={"stage": self._stage})


def replayed(letter: DeadLetter) -> Message:
    """The message of a dead letter as it was, for putting it back on its topic."""
    return Message(
        topic=letter.topic,
        key=letter.key,
        id=letter.message_id,
        type=letter.message_type,
        source=letter.message_source,
        time=letter.message_time,
        value=letter.personal.value,
        traceparent=letter.message_traceparent,
    )


def _place_of(error: Exception) -> str:
    place = "an unknown place"
    trace = error.__traceback__
    while trace is not None:
        # Generated code has a file name without any folder, such as `<string>`.
        place = f"{'/'.join(trace.tb_frame.f_code.co_filename.split('/')[-2:])}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{type(error).__name__} at {place}"
