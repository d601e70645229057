"""The same rows, a purchase read over all impressions (CTCVR) or over clicks alone (CVR).

Ma et al., "Entire Space Multi-Task Model", SIGIR 2018, equation 1: p(CTCVR) = p(CTR) · p(CVR). Over clicks, a label
means something only where there was a click, and its true probability is what is left of CTCVR's.

Shape suffixes in this file:
    N rows   T tasks
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from ..config import LabelSpace, Schema, TaskSpec
from ..errors import ConfigError
from ..metrics import conditional_probabilities
from .dataset import Dataset
from .manifest import SplitName
from .rows import Split

__all__ = ["read_in", "readable_on_clicks"]


def readable_on_clicks(schema: Schema) -> tuple[str, ...]:
    """The tasks of a dataset, as it is stored, whose label can be read over clicks as well as over impressions."""
    if [task.label_space for task in schema.tasks].count("ctr") != 1:
        return ()
    return tuple(task.name for task in schema.tasks if task.label_space == "ctcvr")


def read_in(dataset: Dataset, spaces: Mapping[str, LabelSpace]) -> Dataset:
    """A dataset with some labels in another space; nothing on disk changes.

    Args:
        dataset: As it is stored.
        spaces: Task → space; what is absent, or stored so, stays.

    Raises:
        ConfigError: there is no such task, or it cannot be read so.
    """
    tasks = {task.name: task for task in dataset.schema.tasks}
    moved = []
    for name, space in spaces.items():
        if name not in tasks:
            raise ConfigError(
                "{path} names the task '{task}', but this dataset has {tasks}. Remove it or choose another dataset.",
                path="data.label_spaces",
                task=name,
                tasks=", ".join(tasks),
            )
        if tasks[name].label_space == space:
            continue
        if space != "cvr" or name not in readable_on_clicks(dataset.schema):
            raise _cannot_be_read(dataset.schema, tasks[name], space)
        moved.append(name)
    return _OnClicks(dataset, moved) if moved else dataset


class _OnClicks(Dataset):
    """A dataset some of whose tasks are observed after a click only."""

    def __init__(self, stored: Dataset, names: list[str]) -> None:
        tasks = tuple(
            task.model_copy(update={"label_space": "cvr", "observed_if": "click"}) if task.name in names else task
            for task in stored.schema.tasks
        )
        super().__init__(stored.folder, stored.schema.model_copy(update={"tasks": tasks}), stored.manifest)
        self._stored = stored
        self._click = [task.label_space for task in tasks].index("ctr")
        self._moved = [place for place, task in enumerate(tasks) if task.name in names]

    def split(self, name: SplitName) -> Split:
        """The stored rows; only which labels are observed, and the truth, are this reading's own."""
        if name not in self._splits:
            self._splits[name] = self._read(self._stored.split(name))
        return self._splits[name]

    def _read(self, stored: Split) -> Split:
        is_clicked_N = np.asarray(stored.labels_NT[:, self._click] == 1)
        observed_NT = np.array(stored.observed_NT)
        truth_NT = None if stored.truth_NT is None else np.array(stored.truth_NT)
        for place in self._moved:
            observed_NT[:, place] &= is_clicked_N
            if truth_NT is not None:
                truth_NT[:, place] = conditional_probabilities(truth_NT[:, place], truth_NT[:, self._click])
        return replace(stored, schema=self.schema, observed_NT=observed_NT, truth_NT=truth_NT)


def _cannot_be_read(schema: Schema, task: TaskSpec, space: LabelSpace) -> ConfigError:
    readable = readable_on_clicks(schema)
    if readable:
        return ConfigError(
            "{path} is {space}, but '{task}' is stored in label space {stored}. Over clicks (cvr) or over all "
            "impressions (ctcvr), as you like, can be read here: {tasks}.",
            path=f"data.label_spaces.{task.name}",
            task=task.name,
            space=space,
            stored=task.label_space,
            tasks=", ".join(readable),
        )
    return ConfigError(
        "{path} is {space}, but '{task}' is stored in label space {stored}. Only a task over all impressions (ctcvr), "
        "beside the one task that is a click (ctr), can be read over clicks, and this dataset has none. "
        "Leave the choice out.",
        path=f"data.label_spaces.{task.name}",
        task=task.name,
        space=space,
        stored=task.label_space,
    )
