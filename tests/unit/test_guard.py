"""One bad record becomes a dead letter; when most go bad the stage halts with them still in their place."""

import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from gateway.bus.port import Record
from gateway.domain.personal import split_personal
from gateway.domain.tracing import entering, following
from gateway.errors import Conflict, Invalid, Unavailable
from gateway.runtime.guard import MOST_BAD, WINDOW, Guard, replayed
from gateway.runtime.logs import JsonFormatter
from gateway.runtime.metrics import Metrics
from schemas.dead_letter import DeadLetter
from schemas.envelope import Message

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECRET = "0901234567"


def record(value: bytes = b"{}", offset: int = 1) -> Record:
    message = Message("inbound", "account", str(uuid4()), "vn.1022.inbound.v1", "web_ingest.read", NOON, value)
    return Record(message, "web_ingest.read/0", offset, NOON)


class Stage:
    """A handler that does what its next record says."""

    def __init__(self) -> None:
        """Guard it as a service does."""
        self.metrics = Metrics()
        self.guard = Guard(
            self.handle, stage="normalizer", group="normalizer", metrics=self.metrics, clock=lambda: NOON
        )

    async def handle(self, given: Record) -> Sequence[Message]:
        """Fail in the way that the value names."""
        match given.message.value:
            case b"invalid":
                raise Invalid("malformed", "personal.text")
            case b"unavailable":
                raise Unavailable("database_unavailable", retry_after=3.0)
            case b"conflict":
                raise Conflict("version_taken")
            case b"bug":
                raise ValueError(SECRET)
            case b"generated":
                exec("raise KeyError('x')", {})  # noqa: S102 - code without a file, as dataclasses generate it
            case _:
                return [given.message]
        return []

    async def letters(self, value: bytes) -> list[DeadLetter]:
        """Dead letters that a record with this value becomes."""
        return [DeadLetter.model_validate_json(message.value) for message in await self.guard(record(value))]

    @property
    def halted(self) -> float:
        """What the alarm sees."""
        return float(self.metrics.halted.labels("normalizer")._value.get())


async def test_what_follows_passes_through_in_the_trace_of_its_record() -> None:
    given = record()
    assert await Stage().guard(given) == [following(given.message, "normalizer", given.message)]


async def test_an_invalid_record_becomes_a_dead_letter_that_can_be_put_back() -> None:
    given = record(b"invalid")
    (message,) = await Stage().guard(given)
    letter = DeadLetter.model_validate_json(message.value)
    assert (message.topic, message.type, letter.reason, letter.detail) == (
        "dlq",
        DeadLetter.TYPE,
        "malformed",
        "personal.text",
    )
    assert replayed(letter) == given.message
    assert message == following(given.message, "normalizer", message)


async def test_a_message_that_is_put_back_is_still_in_its_trace() -> None:
    given = replace(record(b"invalid"), message=entering(record(b"invalid").message))
    (message,) = await Stage().guard(given)
    assert replayed(DeadLetter.model_validate_json(message.value)) == given.message


async def test_lines_logged_while_a_record_is_handled_carry_its_trace_id() -> None:
    stage = Stage()
    given = record(b"invalid")
    lines: list[dict[str, str]] = []

    class Listening(logging.Handler):
        """Formats each line where it is logged, as the real handler does."""

        def emit(self, logged: logging.LogRecord) -> None:
            lines.append(json.loads(JsonFormatter().format(logged)))

    listening = Listening()
    logger = logging.getLogger("gateway.runtime.guard")
    logger.addHandler(listening)
    try:
        await stage.guard(given)
        logger.warning("afterwards")
    finally:
        logger.removeHandler(listening)
    assert [(line["event"], line.get("trace_id")) for line in lines] == [
        ("dead_letter", given.message.id.replace("-", "")),
        ("afterwards", None),
    ]


async def test_a_foreign_id_survives_the_way_back() -> None:
    given = record(b"invalid")
    foreign = Message(**{field: getattr(given.message, field) for field in Message.__slots__} | {"id": "A-17"})
    (message,) = await Stage().guard(Record(foreign, "agency/0", 1, NOON))
    assert replayed(DeadLetter.model_validate_json(message.value)).id == "A-17"


async def test_the_same_record_gives_the_same_dead_letter() -> None:
    given = record(b"invalid")
    assert await Stage().guard(given) == await Stage().guard(given)


async def test_a_fault_of_ours_is_kept_with_its_place_and_without_its_text() -> None:
    (letter,) = await Stage().letters(b"bug")
    assert letter.reason == "unexpected"
    assert letter.detail.startswith("ValueError at unit/test_guard.py:")
    assert SECRET not in letter.detail


async def test_a_fault_in_generated_code_is_kept_as_well() -> None:
    (letter,) = await Stage().letters(b"generated")
    assert letter.detail.startswith("KeyError at <string>:")


async def test_the_payload_lies_in_the_personal_part_only() -> None:
    (letter,) = await Stage().letters(b"bug")
    public, parts = split_personal([letter])
    assert "value" not in str(public)
    assert len(parts) == 1


