"""How a verb answers: a table for people, or one JSON object on the last line for machines."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click
from rich.console import Console
from rich.table import Table

__all__ = ["as_json", "say_json", "say_table", "shown"]

_PIPED_WIDTH = 200  # of a table that nobody folds to a window

as_json = click.option("--json", "is_json", is_flag=True, help="Answer with one JSON object on the last line.")


def say_json(value: Mapping[str, Any]) -> None:
    """One strict JSON object on a line of its own."""
    click.echo(json.dumps(value, ensure_ascii=False, allow_nan=False))


def say_table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Rows of values, `None` as a dash."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, no_wrap=True)
    for row in rows:
        table.add_row(*map(shown, row))
    Console(width=None if sys.stdout.isatty() else _PIPED_WIDTH, markup=False, emoji=False, highlight=False).print(
        table
    )


def shown(value: object) -> str:
    """A value as people read it: numbers short, nothing as a dash."""
    match value:
        case None:
            return "–"
        case bool():
            return "yes" if value else "no"
        case float() if 0 < abs(value) < 5e-5:
            return f"{value:.0e}"
        case float():
            return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4f}"
        case int():
            return f"{value:,}"
        case _:
            return str(value)
