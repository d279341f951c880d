"""Renders what a citizen is told about their ticket; all words come from the province's data."""

from datetime import datetime
from uuid import UUID

from gateway.domain.identity import message_id
from gateway.domain.province import Agency, Province
from schemas.files import AnswerFile
from schemas.reply import Reply, ReplyPersonal
from schemas.ticket import Ticket
from schemas.ticket_history import Answered, ReplyRenderedForTicket, Transferred, history_of
from schemas.vocabulary import ReplyKind


def transferred_reply(
    ticket: Ticket, transferred: Transferred, agency: Agency, province: Province, *, cause: UUID, now: datetime
) -> ReplyRenderedForTicket:
    """Where the matter went and by when an answer is due."""
    text = province.told(
        "transferred",
        ticket.intake,
        ticket.language,
        code=ticket.code,
        agency=agency.name(ticket.language),
        due=province.moment(transferred.due_at),
        label=province.label_name(ticket.classification.best.label, ticket.language),
        hotline=province.hotline,
        article=province.article("10.1", ticket.language),
    )
    return _reply(ticket, ReplyKind.TRANSFERRED, ("9.3", "10.1"), text, cause=cause, now=now)


def result_reply(
    ticket: Ticket, answered: Answered, province: Province, *, cause: UUID, now: datetime
) -> ReplyRenderedForTicket:
    """The answer itself, with what it brings."""
    agency = province.agency(answered.agency, province.day(now)) if answered.agency is not None else None
    answering = agency.name(ticket.language) if agency is not None else province.name(ticket.language)
    text = province.told(
        "result",
        ticket.intake,
        ticket.language,
        code=ticket.code,
        agency=answering,
        answer=answered.personal.text,
        hotline=province.hotline,
    )
    return _reply(ticket, ReplyKind.RESULT, ("9.3",), text, cause=cause, now=now, files=answered.files)


def _reply(
    ticket: Ticket,
    kind: ReplyKind,
    articles: tuple[str, ...],
    text: str,
    *,
    cause: UUID,
    now: datetime,
    files: tuple[AnswerFile, ...] = (),
) -> ReplyRenderedForTicket:
    return ReplyRenderedForTicket(
        reply=Reply(
            id=message_id(cause, "reply", 0),
            history=history_of(ticket.id),
            channel=ticket.channel,
            intake=ticket.intake,
            account=ticket.account,
            code=ticket.code,
            in_reply_to=ticket.inbound_ids[0],
            kind=kind,
            language=ticket.language,
            articles=articles,
            at=now,
            trial=ticket.trial,
            files=files,
            personal=ReplyPersonal(text=text),
        )
    )
