"""An agency's answer over its own topic is that agency's: taken once, or refused with nothing changed and told why."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from uuid import uuid4

import pytest

from gateway.bus.port import Beginning, Record
from gateway.domain.identity import timer_id
from gateway.runtime.histories import to_message
from schemas.commands import NotePersonal
from schemas.dead_letter import DeadLetter
from schemas.events import TicketEvent
from schemas.reply import Reply
from schemas.ticket import AnswerRefused, Transfer
from schemas.ticket_history import Answered, DueReached, history_of
from schemas.timer import TimerDue
from schemas.topics import topic_for
from services.dispatcher.agency_topics import keep_reading_agencies
from services.dispatcher.life_cycle import FOCAL_OFFICER_TIMER
from tests.unit.answering_agency import NOW, OTHER, Played, told


async def test_the_answer_of_the_agency_in_charge_reaches_the_citizen(played: Played) -> None:
    followed = await played.given(played.answer(), played.transfer.agency)
    (reply,) = told(followed, Reply)
    assert "Đã khắc phục." in reply.personal.text
    assert [event.step for event in told(followed, TicketEvent)] == ["answered"]
    assert told(followed, AnswerRefused) == []


async def test_an_answer_given_again_is_the_same_answer(played: Played) -> None:
    answer = played.answer()
    first = await played.given(answer, played.transfer.agency)
    assert await played.given(answer, played.transfer.agency) == first
    assert len([event for event in await played.recorded() if isinstance(event, Answered)]) == 1


async def test_an_answer_of_another_agency_changes_nothing_and_is_told_to_it_alone(played: Played) -> None:
    """Whatever it says of itself: the topic is what the cluster's access rules bind to the agency."""
    pretending = played.answer(by=played.transfer.agency, agency=played.transfer.agency)
    followed = await played.given(pretending, OTHER)
    (refused,) = told(followed, AnswerRefused)
    assert (refused.reason, refused.agency, refused.revision) == ("not_in_charge", OTHER, None)
    assert (refused.answer_id, refused.ticket_id) == (str(pretending.id), played.ticket.id)
    assert {one.topic for one in followed if one.topic.startswith("agency.")} == {f"agency.{OTHER}"}
    (event,) = told(followed, TicketEvent)
    assert (event.step, event.reason, event.agency, event.state) == (
        "command_refused",
        "not_in_charge",
        OTHER,
        "with_focal_officer",
    )
    assert told(await played.given(played.answer(), played.transfer.agency), Reply)


async def test_an_outdated_answer_is_told_the_revision_that_is_in_force(played: Played) -> None:
    outdated = played.answer(version_seen=played.transfer.revision - 1)
    (refused,) = told(await played.given(outdated, played.transfer.agency), AnswerRefused)
    assert (refused.reason, refused.revision) == ("outdated_version", played.transfer.revision)
    anew = played.answer(version_seen=refused.revision)
    assert told(await played.given(anew, played.transfer.agency), Reply)


@pytest.mark.parametrize(
    ("more", "reason"),
    [({"personal": NotePersonal(text=" \u200b ")}, "empty_answer"), ({"ticket_id": uuid4()}, "not_in_charge")],
)
async def test_an_answer_that_does_not_fit_is_refused(played: Played, more: Mapping[str, object], reason: str) -> None:
    followed = await played.given(played.answer(**more), played.transfer.agency)
    (refused,) = told(followed, AnswerRefused)
    assert refused.reason == reason
    assert not told(followed, Reply)
    assert not told(followed, DeadLetter)
    again = await played.given(played.answer(**more), played.transfer.agency)
    assert told(again, AnswerRefused)[0].id != refused.id


async def test_an_id_that_an_agency_chose_never_stands_in_for_one_of_the_gateway_s(played: Played) -> None:
    """Else an agency could have the clock's end, or a colleague's answer, taken for what was handled before."""
    due = played.transfer.due_at
    history = history_of(played.ticket.id)
    timer = TimerDue(
        id=timer_id(history, FOCAL_OFFICER_TIMER, due.isoformat()),
        history=history,
        kind=FOCAL_OFFICER_TIMER,
        due_at=due,
        fired_at=due,
    )
    await played.given(played.answer(id=timer.id), OTHER)
    record = Record(to_message("timers", history, timer, source="scheduler", at=due), "0", 0, due)
    await played.dispatcher.timers(record)
    assert isinstance((await played.recorded())[-1], DueReached)
    taken = played.answer()
    await played.given(taken, OTHER)
    assert told(await played.given(taken, played.transfer.agency), Reply)


async def test_words_are_cleaned_before_a_citizen_reads_them(played: Played) -> None:
    followed = await played.given(
        played.answer(personal=NotePersonal(text="Đa\u0303 xong\u202e\x00 rồi.")), played.transfer.agency
    )
    (reply,) = told(followed, Reply)
    assert "Đã xong rồi." in reply.personal.text


LARGE = b"\x00" * 240_000
HOSTILE: Mapping[str, Mapping[str, object]] = {
    "no JSON": {"value": b"\xff\xfe{"},
    "nothing": {"value": b""},
    "deep": {"value": b"[" * 100_000},
    "a number of many digits": {"value": b'{"version_seen": ' + b"9" * 100_000 + b"}"},
    "lone surrogate": {"value": b'{"personal": {"text": "\\ud800"}}'},
    "large": {"value": LARGE},
    "another type": {"type": Transfer.TYPE},
    "hostile attributes": {
        "id": "\x00" * 30_000,
        "key": LARGE.decode(),
        "type": "\ufffd" * 1000,
        "traceparent": "00-" + "0" * 32 + "-" + "0" * 16 + "-01",
    },
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_what_cannot_be_read_is_kept_and_its_agency_is_told(played: Played, name: str) -> None:
    before = await played.recorded()
    good = to_message(f"agency.{OTHER}.commands", "any", played.answer(), source="agency", at=NOW)
    followed = await played.guard(Record(replace(good, **HOSTILE[name]), "0", 7, NOW))  # type: ignore[arg-type]  # a table of attributes
    (letter,) = told(followed, DeadLetter)
    (refused,) = told(followed, AnswerRefused)
    assert refused.reason == letter.reason in ("malformed", "unexpected_type")
    assert (refused.ticket_id, len(refused.answer_id) <= 100) == (None, True)
    assert [one.topic for one in followed if one.type == AnswerRefused.TYPE] == [f"agency.{OTHER}"]
    assert await played.recorded() == before


async def test_an_agency_that_begins_to_answer_is_heard(played: Played) -> None:
    deployment = played.deployment
    reading = asyncio.create_task(keep_reading_agencies(deployment, played.dispatcher, "dispatcher"))
    answer = played.answer()
    topic = f"agency.{played.transfer.agency}.commands"
    await deployment.bus("agency").publish(to_message(topic, "any", answer, source="agency", at=NOW))
    async with asyncio.timeout(30):
        async for record in deployment.bus("cli").read("ticket.events", start=Beginning(), follow=True):
            assert json.loads(record.message.value)["step"] == "answered"
            break
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)


def test_only_an_agency_s_code_makes_a_topic() -> None:
    assert topic_for("agency.so_a") is not None
    assert topic_for("agency.so_a.commands") is not None
    for name in (
        "agency.",
        "agency..commands",
        "agency.A",
        "agency.so_a.commands.commands",
        "agency.so.a",
        "agency.so_a.",
    ):
        assert topic_for(name) is None, name
