"""Checks what an answer brings beside its words: whose it is, what it is, how much of it; pure."""

from collections.abc import Sequence

from gateway.domain.file_names import shown_name
from gateway.domain.media_types import ANSWER, kind_of
from schemas.files import MOST_ANSWER_BYTES, AnswerFile, AnswerFilePersonal
from schemas.ticket import Ticket


def refusal_of(ticket: Ticket, files: Sequence[AnswerFile]) -> str | None:
    """Why an answer with these files is refused.

    A file of another account would show one citizen what belongs to another, and outlive the erasure of this one.
    """
    if any(one.file.owner != ticket.account for one in files):
        return "foreign_file"
    if any(one.file.media_type not in ANSWER for one in files):
        return "unknown_file_type"
    if sum(one.file.size for one in files) > MOST_ANSWER_BYTES:
        return "files_too_large"
    return None


def in_order(files: Sequence[AnswerFile]) -> tuple[AnswerFile, ...]:
    """The files numbered by their place, each with the kind and the ending that its type has."""
    return tuple(
        AnswerFile(
            number=number,
            kind=kind_of(one.file.media_type),
            file=one.file,
            personal=AnswerFilePersonal(name=shown_name(one.personal.name, one.file.media_type, number)),
        )
        for number, one in enumerate(files)
    )
