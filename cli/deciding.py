"""What an operator decides, made into a command under its derived id and carried out: verdict, route, answer."""

from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from pydantic import ValidationError

from cli.answer_files import GivenFile, kept
from cli.commanding import carried_out, malformed
from cli.documents_of_code import submission_of, ticket_document, ticket_of
from gateway.domain.identity import command_id
from gateway.errors import Invalid
from gateway.runtime.deployment import Deployment
from schemas import conversation, ticket_history
from schemas.commands import AnswerTicket, NotePersonal, ReviewCommand, RouteTicket
from schemas.vocabulary import Label

WAIT_SECONDS = 10.0


class Verdict(StrEnum):
    """What an operator can decide."""

    ACCEPT = "accept"
    REJECT = "reject"
    REDIRECT = "redirect"
    ROUTE = "route"


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict; `version` is the revision that the operator saw, None for the present one, `wait` in seconds."""

    code: str
    verdict: Verdict
    operator: str
    label: Label | None = None
    subfield: str | None = None
    agency: str | None = None
    articles: tuple[str, ...] = ()
    note: str = ""
    version: int | None = None
    wait: float = WAIT_SECONDS


@dataclass(frozen=True, slots=True)
class Answer:
    """The words for the citizen and what comes with them; `agency` when the agency in charge gave them."""

    code: str
    operator: str
    words: str
    files: tuple[GivenFile, ...] = ()
    agency: str | None = None
    version: int | None = None
    wait: float = WAIT_SECONDS


@dataclass(frozen=True, slots=True)
class Done:
    """The commit that a command caused."""

    history: str
    version: int


async def decide(deployment: Deployment, decision: Decision) -> Done:
    """Publish the verdict and wait for its commit; see `carried_out` for what is raised, and `Invalid`."""
    _check(decision, deployment)
    try:
        if decision.verdict is Verdict.ROUTE:
            return await _route(deployment, decision)
        return await _judge(deployment, decision)
    except ValidationError as error:
        raise malformed(error) from None


async def give_answer(deployment: Deployment, given: Answer) -> Done:
    """Publish the answer and wait for its commit; see `carried_out` for what is raised, and `Invalid`."""
    document = await ticket_document(deployment.documents, given.code)
    body = document.body
    seen = int(body["revision"]) if given.version is None else given.version
    try:
        answer = AnswerTicket(
            id=command_id(body["code"], seen, _named("answer", given.agency), given.operator),
            ticket_id=body["ticket_id"],
            version_seen=seen,
            by=given.operator,
            agency=given.agency,
            at=deployment.clock(),
            files=await kept(deployment, document.owner, given.files),
            personal=NotePersonal(text=given.words),
        )
    except ValidationError as error:
        raise malformed(error) from None
    return await _to_ticket(deployment, answer, body["code"], given.wait)


def _check(decision: Decision, deployment: Deployment) -> None:
    """What the province's data can tell to be wrong before anything is published."""
    province = deployment.province
    unknown = [article for article in decision.articles if not province.has_article(article)]
    if unknown:
        raise Invalid("unknown_article", f"The regulation has no clause {', '.join(unknown)}.")
    today = province.day(deployment.clock())
    if decision.agency is None or province.agency(decision.agency, today) is not None:
        return
    near = get_close_matches(decision.agency, [agency.code for agency in province.agencies(today)])
    found = f"; near it: {', '.join(near)}" if near else ""
    raise Invalid("unknown_agency", f"No agency has this code today{found}; `gateway agencies` lists them.")


def _named(verdict: str, *chosen: str | None) -> str:
    """The verdict with what was chosen, as its command's id has it.

    A refusal is the first answer for ever: what is mended and given again must be another command.
    """
    return "/".join((verdict, *(word for word in chosen if word is not None)))


async def _judge(deployment: Deployment, decision: Decision) -> Done:
    body = await submission_of(deployment.documents, decision.code)
    seen = int(body["revision"]) if decision.version is None else decision.version
    verdict = _named(decision.verdict, decision.label, decision.subfield, decision.agency)
    command = ReviewCommand(
        id=command_id(decision.code, seen, verdict, decision.operator),
        code=decision.code,
        account=body["account"],
        verdict=decision.verdict.value,
        version_seen=seen,
        operator=decision.operator,
        at=deployment.clock(),
        label=decision.label,
        subfield=decision.subfield,
        agency=decision.agency,
        articles=decision.articles,
        personal=NotePersonal(text=decision.note),
    )
    history = conversation.history_of(command.account)
    version = await carried_out(
        deployment,
        command,
        topic="submission.commands",
        key=command.account,
        history=history,
        code=decision.code,
        wait=decision.wait,
    )
    return Done(history, version)


async def _route(deployment: Deployment, decision: Decision) -> Done:
    if decision.agency is None:
        raise Invalid("no_agency", "route needs an agency.")
    body = await ticket_of(deployment.documents, decision.code)
    seen = int(body["revision"]) if decision.version is None else decision.version
    command = RouteTicket(
        id=command_id(body["code"], seen, _named("route", decision.agency), decision.operator),
        ticket_id=body["ticket_id"],
        version_seen=seen,
        operator=decision.operator,
        at=deployment.clock(),
        agency=decision.agency,
        personal=NotePersonal(text=decision.note),
    )
    return await _to_ticket(deployment, command, body["code"], decision.wait)


async def _to_ticket(deployment: Deployment, command: RouteTicket | AnswerTicket, code: str, wait: float) -> Done:
    history = ticket_history.history_of(command.ticket_id)
    version = await carried_out(
        deployment,
        command,
        topic="ticket.commands",
        key=str(command.ticket_id),
        history=history,
        code=code,
        wait=wait,
    )
    return Done(history, version)
