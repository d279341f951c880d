"""Prints records of a topic as they lie on the bus, without joining a group."""

import asyncio
import json
from typing import Annotated, Any

import typer

from cli.faults import say
from cli.records import HIDDEN, plain
from cli.screen import print_json, screen
from cli.session import STAGE, opened
from gateway.bus.port import Beginning, End
from gateway.errors import Invalid
from schemas.topics import topic_for


def command(
    topic: Annotated[str, typer.Argument(help="Name of the topic; `gateway topics` lists them.")],
    *,
    from_beginning: Annotated[bool, typer.Option("--from-beginning", help="Everything that is kept.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    personal: Annotated[bool, typer.Option("--personal", help="Show what identifies citizens.")] = False,
    follow: Annotated[
        bool | None, typer.Option(help="Wait for more; by default unless --from-beginning is given.")
    ] = None,
) -> None:
    """Print records.

    Reading changes nothing: no group moves. Parts that identify citizens are left out unless --personal is given.
    """
    declared = topic_for(topic)
    if declared is None:
        raise Invalid("unknown_topic", "There is no such topic; `gateway topics` lists them.")
    if declared.personal and not personal:
        say(HIDDEN)
    waits = not from_beginning if follow is None else follow
    if waits:
        say("Waiting for records; Ctrl-C ends.")
    try:
        asyncio.run(_print(topic, from_beginning=from_beginning, follow=waits, as_json=as_json, personal=personal))
    except KeyboardInterrupt:
        return


async def _print(topic: str, *, from_beginning: bool, follow: bool, as_json: bool, personal: bool) -> None:
    async with opened() as deployment:
        start = Beginning() if from_beginning else End()
        async for record in deployment.bus(STAGE).read(topic, start=start, follow=follow):
            shown = plain(record, personal=personal)
            if as_json:
                print_json(shown)
            else:
                _print_one(shown)


def _print_one(shown: dict[str, Any]) -> None:
    """Where and what in one line, the value below."""
    console = screen()
    kind = str(shown["type"]).removeprefix("vn.1022.").removesuffix(".v1")
    where = f"{shown['partition']}/{shown['offset']}"
    console.print(f"{shown['time']}  {kind}  {shown['subject'] or shown['key']}  {where}", style="bold", soft_wrap=True)
    console.print(json.dumps(shown["value"], ensure_ascii=False, indent=2), soft_wrap=True)
