"""The work that is timed: the tutorials' MMoE on generated rows with Ali-CCP's vocabularies.

Shape suffixes in this file:
    N rows   F id fields   V value fields   T tasks
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..config import FIRST_KNOWN, IdField, MMoE, RunConfig, Schema, TaskSpec, TrainConfig, ValueField
from ..data import Split, SplitName

__all__ = ["VOCABULARIES", "Work", "bench_config", "make_work"]

VOCABULARIES: Mapping[str, int] = {  # ids seen at least ten times in Ali-CCP
    "101": 238_635, "121": 98, "122": 14, "124": 3, "125": 8, "126": 4, "127": 4, "128": 3, "129": 5, "205": 467_298,
    "206": 6_929, "207": 263_942, "210": 80_200, "216": 106_399, "508": 5_888, "509": 104_830, "702": 51_878,
    "853": 37_148, "301": 4, "109_14": 5_850, "110_14": 106_000, "127_14": 53_800, "150_14": 31_900,
}  # fmt: skip
_NUM_VALUES = 8
_RATES = (0.04, 0.004)
_HELD_OUT = 20_000  # rows of validation
_MOST_TESTED = 500_000
_ROWS_AT_ONCE = 1_000_000


@dataclass(frozen=True)
class Work:
    """What `fit` asks of a dataset."""

    schema: Schema
    splits: Mapping[SplitName, Split]

    def split(self, name: SplitName) -> Split:
        """One of the three."""
        return self.splits[name]


def bench_config(**train: object) -> RunConfig:
    """8 experts [16], towers [8], embedding 4, batch 1024, Adam 1e-3, one thread; watched rarely."""
    settings: dict[str, object] = {
        "batch_size": 1024, "learning_rate": 1e-3, "epochs": 1, "snapshot_every": 200, "validate_every": 1_000_000,
        "validation_rows": 1000, "probe_rows": 500,
    }  # fmt: skip
    return RunConfig(
        model=MMoE(
            num_experts=8, expert_widths=(16,), default_tower_widths=(8,), embedding_size=4, embedding_scale=0.1
        ),
        train=TrainConfig.model_validate(settings | train),
    )


def make_work(num_rows: int, folder: Path, seed: int = 1) -> Work:
    """Generate rows into memory-mapped files.

    Ids are log-uniform within their field; labels follow a weight per id of item, category and user, so that there is
    something to learn.

    Args:
        num_rows: Of train.
        folder: Where the files go.
        seed: Of the draw.
    """
    schema = Schema(
        id_fields=tuple(
            IdField(name=name, vocabulary_size=max(size, FIRST_KNOWN)) for name, size in VOCABULARIES.items()
        ),
        value_fields=tuple(ValueField(name=f"D{place}") for place in range(_NUM_VALUES)),
        tasks=(TaskSpec(name="click", label_space="ctr"), TaskSpec(name="purchase", label_space="ctcvr")),
    )
    draw = np.random.default_rng(seed)
    worth = {name: draw.normal(size=(VOCABULARIES[name], 2)) for name in ("101", "205", "206")}
    sizes: dict[SplitName, int] = {"train": num_rows, "validation": _HELD_OUT, "test": min(num_rows, _MOST_TESTED)}
    return Work(schema, {name: _split(name, rows, schema, worth, draw, folder) for name, rows in sizes.items()})


def _split(
    name: SplitName,
    num_rows: int,
    schema: Schema,
    worth: Mapping[str, np.ndarray],
    draw: np.random.Generator,
    folder: Path,
) -> Split:
    def mapped(what: str, dtype: type, width: int) -> np.ndarray:
        file = folder / f"{name}-{what}.npy"
        return np.lib.format.open_memmap(file, mode="w+", dtype=dtype, shape=(num_rows, width))

    ids_NF = mapped("ids", np.int32, len(schema.id_fields))
    dense_ND = mapped("dense", np.float32, _NUM_VALUES)
    labels_NT, observed_NT = mapped("labels", np.float32, 2), mapped("observed", np.bool_, 2)
    for start in range(0, num_rows, _ROWS_AT_ONCE):
        rows = slice(start, min(start + _ROWS_AT_ONCE, num_rows))
        count = rows.stop - start
        utility_NT = np.log(np.array(_RATES)) - 0.5 + 0.3 * draw.normal(size=(count, 2))
        for column, (field, offset) in enumerate(zip(schema.id_fields, schema.offsets, strict=True)):
            size = VOCABULARIES[field.name]
            local_N = np.minimum(np.exp(draw.random(count) * np.log(size)).astype(np.int64), size - 1)
            ids_NF[rows, column] = local_N + offset
            if field.name in worth:
                utility_NT += 0.6 * worth[field.name][local_N]
        dense_ND[rows] = draw.normal(size=(count, _NUM_VALUES))
        labels_NT[rows] = draw.random((count, 2)) < 1 / (1 + np.exp(-utility_NT))
        observed_NT[rows] = True
    return Split(name=name, ids_NF=ids_NF, dense_ND=dense_ND, labels_NT=labels_NT, observed_NT=observed_NT)
