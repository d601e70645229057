"""Sweeps of task weights: started, listed, shown, gone on with, stopped."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import click

from ..config import PRESETS, PresetName, sweep_from_json
from ..runs import Store, Sweep, SweptRun, continue_sweep, read_sweep, read_sweeps, start_sweep, stop_sweep
from .answer import as_json, say_json, say_table
from .choices import chosen

__all__ = ["sweep_verb"]


@click.group("sweep")
def sweep_verb() -> None:
    """Train one config with every weight of a grid and every seed; the Weight lab page draws what came of it."""


@sweep_verb.command("start")
@click.option("--preset", "preset_name", type=click.Choice(PRESETS), help="A starting point.")
@click.option("--data", metavar="NAME|PATH", help="A dataset's name, or the path of one to import.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Any other choice.")
@click.option("--task", required=True, help="Whose weight is swept.")
@click.option("--against", metavar="TASK", help="Sweep the ratio to this task's weight; their product stays 1.")
@click.option("--from", "low", type=float, default=0.1, show_default=True, help="The lowest weight.")
@click.option("--to", "high", type=float, default=10.0, show_default=True, help="The highest weight.")
@click.option("--points", type=int, default=5, show_default=True, help="How many weights, evenly on a log scale.")
@click.option("--seed", "seeds", type=int, multiple=True, default=(2022,), show_default=True, help="May be repeated.")
@click.option("--singles/--no-singles", default=True, show_default=True, help="Single-task networks too.")
@as_json
def _start(
    preset_name: PresetName | None,
    data: str | None,
    settings: Sequence[str],
    task: str,
    against: str | None,
    low: float,
    high: float,
    points: int,
    seeds: Sequence[int],
    singles: bool,
    is_json: bool,
) -> None:
    """Queue all trainings of a sweep; those that are there already are not trained again."""
    base = chosen(None, preset_name, data, settings)
    plan = {
        "base": base.model_dump(mode="json"),
        "task": task,
        "against": against,
        "low": low,
        "high": high,
        "num_points": points,
        "seeds": list(seeds),
        "with_singles": singles,
    }
    _say(start_sweep(sweep_from_json(json.dumps(plan))), is_json=is_json)


@sweep_verb.command("list")
@as_json
def _list(is_json: bool) -> None:
    """All sweeps, newest first."""
    found = [_told(sweep) for sweep in read_sweeps(store=Store())]
    if is_json:
        say_json({"sweeps": found})
    else:
        columns = ("sweep_id", "state", "task", "against", "trainings", "ended")
        say_table(columns, [[one[column] for column in columns] for one in found])


@sweep_verb.command("show")
@click.argument("sweep")
@as_json
def _show(sweep: str, is_json: bool) -> None:
    """A sweep and each of its trainings, with the test AUCs of those that have finished."""
    _say(read_sweep(sweep, store=Store()), is_json=is_json)


@sweep_verb.command("continue")
@click.argument("sweep")
@as_json
def _continue(sweep: str, is_json: bool) -> None:
    """Go on: what was interrupted is resumed, what was stopped or has failed begins anew."""
    _say(continue_sweep(sweep), is_json=is_json)


@sweep_verb.command("stop")
@click.argument("sweep")
@as_json
def _stop(sweep: str, is_json: bool) -> None:
    """Stop its trainings, those that wait first."""
    _say(stop_sweep(sweep), is_json=is_json)


def _say(sweep: Sweep, *, is_json: bool) -> None:
    store = Store()
    runs = [_run(one, store) for one in sweep.runs]
    if is_json:
        say_json({**_told(sweep), "plan": json.loads(sweep.plan.model_dump_json()), "runs": runs})
        return
    click.echo(f"{sweep.sweep_id} {_state(sweep)}: {sweep.num_ended} of {len(sweep.runs)} trainings have ended")
    rows = [
        (
            "single-task" if one["weight"] is None else f"{one['weight']:g}",
            str(one["seed"]),
            one["run_id"],
            one["state"],
            ", ".join(
                f"{task} {found['auc']:.4f} [{found['auc_low']:.4f}, {found['auc_high']:.4f}], {found['positives']:,}"
                for task, found in one["tasks"].items()
                if found["auc"] is not None
            ),
        )
        for one in runs
    ]
    say_table(("weight", "seed", "run", "state", "test AUC, interval, positives"), rows)


def _told(sweep: Sweep) -> dict[str, Any]:
    return {
        "sweep_id": sweep.sweep_id,
        "state": _state(sweep),
        "task": sweep.plan.task,
        "against": sweep.plan.against,
        "trainings": len(sweep.runs),
        "ended": sweep.num_ended,
    }


def _state(sweep: Sweep) -> str:
    return "finished" if sweep.is_finished else "running" if sweep.is_live else "stopped"


def _run(one: SweptRun, store: Store) -> dict[str, Any]:
    end = store.end(one.run.run_id) if one.run is not None and one.run.state == "finished" else None
    numbers = ("auc", "auc_low", "auc_high", "positives")
    return {
        "weight": one.point.weight,
        "seed": one.point.seed,
        "run_id": one.run.run_id if one.run else None,
        "state": one.run.state if one.run else None,
        "tasks": {
            task: {name: getattr(found, name) for name in numbers}
            for task, found in (end.metrics.items() if end else ())
        },
    }
