"""Which experts each task listens to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click
import numpy as np
import pandas as pd

from ..analysis import expert_usage, gate_distance, segment_information_bits, usage_by_segment
from ..config import Audience, audience
from ..data import field_values, prepare, probe_rows
from ..errors import RunError
from ..records import GateLevel
from ..runs import RunRow, Store
from .answer import as_json, say_json, say_table

__all__ = ["gates_verb"]


@click.command("gates")
@click.argument("run")
@click.option("--by", "field", help="Also within each value of this field; `segment` is the simulator's mechanism.")
@as_json
def gates_verb(run: str, field: str | None, is_json: bool) -> None:
    """Mean gate per task and expert, of the best weights, on the probe rows."""
    store = Store()
    row = store.row(run)
    found = _found(store, row, field)
    if is_json:
        say_json(found)
        return
    *below, tasks = audience(row.config.model, row.schema.task_names if row.schema else ())
    for number, (who, of_level) in enumerate(zip(below, found.get("levels", ()), strict=True), start=1):
        click.echo(f"Level {number} of {len(below) + 1}, read by the experts above; – cannot be heard")
        _say_gates("reader", of_level["gates"], who)
        click.echo()
    _say_gates("task", found["gates"], tasks)
    for value, gates in found.get("segments", {}).items():
        click.echo(f"\n{field} = {value}")
        _say_gates("task", gates, tasks)
    distances = [("Jensen-Shannon distance between the tasks' gates", found["js"], found["untrained_js"])]
    bits = found.get("top_expert_information_bits", {})
    distances += [(f"bits of {field} in the top expert of {task}", value, None) for task, value in bits.items()]
    click.echo()
    say_table(("", "trained", "untrained"), distances)


def _say_gates(heading: str, gates: Mapping[str, Sequence[float]], who: Audience) -> None:
    """Mean weights; a dash where a reader cannot hear an expert at all."""
    told = (
        [mean if who.hears(reader, expert) else None for expert, mean in zip(who.experts, means, strict=True)]
        for reader, means in gates.items()
    )
    say_table((heading, *who.experts), [(reader, *means) for reader, means in zip(gates, told, strict=True)])


def _found(store: Store, row: RunRow, field: str | None) -> dict[str, Any]:
    """The answer: the tasks' level, and where there are more levels, theirs in the same form."""
    levels = _levels(store, row.run_id)
    trained, untrained = store.probe_gates(row.run_id, "best"), store.probe_gates(row.run_id, 0)
    values_B = _values(store, row, field) if field is not None else None
    found: list[dict[str, Any]] = []
    for level, gates_BRE, untrained_BRE in zip(levels, trained, untrained, strict=True):
        one: dict[str, Any] = {
            "gates": _by_reader(expert_usage(gates_BRE, level.readers, level.experts)),
            "untrained": _by_reader(expert_usage(untrained_BRE, level.readers, level.experts)),
            "js": gate_distance(gates_BRE),
            "untrained_js": gate_distance(untrained_BRE),
        }
        if values_B is not None:
            usage = usage_by_segment(gates_BRE, level.readers, level.experts, values_B).drop(columns="rows")
            one["segments"] = {str(value): _by_reader(of.droplevel(0)) for value, of in usage.groupby(level=0)}
            one["top_expert_information_bits"] = segment_information_bits(gates_BRE, level.readers, values_B)
        found.append(one)
    return {**found[-1], **({"levels": found[:-1]} if len(found) > 1 else {})}  # the last level's readers are tasks


def _levels(store: Store, run_id: str) -> tuple[GateLevel, ...]:
    snapshots = store.snapshots(run_id)
    if not snapshots:
        raise RunError("Run {run_id} has not said anything about its gates yet.", run_id=run_id)
    return snapshots[0].levels


def _values(store: Store, row: RunRow, field: str) -> np.ndarray:
    """What the field says on each probe row, as text, shape (B,)."""
    dataset = prepare(row.config.data, home=store.folder.parent)
    rows_B = probe_rows(dataset, row.config.train.probe_rows)
    return np.asarray(field_values(dataset, "validation", field, rows_B))


def _by_reader(usage: pd.DataFrame) -> dict[str, list[float]]:
    return {str(reader): [float(mean) for mean in means] for reader, *means in usage.itertuples()}
