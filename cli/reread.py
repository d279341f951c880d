"""`gateway reread`: what mended readers make of messages that were recorded before, and its approval by an operator."""

import asyncio
from collections import Counter
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from pydantic import TypeAdapter, ValidationError

from cli.chronicle import canonical
from cli.deciding import WAIT_SECONDS
from cli.faults import say
from cli.readers import Reader, reader_of
from cli.records import HIDDEN
from cli.rereading import Reread, Scope, Standing, approve, differences, reread
from cli.screen import local, screen
from cli.session import opened
from gateway.errors import Conflict, Invalid
from gateway.runtime.deployment import Deployment
from schemas.base import Code

CODE: TypeAdapter[str] = TypeAdapter(Code)


def command(
    *,
    channel: Annotated[str, typer.Option(help="Channel whose reader was mended.")],
    run: Annotated[
        str, typer.Option(help="Name of this occasion, such as phones_2026_11; it corrects a message once.")
    ],
    code: Annotated[list[str] | None, typer.Option(help="Only this submission; may be repeated.")] = None,
    since: Annotated[datetime | None, typer.Option(help="Only what was received since, UTC.")] = None,
    operator: Annotated[str | None, typer.Option("--as", help="Code of the operator who approves.")] = None,
    approved: Annotated[bool, typer.Option("--approve", help="Record what is printed.")] = False,
    personal: Annotated[bool, typer.Option("--personal", help="Show what identifies citizens.")] = False,
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for each result.")] = WAIT_SECONDS,
) -> None:
    """Read recorded messages again.

    Prints what today's reader reads otherwise; without --approve nothing is changed. An approved correction is recorded
    on the citizen's history: the rules judge anew what they had decided, and a ticket is told. No reply is repeated and
    no second ticket opened. A run corrects each message once, however often it is given.
    """
    if approved and operator is None:
        raise Invalid("no_operator", "--approve needs --as: who approves is recorded.")
    _check_name(run, "bad_run", "--run")
    codes = frozenset(canonical(one) for one in code or ())
    scope = Scope(channel, codes, None if since is None else since.replace(tzinfo=UTC))
    reader = reader_of(channel)
    if not personal:
        say(HIDDEN)
    by = operator if approved else None
    asyncio.run(_reread(reader, scope, run, by=by, personal=personal, wait=wait))


def _check_name(name: str, reason: str, option: str) -> None:
    try:
        CODE.validate_python(name)
    except ValidationError:
        raise Invalid(reason, f"{option} is a name such as phones_2026_11.") from None


async def _reread(reader: Reader, scope: Scope, run: str, *, by: str | None, personal: bool, wait: float) -> None:
    """Print and count everything; `by` is who approves, None for a dry run."""
    counts: Counter[Standing] = Counter()
    refused = 0
    async with opened() as deployment:
        async for one in reread(deployment, reader, scope, run):
            counts[one.standing] += 1
            _print(one, deployment.province.timezone, personal=personal)
            if by is not None and one.standing is Standing.CHANGED:
                refused += not await _approved(deployment, one, run, by, wait)
    said = ", ".join(f"{counts[standing]} {standing}" for standing in Standing if counts[standing])
    screen().print(f"{counts.total()} read again: {said}." if said else "No messages in this scope.")
    if refused:
        raise Conflict("not_corrected", f"{refused} corrections were refused; nothing was changed by them.")
    if by is None and counts[Standing.CHANGED]:
        say("Nothing was changed; --approve --as OPERATOR records it.")


async def _approved(deployment: Deployment, one: Reread, run: str, operator: str, wait: float) -> bool:
    try:
        version = await approve(deployment, one, run, operator, wait)
    except Conflict as error:
        screen().print(f"  not recorded: {error.reason}")
        return False
    screen().print(f"  recorded in version {version} of the citizen's history")
    return True


def _print(one: Reread, timezone: str, *, personal: bool) -> None:
    """One message that is read otherwise or not at all; where nothing differs nothing is said."""
    recorded = one.recorded
    if recorded is None or one.standing in (Standing.SAME, Standing.DONE):
        return
    console = screen()
    received = local(recorded.received_at, timezone)
    reason = f": {one.reason}" if one.reason else ""
    head = f"{recorded.code}  {recorded.intake.value}, received {received}  {one.standing}{reason}"
    console.print(head, style="bold", soft_wrap=True)
    for place, before, now in differences(recorded, one.read) if one.read is not None else ():
        shown = personal or not place.startswith("personal.")
        console.print(f"  {place}: {_value(before, shown=shown)} -> {_value(now, shown=shown)}", soft_wrap=True)


def _value(value: Any, *, shown: bool) -> str:  # noqa: ANN401 - JSON is any of its types
    if value in (None, "", []):
        return "none"
    return str(value) if shown else f"({len(str(value))} signs)"
