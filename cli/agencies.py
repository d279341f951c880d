"""Lists the agencies that a ticket can go to, so that an operator finds the code of the one in charge."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from cli.screen import print_json, print_rows, table
from gateway.domain.province import Agency, Province
from gateway.domain.vietnamese import fold
from gateway.runtime.province_folder import load_province
from gateway.runtime.settings import load_settings


def command(
    words: Annotated[
        list[str] | None, typer.Argument(help="Only those that these words are about; diacritics do not matter.")
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """List agencies.

    Words are looked for in codes, names and what an agency is competent for. Needs the province's folder only.
    """
    found = matching(load_province(load_settings().province), words or [])
    if as_json:
        for agency in found:
            print_json({"code": agency.code, "name": agency.names.vi, "phone": agency.phone, "kind": agency.kind.value})
        return
    rows = [[agency.code, agency.names.vi, agency.phone or "-", agency.competence] for agency in found]
    print_rows(table("Agencies", "code", "name", "phone", "competent for"), rows, empty="No agency is about that.")


def matching(province: Province, words: list[str]) -> list[Agency]:
    """Today's agencies that have every word somewhere, in the order of the province's files."""
    wanted = [fold(word) for word in words]
    return [
        agency
        for agency in province.agencies(province.day(datetime.now(UTC)))
        if all(word in _said_of(agency) for word in wanted)
    ]


def _said_of(agency: Agency) -> str:
    return fold(" ".join((agency.code, agency.names.vi, agency.names.en, *agency.aliases, agency.competence)))
