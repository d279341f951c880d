"""An operator's verdict on a submission, or where its ticket goes: published as a command, then watched."""

import asyncio
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import typer
from pydantic import ValidationError

from cli.chronicle import canonical
from cli.commanding import carried_out, malformed
from cli.found import submission_of, ticket_of
from cli.happened import print_happened
from cli.session import opened
from gateway.domain.identity import command_id
from gateway.errors import Invalid
from gateway.runtime.deployment import Deployment
from schemas import conversation, ticket_history
from schemas.commands import NotePersonal, ReviewCommand, RouteTicket
from schemas.vocabulary import REDIRECTED, SUBFIELDS, Label


class Verdict(StrEnum):
    """What an operator can decide."""

    ACCEPT = "accept"
    REJECT = "reject"
    REDIRECT = "redirect"
    ROUTE = "route"


@dataclass(frozen=True, slots=True)
class Given:
    """The command line, checked for form."""

    code: str
    verdict: Verdict
    operator: str
    label: Label | None
    subfield: str | None
    agency: str | None
    articles: tuple[str, ...]
    note: str
    version: int | None
    wait: float


def command(  # noqa: PLR0913 - each is an option of the command line
    code: Annotated[str, typer.Argument(help="Receipt code.")],
    verdict: Annotated[Verdict, typer.Argument(help="What is decided.")],
    *,
    operator: Annotated[str, typer.Option("--as", help="Code of the operator who decides, such as op_lan.")],
    label: Annotated[Label | None, typer.Option(help="accept: the right field.")] = None,
    subfield: Annotated[str | None, typer.Option(help="accept: the right subfield of --label.")] = None,
    agency: Annotated[str | None, typer.Option(help="route, accept: the agency that gets the ticket.")] = None,
    article: Annotated[list[str] | None, typer.Option(help="reject: ground, such as 8.2; may be repeated.")] = None,
    note: Annotated[str, typer.Option(help="Words for the citizen (reject) or the agency (route).")] = "",
    to: Annotated[Label | None, typer.Option(help="redirect: where to.")] = None,
    version: Annotated[
        int | None, typer.Option(min=0, help="Revision that the operator saw; by default the present one.")
    ] = None,
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for the result.")] = 10.0,
) -> None:
    """Decide as an operator.

    The command's id is derived from code, version, verdict and operator: given twice it is one command. A verdict on
    an outdated version is refused. Exit code 1 says that nothing was changed, with the reason.
    """
    chosen = to if verdict is Verdict.REDIRECT else label
    given = Given(
        canonical(code), verdict, operator, chosen, subfield, agency, tuple(article or ()), note, version, wait
    )
    _check(given)
    asyncio.run(_review(given))


def _check(given: Given) -> None:
    """What can be told to be wrong before anything is published."""
    if given.verdict is Verdict.ROUTE and given.agency is None:
        raise Invalid("no_agency", "route needs --agency.")
    if given.verdict is Verdict.REDIRECT and given.label not in REDIRECTED:
        raise Invalid("no_redirect", f"redirect needs --to: {', '.join(sorted(REDIRECTED))}.")
    if given.subfield is not None and given.subfield not in (SUBFIELDS[given.label] if given.label else ()):
        raise Invalid("unknown_subfield", "--subfield must be one of --label's own.")


async def _review(given: Given) -> None:
    async with opened() as deployment:
        now = deployment.province.day(deployment.clock())
        if given.agency is not None and deployment.province.agency(given.agency, now) is None:
            raise Invalid("unknown_agency", "No agency has this code today.")
        try:
            if given.verdict is Verdict.ROUTE:
                await _route(deployment, given, given.agency or "")
            else:
                await _judge(deployment, given)
        except ValidationError as error:
            raise malformed(error) from None


async def _judge(deployment: Deployment, given: Given) -> None:
    body = await submission_of(deployment.documents, given.code)
    seen = int(body["revision"]) if given.version is None else given.version
    verdict = ReviewCommand(
        id=command_id(given.code, seen, given.verdict, given.operator),
        code=given.code,
        account=body["account"],
        verdict=given.verdict.value,
        version_seen=seen,
        operator=given.operator,
        at=deployment.clock(),
        label=given.label,
        subfield=given.subfield,
        agency=given.agency,
        articles=given.articles,
        personal=NotePersonal(text=given.note),
    )
    history = conversation.history_of(verdict.account)
    version = await carried_out(
        deployment,
        verdict,
        topic="submission.commands",
        key=verdict.account,
        history=history,
        code=given.code,
        wait=given.wait,
    )
    await print_happened(deployment, given.code, history, version)


async def _route(deployment: Deployment, given: Given, agency: str) -> None:
    body = await ticket_of(deployment.documents, given.code)
    seen = int(body["revision"]) if given.version is None else given.version
    verdict = RouteTicket(
        id=command_id(body["code"], seen, given.verdict, given.operator),
        ticket_id=body["ticket_id"],
        version_seen=seen,
        operator=given.operator,
        at=deployment.clock(),
        agency=agency,
        personal=NotePersonal(text=given.note),
    )
    history = ticket_history.history_of(verdict.ticket_id)
    version = await carried_out(
        deployment,
        verdict,
        topic="ticket.commands",
        key=str(verdict.ticket_id),
        history=history,
        code=body["code"],
        wait=given.wait,
    )
    await print_happened(deployment, given.code, history, version)
