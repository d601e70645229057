"""Which of several runs orders rows better, and can these rows tell?"""

from __future__ import annotations

from typing import Any

import click

from ..analysis import TaskGain
from ..data import Progress
from ..runs import BaselineScore, RunRow, Store, TaskComparison, against_baselines, compare, learn_baselines
from .answer import as_json, say_json, say_table

__all__ = ["compare_verb"]

_COLUMNS = ("task", "a", "b", "measure", "positives", "of a", "of b", "a - b", "low", "high", "p", "verdict")


@click.command("compare")
@click.argument("runs", metavar="RUN RUN ...", nargs=-1)
@click.option(
    "--baselines",
    "with_baselines",
    is_flag=True,
    help="Against logistic regression (ridge) and gradient boosting on the last run's data; learnt once, and kept.",
)
@as_json
def compare_verb(runs: tuple[str, ...], with_baselines: bool, is_json: bool) -> None:
    """Test AUC (a regression's RMSE) of each run less that of the last one, the baseline, on the same rows."""
    store = Store()
    if with_baselines and runs:
        _compare_with_baselines([store.row(run) for run in dict.fromkeys(reversed(runs))], store, is_json=is_json)
        return
    if len(set(runs)) < 2:
        raise click.UsageError("Name at least two runs; the last one is the baseline.")
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


def _compare_with_baselines(rows: list[RunRow], store: Store, *, is_json: bool) -> None:
    learn_baselines(rows[0], on_progress=_say_stage)
    found, refused = against_baselines(rows, store=store)
    for one in refused:
        click.echo(str(one.reason), err=True)
    if is_json:
        say_json({"baselines": [_told_of(score) for score in found]})
        return
    columns = ("task", "baseline", "measure", "positives", "of it", "low", "high", "run", "run - it", *_COLUMNS[8:])
    say_table(columns, [row for score in found for row in _rows_of(score)])


def _say_stage(progress: Progress) -> None:
    if progress.share == 0:
        click.echo(f"{progress.step}/{progress.num_steps} {progress.stage} …", err=True)


def _told_of(score: BaselineScore) -> dict[str, Any]:
    names = ("difference", "low", "high", "p")
    runs = [
        {"run_id": run, **{name: getattr(gain.found if gain else None, name, None) for name in names}}
        for run, gain in score.gains.items()
    ]
    own = {name: getattr(score, name) for name in ("task", "method", "measure", "value", "low", "high", "positives")}
    return {**own, "runs": runs}


def _rows_of(score: BaselineScore) -> list[tuple[object, ...]]:
    own = (score.task, score.method, score.measure.upper(), score.positives, score.value, score.low, score.high)
    rows: list[tuple[object, ...]] = []
    for run, gain in score.gains.items():
        if gain is None:
            rows.append((*own, run, *(None,) * 4, "undefined"))
            continue
        found = gain.found
        verdict = _verdict(gain).replace("a is", "the run is").replace("b is", "the baseline is")
        rows.append((*own, run, found.difference, found.low, found.high, found.p, verdict))
    return rows


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
