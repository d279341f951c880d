"""What an answer brings: names that are only names, and nothing that is another citizen's, unknown or too much."""

import re
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gateway.domain.file_names import ENDINGS, shown_name
from gateway.domain.media_types import ANSWER
from gateway.domain.province import Province
from gateway.errors import Invalid
from gateway.outbox.payload import Payload, packed, unpacked
from schemas.commands import AnswerTicket, NotePersonal
from schemas.conversation import CommandRefused
from schemas.files import MOST_ANSWER_BYTES, MOST_ANSWER_FILES, AnswerFile, AnswerFilePersonal, FileRef
from schemas.ticket_history import Answered, ReplyRenderedForTicket
from services.dispatcher.life_cycle import on_answer, on_ticket
from services.dispatcher.ticket_state import TicketState, empty
from tests.unit.test_ticket_life_cycle import ACCOUNT, NOW, a_ticket, folded, moment


def file(number: int = 0, *, owner: str = ACCOUNT, size: int = 1000, media_type: str = "application/pdf") -> AnswerFile:
    return AnswerFile(
        number=number,
        kind="document",
        file=FileRef(address=f"{number:064x}", owner=owner, size=size, media_type=media_type),
        personal=AnswerFilePersonal(name=f"Biên bản {number}.pdf"),
    )


def answer(*files: AnswerFile) -> AnswerTicket:
    return AnswerTicket(
        id=uuid4(),
        ticket_id=uuid4(),
        version_seen=1,
        by="op_lan",
        at=NOW,
        files=files,
        personal=NotePersonal(text="Đã sửa."),
    )


@pytest.fixture
def ticket(province: Province) -> TicketState:
    return folded(empty(), on_ticket(empty(), a_ticket(), moment(province)))


def test_the_reply_brings_what_the_answer_brought(ticket: TicketState, province: Province) -> None:
    draft = on_answer(ticket, answer(file(0), file(1, media_type="image/jpeg")), moment(province))
    answered, rendered = draft.events
    assert isinstance(answered, Answered)
    assert isinstance(rendered, ReplyRenderedForTicket)
    assert answered.files == rendered.reply.files
    assert [(one.number, one.kind, one.personal.name) for one in answered.files] == [
        (0, "document", "Biên bản 0.pdf"),
        (1, "image", "Biên bản 1.pdf.jpg"),
    ]


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ((file(owner="f" * 32),), "foreign_file"),
        ((file(), file(1, owner="f" * 32)), "foreign_file"),
        ((file(media_type="text/html"),), "unknown_file_type"),
        ((file(media_type="image/svg+xml"),), "unknown_file_type"),
        ((file(size=MOST_ANSWER_BYTES), file(1, size=1)), "files_too_large"),
    ],
)
def test_what_may_not_be_brought_is_refused(
    ticket: TicketState, province: Province, files: tuple[AnswerFile, ...], reason: str
) -> None:
    (refused,) = on_answer(ticket, answer(*files), moment(province)).events
    assert isinstance(refused, CommandRefused)
    assert refused.reason == reason


def test_as_much_as_is_allowed_is_taken(ticket: TicketState, province: Province) -> None:
    draft = on_answer(ticket, answer(file(size=MOST_ANSWER_BYTES - 1), file(1, size=1)), moment(province))
    assert isinstance(draft.events[0], Answered)


def test_the_contract_bounds_the_number_of_files() -> None:
    written = answer().model_dump(mode="json")
    files = [file(number % MOST_ANSWER_FILES).model_dump(mode="json") for number in range(MOST_ANSWER_FILES + 1)]
    AnswerTicket.model_validate({**written, "files": files[:-1]})
    with pytest.raises(ValidationError):
        AnswerTicket.model_validate({**written, "files": files})


@pytest.mark.parametrize(
    "name", ["", ".htaccess", "a/b.pdf", "a\\b.pdf", "a\nb.pdf", "a\u202efdp.exe", "a\x7f.pdf", " a.pdf", "a" * 121]
)
def test_the_contract_knows_no_name_that_is_more_than_a_name(name: str) -> None:
    with pytest.raises(ValidationError):
        AnswerFilePersonal(name=name)


@pytest.mark.parametrize(
    ("given_name", "media_type", "expected"),
    [
        ("Ảnh hiện trường.JPG", "image/jpeg", "Ảnh hiện trường.JPG"),
        ("/etc/passwd", "application/pdf", "passwd.pdf"),
        ("..\\..\\mail.exe", "application/pdf", "mail.exe.pdf"),
        (".pdf", "application/pdf", "pdf.pdf"),
        ("", "image/png", "file-3.png"),
        ("a\u202egnp.exe", "image/png", "agnp.exe.png"),
    ],
)
def test_names_end_as_their_type_does(given_name: str, media_type: str, expected: str) -> None:
    assert shown_name(given_name, media_type, 2) == expected


@given(st.text(max_size=300), st.sampled_from(sorted(ANSWER)), st.integers(0, 4))
def test_any_name_becomes_one_that_the_contract_takes(said: str, media_type: str, number: int) -> None:
    name = shown_name(said, media_type, number)
    assert AnswerFilePersonal(name=name).name == name
    assert name.lower().endswith(ENDINGS[media_type])
    assert shown_name(name, media_type, number) == name


def test_every_type_that_an_answer_may_bring_has_its_ending() -> None:
    assert {*ENDINGS} == ANSWER


def test_a_part_of_words_alone_is_written_as_ever() -> None:
    assert packed(Payload("Kính gửi")) == "Kính gửi".encode()
    for payload in (
        Payload("Kính gửi"),
        Payload(""),
        Payload("", (file(),), "xem"),
        Payload("a", (file(), file(1)), ""),
    ):
        assert unpacked(packed(payload)) == payload


@pytest.mark.parametrize("plain", [b"\x00", b"\x00{}", b"\xff\xfe"])
def test_a_part_that_was_never_packed_is_refused(plain: bytes) -> None:
    with pytest.raises(Invalid, match="payload_damaged") as refused:
        unpacked(plain)
    assert re.search(r"\\x", str(refused.value)) is None
