"""What can be asked of a run."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import click
from pydantic import ValidationError

from ..config import refusal
from ..errors import ConfigError
from ..records import Continue, Intent, Pause, SetLearningRate, SetTaskWeights, StepOnce
from ..runs import RunRow, Store, accompany, place_of, resume, resume_launched, stop
from .answer import as_json, say_json
from .choices import pairs

__all__ = ["continue_verb", "delete_verb", "pause_verb", "resume_verb", "set_verb", "step_verb", "stop_verb"]

_TASK_WEIGHTS = "task_weights."


def _asking(name: str, sentence: str, ask: Callable[[Store, str], RunRow]) -> click.Command:
    """A verb on one run that answers with the state it finds afterwards."""

    @click.command(name, help=sentence)
    @click.argument("run")
    @as_json
    def verb(run: str, is_json: bool) -> None:
        _say(ask(Store(), run), is_json)

    return verb


def _intending(intent: Intent) -> Callable[[Store, str], RunRow]:
    def ask(store: Store, run_id: str) -> RunRow:
        store.intend(run_id, intent)
        return store.row(run_id)

    return ask


pause_verb = _asking("pause", "Wait before the next step, and give the slot back.", _intending(Pause()))
continue_verb = _asking("continue", "Go on after a pause.", _intending(Continue()))
step_verb = _asking("step", "Take one step, then wait again.", _intending(StepOnce()))
stop_verb = _asking(
    "stop",
    "End a run: its best weights are tested and kept. Returns when its process is gone.",
    lambda store, run_id: stop(run_id, store=store),
)


@click.command("resume")
@click.argument("run")
@as_json
def resume_verb(run: str, is_json: bool) -> None:
    """Go on with an interrupted run from its last checkpoint.

    A run that torchrun started goes on under torchrun: `torchrun --nproc-per-node=2 -m mmoe_core resume RUN`.
    """
    place = place_of()
    if place is None:
        _say(resume(run, store=Store()), is_json)
    elif place.rank == 0:
        row = resume_launched(run, place, store=Store())
        if row.error is not None:
            raise row.error
        _say(row, is_json)
    else:
        accompany(place)


@click.command("set")
@click.argument("run")
@click.argument("settings", nargs=-1, required=True, metavar="KEY=VALUE...")
@as_json
def set_verb(run: str, settings: Sequence[str], is_json: bool) -> None:
    """Change a live run: learning_rate=0.001, task_weights.click=2."""
    store = Store()
    intents = _changes(pairs(settings))  # all understood before any is asked
    for intent in intents:
        store.intend(run, intent)
    _say(store.row(run), is_json)


@click.command("delete")
@click.argument("run")
@as_json
def delete_verb(run: str, is_json: bool) -> None:
    """Remove a run that has ended: its records, checkpoints, and all."""
    Store().delete(run)
    if is_json:
        say_json({"run_id": run, "state": "deleted"})
    else:
        click.echo(f"{run} deleted")


def _changes(wanted: dict[str, str]) -> list[Intent]:
    weights, changes = {}, list[Intent]()
    try:
        for key, value in wanted.items():
            path = key.removeprefix("train.")
            if path.startswith(_TASK_WEIGHTS):
                weights[path.removeprefix(_TASK_WEIGHTS)] = value
            elif path == "learning_rate":
                changes.append(SetLearningRate.model_validate_strings({path: value}, strict=False))
            else:
                raise ConfigError(
                    "'{path}' cannot be changed while a run trains. What can: learning_rate, task_weights.TASK.",
                    path=key,
                )
        if weights:
            changes.append(SetTaskWeights.model_validate_strings({"task_weights": weights}, strict=False))
    except ValidationError as error:
        raise refusal(error) from None
    return changes


def _say(row: RunRow, is_json: bool) -> None:
    if is_json:
        say_json({"run_id": row.run_id, "state": row.state})
    else:
        click.echo(f"{row.run_id} {row.state}")
