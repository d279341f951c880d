"""An operator's verdict on a submission, or where its ticket goes: published as a command, then watched."""

import asyncio
import re
from typing import Annotated

import typer

from cli.chronicle import canonical
from cli.command_outcome import print_happened
from cli.deciding import WAIT_SECONDS, Decision, Verdict, decide
from cli.session import opened
from gateway.errors import Invalid
from schemas.base import ARTICLE_REF
from schemas.vocabulary import REDIRECTED, SUBFIELDS, Label

CLAUSE = re.compile(ARTICLE_REF)
ACCEPTED = tuple(label for label in Label if label not in REDIRECTED)


def command(  # noqa: PLR0913 - each is an option of the command line
    code: Annotated[str, typer.Argument(help="Receipt code.")],
    verdict: Annotated[Verdict, typer.Argument(help="What is decided.")],
    *,
    operator: Annotated[str, typer.Option("--as", help="Code of the operator who decides, such as op_lan.")],
    label: Annotated[
        Label | None, typer.Option(metavar="LABEL", help=f"accept: the right field: {', '.join(ACCEPTED)}.")
    ] = None,
    subfield: Annotated[str | None, typer.Option(help="accept: the right subfield of --label.")] = None,
    agency: Annotated[
        str | None, typer.Option(help="route, accept: code of the agency that gets the ticket (gateway agencies).")
    ] = None,
    article: Annotated[list[str] | None, typer.Option(help="reject: ground, such as 8.2; may be repeated.")] = None,
    note: Annotated[str, typer.Option(help="Words for the citizen (reject) or the agency (route).")] = "",
    to: Annotated[
        Label | None, typer.Option(metavar="LABEL", help=f"redirect: where to: {', '.join(sorted(REDIRECTED))}.")
    ] = None,
    version: Annotated[
        int | None, typer.Option(min=0, help="Revision that the operator saw; by default the present one.")
    ] = None,
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for the result.")] = WAIT_SECONDS,
) -> None:
    """Decide as an operator.

    The command's id is derived from code, version, verdict and operator: given twice it is one command. A verdict on
    an outdated version is refused. Exit code 1 says that nothing was changed, with the reason.
    """
    decision = Decision(
        code=canonical(code),
        verdict=verdict,
        operator=operator,
        label=to if verdict is Verdict.REDIRECT else label,
        subfield=subfield,
        agency=agency,
        articles=tuple(article or ()),
        note=note,
        version=version,
        wait=wait,
    )
    _check(decision)
    asyncio.run(_review(decision))


def _check(decision: Decision) -> None:
    """What can be told to be wrong before anything is published."""
    if decision.verdict is Verdict.ROUTE and decision.agency is None:
        raise Invalid("no_agency", "route needs --agency.")
    if decision.verdict is Verdict.REDIRECT and decision.label not in REDIRECTED:
        raise Invalid("no_redirect", f"redirect needs --to: {', '.join(sorted(REDIRECTED))}.")
    if decision.subfield is not None:
        _check_subfield(decision.label, decision.subfield)
    if any(CLAUSE.fullmatch(article) is None for article in decision.articles):
        raise Invalid("malformed_article", "--article is a clause such as 8.2.")


def _check_subfield(label: Label | None, subfield: str) -> None:
    if label is None:
        raise Invalid("unknown_subfield", "--subfield needs the --label that it belongs to.")
    if subfield not in SUBFIELDS[label]:
        raise Invalid("unknown_subfield", f"--subfield of {label} is one of: {', '.join(SUBFIELDS[label])}.")


async def _review(decision: Decision) -> None:
    async with opened() as deployment:
        await print_happened(deployment, decision.code, await decide(deployment, decision))
