"""Tables in narrow windows: codes and times stay whole."""

import io

import pytest
from rich.console import Console

from cli import screen
from cli.screen import print_rows, table

ROW = ("7KQX-4M9T-2BHW", "26/11/2026 08:30:00", "infrastructure_incident.lighting", "-")


def shown(monkeypatch: pytest.MonkeyPatch, width: int) -> str:
    written = io.StringIO()
    monkeypatch.setattr(screen, "screen", lambda: Console(file=written, width=width, markup=False, highlight=False))
    print_rows(table("Tickets", "code", "received", "field", "agency"), [ROW], empty="No tickets.")
    return written.getvalue()


def test_a_wide_window_gets_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "┃ code" in shown(monkeypatch, 100)


def test_a_narrow_window_gets_a_list_that_breaks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = shown(monkeypatch, 50).splitlines()
    assert [line.strip() for line in lines] == [
        "Tickets",
        "7KQX-4M9T-2BHW",
        "received  26/11/2026 08:30:00",
        "field     infrastructure_incident.lighting",
    ]
