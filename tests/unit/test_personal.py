"""What is split off joins again, and nothing personal is left in what may be seen."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

import schemas
from gateway.domain.personal import join_personal, split_personal
from schemas.conversation import CONVERSATION_EVENTS, ConversationEvent, Decided, DecidedPersonal, MessageReceived
from schemas.files import Attachment, AttachmentPersonal, AttachmentState
from schemas.inbound import Contact, Inbound, InboundPersonal
from schemas.judgement import Evidence
from schemas.outcome import Accepted
from schemas.vocabulary import Intake

MARK = "canary"
EXAMPLE = Inbound.model_validate_json(
    (Path(schemas.__file__).parent / "examples" / f"{Inbound.TYPE}.json").read_text(encoding="utf-8")
)

marked = st.text(st.characters(exclude_categories=["Cs"]), max_size=10).map(lambda text: f"{MARK}{text}")
contacts = st.builds(Contact, name=st.none() | marked, phone=st.none() | st.just(MARK), address=st.none() | marked)
evidence = st.builds(Evidence, text=marked, start=st.just(0), end=st.just(1), rule=st.just("lighting"))
attachments = st.builds(
    Attachment,
    number=st.integers(0, 5),
    kind=st.just("image"),
    state=st.just(AttachmentState.PENDING),
    personal=st.builds(AttachmentPersonal, name=marked, source_url=marked),
)
received = st.builds(
    lambda text, contact, files: MessageReceived(
        submission=EXAMPLE.code,
        opens=True,
        inbound=EXAMPLE.model_copy(
            update={"personal": InboundPersonal(text=text, contact=contact, place=text), "attachments": tuple(files)}
        ),
    ),
    marked,
    contacts,
    st.lists(attachments, max_size=3),
)
decided = st.builds(
    lambda contact, found: Decided(
        submission=EXAMPLE.code,
        revision=1,
        outcome=Accepted(),
        account=EXAMPLE.account,
        channel="web",
        intake=Intake.FORM,
        received_at=EXAMPLE.received_at,
        inbound_ids=(UUID(int=1),),
        personal=DecidedPersonal(contact=contact, place=MARK, evidence=tuple(found)),
    ),
    contacts,
    st.lists(evidence, max_size=3),
)
events = st.lists(received | decided, max_size=4)


@given(events)
def test_joining_gives_back_what_was_split(values: list[ConversationEvent]) -> None:
    public, parts = split_personal(values)
    stored = json.loads(json.dumps(public)), json.loads(json.dumps(parts))
    assert CONVERSATION_EVENTS.validate_python(join_personal(*stored)) == tuple(values)


@given(events)
def test_nothing_personal_is_left(values: list[ConversationEvent]) -> None:
    public, parts = split_personal(values)
    assert MARK not in json.dumps(public)
    assert len(parts) >= len(values)


@given(events)
def test_joining_leaves_the_public_part_alone(values: list[ConversationEvent]) -> None:
    public, parts = split_personal(values)
    before: list[dict[str, Any]] = json.loads(json.dumps(public))
    join_personal(public, parts)
    assert public == before


def test_values_without_personal_parts_have_none() -> None:
    assert split_personal([Accepted()]) == ([{"kind": "accepted"}], [])
