"""A run as one Python file that trains it again and says whether the same numbers come out."""

from __future__ import annotations

from itertools import groupby

from .. import config as choices
from ..records import ChangeRecord, EndRecord, SetLearningRate, SetTaskWeights, Stop
from .ended import EndedRun
from .literals import classes_in, literal

__all__ = ["script_of"]

Change = SetTaskWeights | SetLearningRate | Stop


def script_of(run: EndedRun) -> str:
    """The file's text; it needs `mmoe_core` and nothing else."""
    config, changes = run.row.config, _changes(run)
    asked = {type(change).__name__ for of_step in changes.values() for change in of_step}
    is_alone = config.train.num_processes == 1
    imports = ["from __future__ import annotations\n"]
    if changes:
        imports.append("from collections.abc import Sequence\n")
        asked |= {"SetLearningRate", "SetTaskWeights", "Stop"}  # the signature names all
    imports += _imports(config, with_home=not is_alone)
    imports.append("from mmoe_core.data import prepare")
    imports.append(_import("mmoe_core.records", {"StepRecord", "TaskMetrics", *asked}))
    if not is_alone:
        imports.append("from mmoe_core.runs.peers import assembled")
    imports.append("from mmoe_core.training import Finished, fit")
    controls = ", controls=Replayed()" if changes else ""
    parts = [
        _HEAD.format(run_id=run.row.run_id, name=literal(run.row.name), dataset=config.data.dataset_name),
        "\n".join(imports) + "\n",
        f"CONFIG = {literal(config, len('CONFIG = '))}\n",
        f"{_RECORDED}\nRECORDED = {literal(_recorded(run.end), len('RECORDED = '))}\n",
        *([_REPLAYED.format(changes=literal(changes, len("CHANGES = ")))] if changes else []),
        (_ALONE if is_alone else _TOGETHER).format(controls=controls),
        _COMPARE,
    ]
    return "\n".join(parts)


def _changes(run: EndedRun) -> dict[int, list[Change]]:
    """What was asked of the run while it trained, by the first step that felt it."""
    found: list[tuple[int, Change]] = []
    for record in run.records:
        if isinstance(record, ChangeRecord) and record.task_weights is not None:
            found.append((record.step, SetTaskWeights(task_weights=record.task_weights)))
        elif isinstance(record, ChangeRecord) and record.learning_rate is not None:
            found.append((record.step, SetLearningRate(learning_rate=record.learning_rate)))
    if run.end.reason == "stopped":
        found.append((run.end.step + 1, Stop()))
    return {step: [change for _, change in pairs] for step, pairs in groupby(found, key=lambda pair: pair[0])}


def _recorded(end: EndRecord) -> dict[str, dict[str, float]]:
    """Each task's metrics that are numbers."""
    return {
        task: {name: value for name, value in metrics if isinstance(value, int | float)}
        for task, metrics in end.metrics.items()
    }


def _imports(config: choices.RunConfig, *, with_home: bool) -> list[str]:
    """One line for the package's own names, and one for each module whose names it does not hand on."""
    by_module = {"mmoe_core.config": {"home"} if with_home else set[str]()}
    for found in classes_in(config):
        module = "mmoe_core.config" if hasattr(choices, found.__name__) else found.__module__
        by_module.setdefault(module, set()).add(found.__name__)
    return [_import(module, names) for module, names in sorted(by_module.items())]


def _import(module: str, names: set[str]) -> str:
    """In the order that import sorters like: constants, classes, functions."""
    in_order = sorted(names, key=lambda name: (not name.isupper(), name.islower(), name))
    return f"from {module} import {', '.join(in_order)}"


_HEAD = '''\
"""Train run {run_id} again, and say whether the same numbers come out.

    python THIS_FILE

It needs mmoe_core and this dataset, which is made if it is not there and is simulated or shipped:
{dataset}
"""

# The run was called {name}.
'''

_RECORDED = """\
# What the run's best weights did on the test split. Equal choices on an equal machine give equal numbers to the last
# digit; another processor, another version of torch or a graphics processor may differ in the last ones."""

_REPLAYED = '''\
# What was asked of the run while it trained, by the first step that felt it.
CHANGES = {changes}


class Replayed:
    """Asks the same again at the same steps."""

    def take(self, step: int) -> Sequence[SetTaskWeights | SetLearningRate | Stop]:
        return CHANGES.get(step, [])

    def has_news(self, step: int) -> bool:
        return step in CHANGES
'''

_ALONE = '''\

def train() -> dict[str, TaskMetrics]:
    """Train to the end; what the best weights do on the test split."""
    dataset = prepare(CONFIG.data)
    for event in fit(CONFIG, dataset{controls}):
        if isinstance(event, StepRecord) and event.step % 50 == 0:
            print(f"step {{event.step}}:", {{task: round(loss, 4) for task, loss in event.task_losses.items()}})
        if isinstance(event, Finished):
            return dict(event.record.metrics)
    raise SystemExit("The training ended without a last word.")
'''

_TOGETHER = '''\

def train() -> dict[str, TaskMetrics]:
    """Train to the end, in several processes; what the best weights do on the test split."""
    dataset = prepare(CONFIG.data)
    with assembled(CONFIG, dataset, home()) as ranks:
        for event in fit(CONFIG, dataset, ranks=ranks{controls}):
            if isinstance(event, StepRecord) and event.step % 50 == 0:
                print(f"step {{event.step}}:", {{task: round(loss, 4) for task, loss in event.task_losses.items()}})
            if isinstance(event, Finished):
                return dict(event.record.metrics)
    raise SystemExit("The training ended without a last word.")
'''

_COMPARE = '''\

def main() -> None:
    """Train, and compare with what was recorded."""
    found = train()
    differing = 0
    for task, recorded in RECORDED.items():
        for name, value in recorded.items():
            again = getattr(found[task], name)
            differing += again != value
            print(f"{task} {name}: {again}" + ("" if again == value else f", recorded {value}"))
    print("Equal to the recorded run." if differing == 0 else f"{differing} numbers differ from the recorded run.")


if __name__ == "__main__":
    main()
'''