async def test_what_may_pass_is_left_to_the_bus() -> None:
    stage = Stage()
    with pytest.raises(Unavailable) as caught:
        await stage.guard(record(b"unavailable"))
    assert caught.value.retry_after == 3.0
    with pytest.raises(Unavailable, match="contended"):
        await stage.guard(record(b"conflict"))


async def test_a_stage_whose_records_go_bad_halts_and_stays_halted() -> None:
    stage = Stage()
    for _ in range(MOST_BAD):
        assert await stage.letters(b"invalid")
    for _ in range(WINDOW):
        with pytest.raises(Unavailable, match="stage_halted"):
            await stage.guard(record(b"invalid"))
    assert stage.halted == 1


async def test_a_record_that_can_be_handled_lets_the_stage_go_on() -> None:
    stage = Stage()
    for _ in range(MOST_BAD):
        await stage.guard(record(b"bug"))
    with pytest.raises(Unavailable, match="stage_halted"):
        await stage.guard(record(b"bug"))
    assert await stage.guard(record(b"good"))
    assert stage.halted == 0
    assert await stage.letters(b"bug")


async def test_a_few_bad_ones_among_many_never_halt_a_stage() -> None:
    stage = Stage()
    for number in range(WINDOW * 10):
        assert await stage.guard(record(b"invalid" if number % 6 == 0 else b"good"))
    assert stage.halted == 0


async def test_output_that_the_bus_would_refuse_is_a_dead_letter_not_an_end() -> None:
    async def too_much(given: Record) -> Sequence[Message]:
        return [replace(given.message, value=b"x" * 1_000_001)]

    guard = Guard(too_much, stage="normalizer", group="normalizer", metrics=Metrics(), clock=lambda: NOON)
    (message,) = await guard(record())
    assert DeadLetter.model_validate_json(message.value).reason == "message_too_large"


class StubbingStage(Stage):
    """A stage whose bad records get a stub, made in the way that the maker's next fault says."""

    def __init__(self) -> None:
        """Guard it with a stub maker."""
        super().__init__()
        self.asked: list[DeadLetter] = []
        self.fault: Exception | None = None
        self.made: Message | None = None
        self.guard = Guard(
            self.handle,
            stage="normalizer",
            group="normalizer",
            metrics=self.metrics,
            clock=lambda: NOON,
            stub=self.stub,
        )

    async def stub(self, given: Record, letter: DeadLetter) -> Sequence[Message]:
        """Fail as told, or say that there is something unreadable."""
        self.asked.append(letter)
        if self.fault is not None:
            raise self.fault
        return [self.made or replace(given.message, id="stub")]

    def counted(self, state: str) -> float:
        """What the metric says of stubs."""
        return float(self.metrics.stubs.labels("normalizer", state)._value.get())


async def test_a_stub_takes_the_place_of_a_bad_record_beside_its_dead_letter() -> None:
    stage = StubbingStage()
    given = record(b"invalid")
    letter, stub = await stage.guard(given)
    assert letter.topic == "dlq"
    assert stub == following(given.message, "normalizer", replace(given.message, id="stub"))
    assert stage.asked == [DeadLetter.model_validate_json(letter.value)]
    assert (stage.counted("made"), stage.counted("failed")) == (1, 0)


async def test_a_record_that_can_be_handled_needs_no_stub() -> None:
    stage = StubbingStage()
    assert len(await stage.guard(record())) == 1
    assert stage.asked == []


@pytest.mark.parametrize("fault", [Invalid("malformed", "endpoint"), ValueError(SECRET)])
async def test_where_no_stub_can_be_made_the_dead_letter_stays_and_a_word_about_it(
    fault: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    stage = StubbingStage()
    stage.fault = fault
    (letter,) = await stage.letters(b"bug")
    assert letter.reason == "unexpected"
    assert stage.counted("failed") == 1
    assert [one.message for one in caplog.records] == ["no_stub", "dead_letter"]
    assert SECRET not in str([vars(one) for one in caplog.records])


async def test_a_stub_that_the_bus_would_refuse_is_none() -> None:
    stage = StubbingStage()
    stage.made = replace(record().message, topic="unheard.of")
    assert len(await stage.guard(record(b"invalid"))) == 1
    assert stage.counted("failed") == 1


@pytest.mark.parametrize("fault", [Unavailable("database_unavailable"), Conflict("version_taken")])
async def test_a_stub_that_has_to_wait_keeps_its_place_and_halts_nobody(fault: Exception) -> None:
    stage = StubbingStage()
    stage.fault = fault
    for _ in range(WINDOW):
        with pytest.raises(Unavailable, match=r"database_unavailable|contended"):
            await stage.guard(record(b"invalid"))
    assert stage.halted == 0
    assert stage.metrics.dead_letters.labels("normalizer", "malformed")._value.get() == 0
    stage.fault = None
    assert len(await stage.guard(record(b"invalid"))) == 2


async def test_a_halted_stage_makes_no_stubs() -> None:
    stage = StubbingStage()
    for _ in range(MOST_BAD):
        await stage.guard(record(b"invalid"))
    with pytest.raises(Unavailable, match="stage_halted"):
        await stage.guard(record(b"invalid"))
    assert len(stage.asked) == MOST_BAD
