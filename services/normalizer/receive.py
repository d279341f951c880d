"""Where the normalizer's work comes in: one handler per topic, each ending in one commit and its messages."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from gateway.bus.port import Record
from gateway.domain.draft import Draft
from gateway.domain.identity import stub_cause
from gateway.errors import Invalid
from gateway.runtime.histories import Histories, Recorded
from gateway.runtime.metrics import Metrics
from gateway.runtime.parsing import parsed
from schemas.commands import CorrectReading, ReviewCommand, SettleWithdrawal
from schemas.conversation import HISTORY_PREFIX, ConversationEvent, DataWithdrawn, Decided, history_of
from schemas.dead_letter import DeadLetter
from schemas.envelope import Message
from schemas.files import AttachmentLost, AttachmentStored
from schemas.inbound import Ignored, Inbound, StaffMessage, Unreadable, Withdrawn
from schemas.reply import ReplyEvent
from schemas.timer import TimerDue
from schemas.topics import CHANNELS
from schemas.vocabulary import EMERGENCIES, IgnoreReason, OutcomeKind
from services.normalizer.beside import on_ignored, on_staff_message
from services.normalizer.conversation import Conversation, empty
from services.normalizer.correct import on_correction
from services.normalizer.decide import on_inbound, on_timer
from services.normalizer.publish import messages_of
from services.normalizer.review import on_attachment, on_reply_event, on_review
from services.normalizer.settle import Rules
from services.normalizer.unreadable import on_fault, on_unreadable
from services.normalizer.withdraw import on_settlement, on_withdrawn, settled_after_erasure

DATA_WITHDRAWN = "data_withdrawn"

Decide = Callable[[Conversation], Draft[ConversationEvent]]


class Normalizer:
    """The one writer of `conversation/<account>`."""

    def __init__(
        self,
        histories: Histories[Conversation, ConversationEvent],
        rules: Rules,
        *,
        clock: Callable[[], datetime],
        metrics: Metrics,
    ) -> None:
        """Take the histories it writes, the rules it decides by, and the clock."""
        self._histories = histories
        self._rules = rules
        self._clock = clock
        self._metrics = metrics
        self._show_from_the_start()

    async def inbound(self, record: Record) -> Sequence[Message]:
        """A citizen's message or the stub of one, staff's words, a withdrawal, or an event that is none of these."""
        now = self._clock()
        match record.message.type:
            case Ignored.TYPE:
                return await self._ignored(parsed(Ignored, record), now)
            case StaffMessage.TYPE:
                staff = parsed(StaffMessage, record)
                return await self._beside(staff.account, staff.id, now, lambda s: on_staff_message(s, staff))
            case Withdrawn.TYPE:
                taken = parsed(Withdrawn, record)
                return await self._beside(
                    taken.account, taken.id, now, lambda s: on_withdrawn(s, taken, self._rules, now)
                )
            case Unreadable.TYPE:
                stub = parsed(Unreadable, record)
                cause = stub_cause(stub.id)
                return await self._change(stub.account, cause, now, lambda s: on_unreadable(s, stub, self._rules, now))
            case _:
                said = parsed(Inbound, record)
                return await self._change(said.account, said.id, now, lambda s: on_inbound(s, said, self._rules, now))

    async def _ignored(self, ignored: Ignored, now: datetime) -> Sequence[Message]:
        """What the citizen sent has its place in the conversation; a receipt or a reaction is only counted."""
        self._metrics.ignored.labels(ignored.channel, ignored.reason).inc()
        if ignored.account is None or not ignored.sent_by_citizen:
            return ()
        return await self._beside(ignored.account, ignored.id, now, lambda s: on_ignored(s, ignored))

    async def inbound_stub(self, record: Record, letter: DeadLetter) -> Sequence[Message]:  # noqa: ARG002 - a stub maker's
        """Records a message that deciding failed on, for a person to decide; raises `Invalid` where there is none.

        A record that is no readable `Inbound` has nobody to record it for.
        """
        message = parsed(Inbound, record)
        now = self._clock()
        cause = stub_cause(message.id)
        return await self._change(message.account, cause, now, lambda s: on_fault(s, message, self._rules, now))

    async def timers(self, record: Record) -> Sequence[Message]:
        """A due time; those of other services' histories are not ours."""
        timer = parsed(TimerDue, record)
        if not timer.history.startswith(HISTORY_PREFIX):
            return ()
        account = timer.history.removeprefix(HISTORY_PREFIX)
        now = self._clock()
        return await self._beside(account, timer.id, now, lambda s: on_timer(s, timer, self._rules, now))

    async def submission_commands(self, record: Record) -> Sequence[Message]:
        """An operator's verdict, a message that was read again, or a withdrawal that was seen to."""
        now = self._clock()
        if record.message.type == SettleWithdrawal.TYPE:
            done = parsed(SettleWithdrawal, record)
            return await self._change(
                done.account, done.id, now, lambda s: on_settlement(s, done, now), erased=settled_after_erasure(done)
            )
        if record.message.type == CorrectReading.TYPE:
            again = parsed(CorrectReading, record)
            return await self._change(again.account, again.id, now, lambda s: on_correction(s, again, self._rules, now))
        command = parsed(ReviewCommand, record)
        return await self._change(command.account, command.id, now, lambda s: on_review(s, command, self._rules, now))

    async def media(self, record: Record) -> Sequence[Message]:
        """An attachment that was fetched or lost."""
        stored = record.message.type == AttachmentStored.TYPE
        change = parsed(AttachmentStored, record) if stored else parsed(AttachmentLost, record)
        now = self._clock()
        return await self._beside(change.account, change.id, now, lambda s: on_attachment(s, change, now))

    async def reply_events(self, record: Record) -> Sequence[Message]:
        """How a reply ended; those caused by tickets are not ours."""
        event = parsed(ReplyEvent, record)
        if not event.history.startswith(HISTORY_PREFIX):
            return ()
        return await self._beside(event.account, event.id, self._clock(), lambda _: on_reply_event(event))

    async def _beside(self, account: str, cause: UUID, now: datetime, decide: Decide) -> Sequence[Message]:
        """A change that puts no matter: where the citizen's data was erased, what it is in an empty conversation."""
        return await self._change(account, cause, now, decide, erased=decide(empty()))

    async def _change(
        self,
        account: str,
        cause: UUID,
        now: datetime,
        decide: Decide,
        *,
        erased: Draft[ConversationEvent] | None = None,
    ) -> Sequence[Message]:
        """Record what is decided, or `erased` without its personal part where the citizen's data was erased."""
        history = history_of(account)
        try:
            recorded, _ = await self._histories.change(history, owner=account, cause=cause, at=now, decide=decide)
        except Invalid as error:
            if error.reason != "erased" or erased is None:
                raise
            recorded = await self._histories.after_erasure(history, owner=account, cause=cause, at=now, draft=erased)
        self._count(recorded)
        return messages_of(recorded)

    def _show_from_the_start(self) -> None:
        """What has not happened yet is shown as 0, so that the first time is seen as an increase."""
        for channel in CHANNELS:
            for kind in OutcomeKind:
                self._metrics.outcomes.labels(channel, kind)
            for reason in IgnoreReason:
                self._metrics.ignored.labels(channel, reason)
        for label in (*EMERGENCIES, DATA_WITHDRAWN):
            self._metrics.alerts.labels(label)

    def _count(self, recorded: Recorded[ConversationEvent]) -> None:
        for event in recorded.events:
            if isinstance(event, Decided):
                label = event.classification.best.label if event.classification is not None else "none"
                self._metrics.outcomes.labels(event.channel, event.outcome.kind).inc()
                self._metrics.judgements.labels(label, event.outcome.kind, event.language or "unknown").inc()
                if event.alert:
                    self._metrics.alerts.labels(label).inc()
            if isinstance(event, DataWithdrawn):
                self._metrics.alerts.labels(DATA_WITHDRAWN).inc()
