"""Keeps one bad record from stopping the line, and a bad release from emptying the line into the dead letters."""

import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
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

UNEXPECTED = "unexpected"
"""The reason of a fault of ours that no rule foresaw."""

StubMaker = Callable[[Record, DeadLetter], Awaitable[Sequence[Message]]]
"""From a record that was put aside, and its dead letter, to what takes its place in the order.

Called again when the completion was not durable, so it must give the same again. `Invalid` says that there can be no
stub, such as for a record whose envelope cannot be read either; `Unavailable` is retried in place, as for a handler.
"""


@dataclass(frozen=True, slots=True)
class _Fault:
    """Why something failed for good, without any value of the record."""

    reason: str
    detail: str


class Guard:
    """Wraps a stage's handler: `Invalid` and unforeseen errors become dead letters, unless most records go bad.

    Beside a dead letter, and in the same completion, a stub takes the record's place where the stage can make one.
    When most go bad the stage halts: bad records stay in their place and are tried again, until one can be handled.
    """

    def __init__(
        self,
        handler: Handler,
        *,
        stage: str,
        group: str,
        metrics: Metrics,
        clock: Callable[[], datetime],
        stub: StubMaker | None = None,
    ) -> None:
        """Guard `handler` of `stage`, which consumes as `group`; `stub` makes what stands in for a bad record."""
        self._handler = handler
        self._stage = stage
        self._group = group
        self._metrics = metrics
        self._clock = clock
        self._stub = stub
        self._bad: deque[bool] = deque(maxlen=WINDOW)
        self._halted = False
        self._seconds = metrics.stage_seconds.labels(stage)
        metrics.halted.labels(stage).set(0)
        metrics.dead_letters.labels(stage, UNEXPECTED)
        for state in ("made", "failed"):
            metrics.stubs.labels(stage, state)

    async def __call__(self, record: Record) -> Sequence[Message]:
        """Handle a record within its trace; raises `Unavailable` only, which the bus retries in place."""
        with tracing(trace_id(record.message)):
            return await self._handled(record)

    async def _handled(self, record: Record) -> Sequence[Message]:
        followed = await _tried(self._in_trace(record, self._handler(record)))
        if isinstance(followed, _Fault):
            return await self._put_aside(record, followed)
        self._bad.append(False)
        if self._halted:
            self._go_on()
        self._metrics.handled.labels(self._stage, record.message.topic.split(".")[0]).inc()
        self._seconds.observe(max(0.0, (self._clock() - record.published_at).total_seconds()))
        return followed

    async def _in_trace(self, record: Record, work: Awaitable[Sequence[Message]]) -> Sequence[Message]:
        """What follows, in the record's trace: part of the attempt, since it counts for the size of a message."""
        return [following(record.message, self._stage, message) for message in await work]

    async def _put_aside(self, record: Record, fault: _Fault) -> Sequence[Message]:
        self._bad.append(True)
        if self._halted or sum(self._bad) > MOST_BAD:
            self._halted = True
            self._metrics.halted.labels(self._stage).set(1)
            log.critical("stage_halted", extra={"stage": self._stage, "reason": fault.reason, "detail": fault.detail})
            raise Unavailable("stage_halted", "Most records go bad.", retry_after=HALTED_RETRY_SECONDS)
        letter = self._dead_letter(record, fault)
        try:
            stub = await self._stub_of(record, letter)
        except Unavailable:
            # The record will come again and be counted then: one that waits must not halt the others.
            with suppress(ValueError):
                self._bad.remove(True)
            raise
        self._metrics.dead_letters.labels(self._stage, fault.reason).inc()
        log.error("dead_letter", extra={"stage": self._stage, "reason": fault.reason, "detail": fault.detail})
        put_aside = to_message("dlq", self._stage, letter, source=self._stage, at=letter.at)
        return [following(record.message, self._stage, put_aside), *stub]

    async def _stub_of(self, record: Record, letter: DeadLetter) -> Sequence[Message]:
        """What takes the record's place; nothing, and a word about it, when that fails for good as well."""
        if self._stub is None:
            return ()
        made = await _tried(self._in_trace(record, self._stub(record, letter)))
        if isinstance(made, _Fault):
            self._metrics.stubs.labels(self._stage, "failed").inc()
            log.error("no_stub", extra={"stage": self._stage, "reason": made.reason, "detail": made.detail})
            return ()
        self._metrics.stubs.labels(self._stage, "made").inc()
        return made

    def _dead_letter(self, record: Record, fault: _Fault) -> DeadLetter:
        message = record.message
        return DeadLetter(
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
            reason=fault.reason,
            detail=fault.detail[:500],
            at=self._clock(),
            personal=DeadLetterPersonal(value=message.value),
        )

    def _go_on(self) -> None:
        """A record that can be handled shows that the fault is not with us, or no longer."""
        self._halted = False
        self._bad.clear()
        self._metrics.halted.labels(self._stage).set(0)
        log.warning("stage_goes_on", extra={"stage": self._stage})


async def _tried(work: Awaitable[Sequence[Message]]) -> Sequence[Message] | _Fault:
    """What follows, or why it never will; raises `Unavailable` only."""
    try:
        followed = await work
        # What the bus would refuse must be found here: there it would end the consumer, again and again.
        check(followed)
    except Unavailable:
        raise
    except Conflict as error:
        raise Unavailable("contended", error.reason, retry_after=0.2) from error
    except Invalid as error:
        return _Fault(error.reason, error.detail)
    except Exception as error:  # noqa: BLE001 - a fault of ours is kept as a dead letter with its class, not lost
        # The traceback would quote values of the record; class and place of the fault are enough to find it.
        return _Fault(UNEXPECTED, _place_of(error))
    return followed


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
