"""A network that another library has trained becomes a run that has ended: its gates, its predictions, its metrics.

Step 0 of the run is a fresh network of the same build, so that its gates have an untrained picture beside them; step 1
are the adopted weights, which nobody here has moved.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from torch import Tensor

from ..config import DataConfig, RunConfig, Schema, change_kind, check_memory, check_tasks, from_flat, to_flat
from ..data import Dataset, prepare
from ..errors import ForeignError
from ..models import build_model
from ..records import EpochRecord
from ..runs import RunRow, Store, available_bytes, work
from ..training import Checkpoint, Controls, Event, TrainingState, fit
from ..training.state import join
from ..training.watch import Watch
from .libraries import LIBRARIES, LibraryName
from .pieces import copy_pieces, input_order
from .reading import ForeignFile, read_foreign

__all__ = ["adopt"]

_NO_QUEUE = 10**6  # slots: a look at a network need not wait for those that train


def adopt(
    file: Path,
    library: LibraryName,
    data: DataConfig,
    *,
    tasks: Sequence[str] = (),
    settings: Mapping[str, str] | None = None,
    name: str = "",
    store: Store | None = None,
) -> RunRow:
    """Make a run of a state dict.

    Args:
        file: Its tensors as safetensors.
        library: Who has trained it.
        data: The rows on which its gates are watched and it is tested.
        tasks: Our names of its tasks, in its order; default: the dataset's.
        settings: What it was built with, as `path=value`, where its tensors do not tell.
        name: What to call the run.
        store: Where it goes; default: under `MMOE_HOME`.

    Raises:
        ForeignError: the file is no safetensors, or does not fit; names each tensor. No run was made.
        ConfigError: a setting is out of bounds, or the dataset does not serve the architecture.
    """
    store = Store() if store is None else store
    dataset = prepare(data, home=store.folder.parent)
    found = read_foreign(file)
    names = _task_names(tasks or dataset.schema.task_names, dataset.schema)
    config = _config(found, library, data, names, settings or {})
    check_tasks(config, dataset.schema)
    check_memory(config.model, config.train, dataset.schema, available_bytes())
    adopted = _adopted(found, library, config, dataset, [dataset.schema.task_names.index(task) for task in names])
    row = store.create(config, name or f"{library}: {file.name}", schema=dataset.schema)
    row = work(row.run_id, store=store, fit=_Adoption(adopted), slots=_NO_QUEUE)
    if row.error is not None:
        raise row.error
    return row


def _task_names(tasks: Sequence[str], schema: Schema) -> tuple[str, ...]:
    if sorted(tasks) != sorted(schema.task_names):
        raise ForeignError(
            "The tasks are to be {tasks}, but the dataset has {there}. Name each of them once, in the order of the "
            "network.",
            tasks=", ".join(tasks),
            there=", ".join(schema.task_names),
        )
    return tuple(tasks)


def _config(
    found: ForeignFile, library: LibraryName, data: DataConfig, tasks: Sequence[str], settings: Mapping[str, str]
) -> RunConfig:
    """What the tensors tell, then what was said."""
    of = LIBRARIES[library]
    guessed = of.guess(found.tensors, tasks)
    kind = next((kind for kind in of.kinds if kind == settings.get("model.kind", guessed.get("model.kind"))), None)
    if kind is None:
        raise ForeignError(
            "This is no network of {library} that could be adopted: {kinds}. Say which one it is: --set model.kind=….",
            library=library,
            kinds=", ".join(of.kinds),
        )
    if kind != guessed.get("model.kind"):
        guessed = {}
    model, _ = change_kind(RunConfig().model, kind)
    flat = to_flat(RunConfig(data=data, model=model))
    flat |= {"train.epochs": "1", "train.snapshot_every": "1", "model.parity": of.parity}
    return from_flat({**flat, **guessed, **settings, "model.kind": kind})


def _adopted(
    found: ForeignFile, library: LibraryName, config: RunConfig, dataset: Dataset, tasks: Sequence[int]
) -> dict[str, Tensor]:
    """The weights of our network once theirs are in it."""
    of, schema = LIBRARIES[library], dataset.schema
    model = build_model(config.model, schema, seed=config.train.seed)
    as_given = dataset.manifest.vocabulary == "as_given"
    pieces = of.pieces(model, config.model, schema, tasks, as_given=as_given)
    order_D = input_order(schema, config.model.embedding_size, found.fields)
    copy_pieces(pieces, found.tensors, order_D, of.spare(config.model))
    return model.state_dict()


@dataclass(frozen=True)
class _Adoption:
    """A trainer that moves nothing: the fresh network, then the adopted weights, then their test."""

    weights: Mapping[str, Tensor]

    def __call__(
        self, config: RunConfig, dataset: Dataset, *, controls: Controls, resume_from: TrainingState | None
    ) -> Iterator[Event]:
        del resume_from
        start: TrainingState | None = None
        for event in fit(config, dataset, controls=controls):
            yield event
            if isinstance(event, Checkpoint):
                start = event.state
                break
        assert start is not None
        model = build_model(config.model, dataset.schema, seed=config.train.seed)
        model.load_state_dict(dict(self.weights))
        watch = Watch(model, dataset, config.train)
        gates = watch.probe_gates()
        metrics = watch.metrics(watch.validation, watch.scores(watch.validation, step=1))
        state = _with_weights(start, self.weights)
        yield watch.snapshot(1, gates)
        yield Checkpoint(EpochRecord(epoch=1, step=1, metrics=metrics, is_best=True, best_epoch=1), state, gates)
        yield from fit(config, dataset, controls=controls, resume_from=state)


def _with_weights(start: TrainingState, weights: Mapping[str, Tensor]) -> TrainingState:
    """The same run one epoch later, with other weights."""
    counters = {**start.counters, "step": 1, "epoch": 1, "best_epoch": 1, "best_step": 1}
    return replace(start, tensors={**start.tensors, **join(model=weights, best=weights)}, counters=counters)
