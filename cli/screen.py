"""Prints for people and for programs: tables and coloured text, or one JSON value a line."""

import json
import sys
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

SHORT = 20
"""Signs of a cell that is read as one: a code, a time, a state."""

WIDTH_OF_FILES = 160
"""Columns when the output goes into a file or pipe, where nobody can make the window wider."""


def screen() -> Console:
    """Standard output; texts are never taken for markup, since citizens write them."""
    width = None if sys.stdout.isatty() else WIDTH_OF_FILES
    return Console(markup=False, highlight=False, emoji=False, width=width)


def table(title: str, *columns: str) -> Table:
    """An empty table whose long cells wrap."""
    made = Table(title=title, title_justify="left", header_style="bold", title_style="bold")
    for column in columns:
        made.add_column(column, overflow="fold")
    return made


def print_json(value: object) -> None:
    """One JSON value on one line, at once."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def print_rows(made: Table, rows: Sequence[Sequence[str]], *, empty: str) -> None:
    """A table with these rows, or a sentence when there are none.

    Where the window is so narrow that codes and times would be broken, a list with a line for each cell instead.
    """
    console = screen()
    if not rows:
        console.print(empty)
        return
    for row in rows:
        made.add_row(*row)
    if _narrowest(made, rows) > console.width:
        _print_list(console, made, rows)
    else:
        console.print(made)


def _narrowest(made: Table, rows: Sequence[Sequence[str]]) -> int:
    """Columns of the screen that the table needs; short cells, such as codes and times, stay on one line in it."""
    needed = 3 * len(made.columns) + 1
    for column, cells in zip(made.columns, zip(*rows, strict=True), strict=True):
        whole = [str(column.header), *cells]
        column.no_wrap = max(map(cell_len, whole)) <= SHORT
        parts = whole if column.no_wrap else [word for cell in whole for word in cell.split()]
        needed += max(map(cell_len, parts))
    return needed


def _print_list(console: Console, made: Table, rows: Sequence[Sequence[str]]) -> None:
    """Each row under its first cell; cells without a value are left out."""
    console.print(made.title or "", style="bold")
    names = [str(column.header) for column in made.columns]
    width = max(len(name) for name in names)
    for row in rows:
        console.print(row[0], style="bold")
        for name, cell in zip(names[1:], row[1:], strict=True):
            if cell not in ("", "-"):
                console.print(f"  {name:<{width}}  {cell}", soft_wrap=True)


def local(instant: datetime | str | None, timezone: str) -> str:
    """An instant as people of the province read it; `-` for none."""
    if instant is None:
        return "-"
    found = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
    return found.astimezone(ZoneInfo(timezone)).strftime("%d/%m/%Y %H:%M:%S")
