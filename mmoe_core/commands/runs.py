"""What has been trained."""

from __future__ import annotations

import json

import click

from ..config import spelled_out, to_flat
from ..runs import RunRow, Store
from .answer import as_json, say_json, say_table
from .summary import say_summary, summary

__all__ = ["runs_verb", "show_verb"]


@click.command("runs")
@click.option("--limit", type=click.IntRange(min=1), help="Only the newest ones.")
@as_json
def runs_verb(limit: int | None, is_json: bool) -> None:
    """All runs, newest first."""
    rows = Store().rows(limit)
    if is_json:
        say_json({"runs": [_row(row) for row in rows]})
        return
    say_table(
        ("run", "state", "steps", "of", "dataset", "network", "branch of", "at step", "name"),
        [
            (
                row.run_id,
                row.state,
                row.steps,
                row.total_steps,
                row.config.data.dataset_name,
                row.config.model.kind,
                row.parent_run_id,
                row.parent_step,
                row.name,
            )
            for row in rows
        ],
    )


@click.command("show")
@click.argument("run")
@as_json
def show_verb(run: str, is_json: bool) -> None:
    """One run: its choices, where it is, and how well its best weights do."""
    store = Store()
    row = store.row(run)
    found = summary(store, row)
    if is_json:
        config = json.loads(row.config.model_dump_json())
        say_json({**_row(row), **found, "config": config})
        return
    say_summary(found)
    if row.parent_run_id is not None:
        click.echo(f"\nA branch of {row.parent_run_id} at step {row.parent_step:,}.")
    if row.error is not None:
        click.echo(f"\n{row.error}")
    built = row.config.model_copy(update={"model": spelled_out(row.config.model)})
    say_table(("\nchoice", "\nvalue"), list(to_flat(built).items()))


def _row(row: RunRow) -> dict[str, object]:
    return {
        "run_id": row.run_id,
        "name": row.name,
        "state": row.state,
        "steps": row.steps,
        "total_steps": row.total_steps,
        "dataset": row.config.data.dataset_name,
        "kind": row.config.model.kind,
        "parent_run_id": row.parent_run_id,
        "parent_step": row.parent_step,
        "created_at": row.created_at.isoformat(),
        "started_at": row.started_at.isoformat() if row.started_at else None,
        "ended_at": row.ended_at.isoformat() if row.ended_at else None,
        "error": json.loads(row.error.to_json()) if row.error else None,
    }
