"""Which of several runs orders rows better, and can these rows tell?"""

from __future__ import annotations

from typing import Any

import click

from ..analysis import TaskGain
from ..runs import Store, TaskComparison, compare
from .answer import as_json, say_json, say_table

__all__ = ["compare_verb"]

_COLUMNS = ("task", "a", "b", "measure", "positives", "of a", "of b", "a - b", "low", "high", "p", "verdict")


@click.command("compare")
@click.argument("runs", metavar="RUN RUN ...", nargs=-1)
@as_json
def compare_verb(runs: tuple[str, ...], is_json: bool) -> None:
    """Test AUC (a regression's RMSE) of each run less that of the last one, the baseline, on the same rows."""
    if len(set(runs)) < 2:
        raise click.UsageError("Name at least two runs; the last one is the baseline.")
    store = Store()
    baseline = store.row(runs[-1])
    found, refused = compare([store.row(run) for run in dict.fromkeys(runs)], baseline, store=store)
    if not found:
        raise refused[0].reason
    for one in refused:
        click.echo(str(one.reason), err=True)
    if is_json:
        refusals = [{"run_id": one.run_id, "reason": str(one.reason)} for one in refused]
        say_json({"comparisons": [_told(one) for one in found], "refusals": refusals})
        return
    say_table(_COLUMNS, [_cells(one) for one in found])


def _told(one: TaskComparison) -> dict[str, Any]:
    found = one.gain.found if one.gain else None
    numbers = {name: getattr(found, name, None) for name in ("difference", "low", "high", "p")}
    return {"task": one.task, "a": one.run_id, "b": one.baseline_id, **numbers}


def _cells(one: TaskComparison) -> tuple[object, ...]:
    gain, who = one.gain, (one.task, one.run_id, one.baseline_id)
    if gain is None:
        return (*who, *(None,) * (len(_COLUMNS) - len(who) - 1), "undefined")
    found = gain.found
    numbers = (found.one, found.other, found.difference, found.low, found.high, found.p)
    return (*who, gain.measure.upper(), gain.positives, *numbers, _verdict(gain))


def _verdict(gain: TaskGain) -> str:
    if gain.found.is_distinguishable:
        return "a is better" if gain.gain > 0 else "b is better"
    needed = "" if gain.rows_needed is None else f"; would take about {gain.rows_needed:,} test rows"
    return f"not distinguishable on {gain.rows:,} rows{needed}"
