"""Train, and watch it in the terminal; or be the process of a run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from ..config import PRESETS, PresetName, RunConfig, match_budget, sizes
from ..data import VOCABULARIES, Vocabulary, prepare
from ..errors import RunError
from ..runs import (
    RunRow,
    Store,
    accompany,
    place_of,
    schema_of,
    stop,
    submit,
    train_launched,
    work,
)
from .answer import as_json, say_json
from .choices import chosen
from .follow import follow
from .summary import say_summary, summary

__all__ = ["be_run", "train_verb"]

_INTERRUPTED = 130


@click.command("train")
@click.argument("config_file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--run", "run_id", help="Be the process of this run; what a page starts.")
@click.option("--preset", "preset_name", type=click.Choice(PRESETS), help="Where to start from.")
@click.option("--data", help="A dataset's name, a prepared dataset's folder, or the processed Ali-CCP CSV.")
@click.option("--vocabulary", type=click.Choice(VOCABULARIES),
              help="How the ids of a CSV are read; the tutorial's sample is read as given, others learnt.")  # fmt: skip
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="A choice, such as model.num_experts=8.")
@click.option("--same-budget", is_flag=True,
              help="Widen or narrow experts to as many parameters as MMoE has with 8 experts [16].")  # fmt: skip
@click.option("--name", default="", help="What to call the run.")
@as_json
def train_verb(
    config_file: Path | None,
    run_id: str | None,
    preset_name: PresetName | None,
    data: str | None,
    vocabulary: Vocabulary | None,
    settings: Sequence[str],
    same_budget: bool,
    name: str,
    is_json: bool,
) -> int:
    """Train a network and see how well it does. Ctrl-C stops the run; its best weights are tested and kept.

    Under torchrun, every process is started with the same words: `torchrun --nproc-per-node=2 -m mmoe_core train …`.
    """
    place = place_of()
    if place is not None and place.rank > 0:
        accompany(place)
        return 0
    if run_id is not None:
        return be_run(run_id, is_json=is_json)
    store = Store()
    config = chosen(config_file, preset_name, data, settings, vocabulary)
    if same_budget:
        schema = schema_of(config.data, store=store)
        config = config.model_copy(update={"model": match_budget(config.model, schema)})
        counted = sizes(config.model, schema).total
        click.echo(f"Experts {list(config.model.expert_widths)}: {counted:,} parameters.", err=True)
    if place is not None:
        return _end(store, train_launched(config, name, place, store=store), is_json)
    is_ours, row = _start(store, config, name)
    code = 0
    try:
        row = follow(store, row.run_id)
    except KeyboardInterrupt:
        code = _INTERRUPTED
        if is_ours:
            click.echo(f"Stopping run {row.run_id} …", err=True)
            row = stop(row.run_id, store=store)
        else:
            click.echo(f"Run {row.run_id} goes on. Stop it with: python -m mmoe_core stop {row.run_id}", err=True)
            row = store.row(row.run_id)
    return _end(store, row, is_json) or code


def be_run(run_id: str, *, is_json: bool = False) -> int:
    """Be the process of a run, from its lock to its last word."""
    store = Store()
    return _end(store, work(run_id, store=store, for_life=True), is_json)


def _start(store: Store, config: RunConfig, name: str) -> tuple[bool, RunRow]:
    before = {row.run_id for row in store.live_rows(config)}
    row = submit(config, name, store=store)
    is_ours = row.run_id not in before
    if not is_ours:
        click.echo(f"The same choices are being trained already, as run {row.run_id}: following it.", err=True)
    return is_ours, row


def _end(store: Store, row: RunRow, is_json: bool) -> int:
    if row.error is not None:
        raise row.error
    if row.state == "interrupted":
        raise RunError(
            "The process of run {run_id} is gone before its end. Go on with: python -m mmoe_core resume {run_id}",
            run_id=row.run_id,
        )
    manifest = prepare(row.config.data, home=store.folder.parent).manifest
    for note in manifest.notes(row.config.train.batch_size):
        click.echo(f"Note: {note}", err=True)
    found = summary(store, row)
    if is_json:
        say_json(found)
    else:
        say_summary(found)
    return 0
