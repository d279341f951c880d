"""Lists citizens who want their data erased or restricted, erases it, and records that an operator has seen to it."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

import typer

from cli.chronicle import canonical
from cli.commanding import carried_out
from cli.deciding import WAIT_SECONDS
from cli.faults import guarded
from cli.screen import local, print_json, print_rows, screen, table
from cli.session import opened
from gateway.domain.identity import settlement_id
from gateway.errors import Invalid
from gateway.projections.port import Document
from gateway.projections.withdrawals import OPEN, WITHDRAWAL
from gateway.runtime.deployment import Deployment
from schemas.commands import NotePersonal, SettleWithdrawal
from schemas.conversation import HISTORY_PREFIX, history_of

PAGE = 500
ACCOUNT = re.compile(r"[0-9a-f]{32}")


def commands() -> typer.Typer:
    """The group of commands."""
    group = typer.Typer(no_args_is_help=True)
    group.command("list")(guarded(list_open))
    group.command("erase")(guarded(erase))
    group.command("settle")(guarded(settle))
    return group


def list_open(*, as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False) -> None:
    """List the wishes that nobody has seen to, the oldest first."""
    bodies, timezone = asyncio.run(_open())
    if as_json:
        for body in bodies:
            print_json(body)
        return
    made = table("Citizens who want their data erased or restricted", "id", "received", "over", "account", "codes")
    print_rows(made, [_row(body, timezone) for body in bodies], empty="Nobody is waiting.")


def erase(
    who: Annotated[str, typer.Argument(help="Receipt code of any submission of the citizen, or the account.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
) -> None:
    """Erase a citizen's data on one channel for ever, by destroying the key that opens it; steps and times stay.

    Topics hold what they were given until their retention ends, and a backup taken before still holds the key. Whoever
    writes again is met as somebody new.
    """
    if not yes:
        typer.confirm("Nobody can ever undo this. Erase?", abort=True)
    account = asyncio.run(_erased(who))
    screen().print(f"Erased: nothing of account {account} can be opened any more.")


def settle(
    withdrawal: Annotated[UUID, typer.Argument(metavar="ID", help="Id of the wish.")],
    *,
    operator: Annotated[str, typer.Option("--as", help="Code of the operator who has seen to it, such as op_lan.")],
    note: Annotated[str, typer.Option(help="What was done; sealed with the conversation.")] = "",
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for the result.")] = WAIT_SECONDS,
) -> None:
    """Record that an operator has seen to a wish; it erases nothing by itself."""
    version = asyncio.run(_settled(withdrawal, operator, note, wait))
    screen().print(f"Recorded as version {version} of the conversation.")


async def _erased(who: str) -> str:
    async with opened() as deployment:
        account = await _account_of(deployment, who)
        if not await deployment.store.commits(history_of(account)):
            raise Invalid("unknown_account", "Nothing was recorded of this account.")
        await deployment.vault.erase(account)
        return account


async def _account_of(deployment: Deployment, who: str) -> str:
    if ACCOUNT.fullmatch(who):
        return who
    names = await deployment.store.find(f"code:{canonical(who)}")
    found = next((name for name in names if name.startswith(HISTORY_PREFIX)), None)
    if found is None:
        raise Invalid("unknown_code", "No submission has this code.")
    return found.removeprefix(HISTORY_PREFIX)


async def _open() -> tuple[list[Mapping[str, Any]], str]:
    async with opened() as deployment:
        documents = await _documents(deployment)
        bodies = sorted((document.body for document in documents), key=lambda body: str(body["received_at"]))
        return bodies, deployment.province.timezone


async def _documents(deployment: Deployment) -> Sequence[Document]:
    found: list[Document] = []
    after = ""
    while page := await deployment.documents.find(WITHDRAWAL, OPEN, limit=PAGE, after=after):
        found.extend(page)
        after = page[-1].key
    return found


async def _settled(withdrawal: UUID, operator: str, note: str, wait: float) -> int:
    async with opened() as deployment:
        document = await deployment.documents.get(WITHDRAWAL, str(withdrawal))
        if document is None:
            raise Invalid("unknown_withdrawal", "No citizen's wish has this id.")
        account = str(document.body["account"])
        command = SettleWithdrawal(
            id=settlement_id(withdrawal, operator),
            account=account,
            withdrawal=withdrawal,
            operator=operator,
            at=deployment.clock(),
            personal=NotePersonal(text=note),
        )
        history = history_of(account)
        return await carried_out(
            deployment, command, topic="submission.commands", key=account, history=history, code="", wait=wait
        )


def _row(body: Mapping[str, Any], timezone: str) -> list[str]:
    received = local(body["received_at"], timezone)
    return [body["id"], received, body["channel"], body["account"], " ".join(body["codes"]) or "-"]
