"""Census-Income (KDD): 199,523 + 99,762 people of the US Current Population Surveys 1994 and 1995.

UCI Machine Learning Repository, archive.ics.uci.edu/ml/datasets/Census-Income+(KDD), CC BY 4.0.
Task groups: Ma et al., KDD 2018, section 6.2.

Shape suffixes in this file:
    N people, train first
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from ..config import FIRST_KNOWN, SHIPPED, Census, IdField, Schema, TaskSpec, ValueField
from ..errors import DatasetError
from .encoding import MISSING_CODE, fit_ids, fit_scaling, scaled
from .manifest import SplitName
from .writing import DatasetWriter

__all__ = ["NUM_PEOPLE", "convert", "write_census"]

NUM_PEOPLE = 299_285

_WEIGHT = "instance weight"  # of the survey's sampling; the documentation forbids it as a feature
_VALUES = {  # number columns -> whether their tail is heavy
    "age": False,
    "wage per hour": True,
    "capital gains": True,
    "capital losses": True,
    "divdends from stocks": True,
    "num persons worked for employer": False,
    "weeks worked in year": False,
}
_MISSING_LABELS = ("?", "")
_VALIDATION_SHARE = 0.1
_VALIDATION_SEED = 1994  # fixed: everybody compares on the same people


@dataclass(frozen=True)
class _Task:
    name: str
    column: str
    positive: tuple[str, ...]  # a label is 1 when the column's text starts with one of these


_income = _Task("income", "income", ("50000+",))
_education = _Task("education", "education", ("Bachelors", "Masters", "Prof school", "Doctorate"))
_never_married = _Task("never_married", "marital status", ("Never married",))
_groups = {"g1": (_income, _never_married), "g2": (_education, _never_married)}


def convert(csv_folder: Path, out: Path) -> None:
    """Make the two shipped Parquet files from UCI's table, every column and every row of it.

    Args:
        csv_folder: Holds `census_income_kdd_train.csv.gz` and `census_income_kdd_test.csv.gz`, header with UCI's names.
        out: Folder for `train.parquet` and `test.parquet`.
    """
    as_text = pyarrow.csv.ConvertOptions(strings_can_be_null=False)
    for part in ("train", "test"):
        table = pyarrow.csv.read_csv(csv_folder / f"census_income_kdd_{part}.csv.gz", convert_options=as_text)
        pq.write_table(
            table, out / f"{part}.parquet", compression="zstd", compression_level=19, row_group_size=table.num_rows
        )


def write_census(config: Census, folder: Path, *, shipped: Path = SHIPPED / "census-income") -> None:
    """Prepare a task group as a dataset. Test is UCI's; validation is a tenth of UCI's train, drawn once and for all.

    Raises:
        DatasetError: the shipped files are not there.
    """
    people, num_train, num_validation = _people(shipped)
    tasks = _groups[config.group]
    dropped_columns = {_WEIGHT, *(task.column for task in tasks)}
    id_names = [name for name in people.column_names if name not in dropped_columns and name not in _VALUES]

    columns: dict[str, np.ndarray] = {}
    vocabularies: dict[str, np.ndarray] = {}
    for name in id_names:
        codes, labels = _codes(people[name])
        columns[name], seen = fit_ids(codes, num_train)
        vocabularies[name] = labels[seen]
    numbers = {name: people[name].to_numpy() for name in _VALUES}
    scaling = {name: fit_scaling(numbers[name], num_train, is_log=is_log) for name, is_log in _VALUES.items()}
    columns |= {name: scaled(numbers[name], scaling[name]) for name in _VALUES}
    for task in tasks:
        starts = [pc.starts_with(people[task.column], text).to_numpy() for text in task.positive]
        columns[task.name] = np.logical_or.reduce(starts).astype(np.uint8)

    schema = Schema(
        id_fields=tuple(IdField(name=name, vocabulary_size=FIRST_KNOWN + len(vocabularies[name])) for name in id_names),
        value_fields=tuple(ValueField(name=name) for name in _VALUES),
        tasks=tuple(TaskSpec(name=task.name) for task in tasks),
    )
    table = pa.table(columns)
    ends: dict[SplitName, int] = {
        "train": num_train,
        "validation": num_train + num_validation,
        "test": people.num_rows,
    }
    with DatasetWriter(folder, schema, vocabularies) as writer:
        start = 0
        for split, end in ends.items():
            writer.append(split, table.slice(start, end - start))
            start = end
        writer.finish(
            "Census-Income (KDD), UCI Machine Learning Repository, CC BY 4.0: real people, 1994 and 1995.",
            config=config,
            scaling=scaling,
        )


def _people(shipped: Path) -> tuple[pa.Table, int, int]:
    """All rows, train first, then validation, then test; and how many the first two are."""
    for part in ("train", "test"):
        if not (shipped / f"{part}.parquet").is_file():
            raise DatasetError(
                "data/census-income/{file} is missing. It belongs to the project: restore it from version control.",
                file=f"{part}.parquet",
            )
    learn = pq.read_table(shipped / "train.parquet")
    order = np.random.default_rng(_VALIDATION_SEED).permutation(learn.num_rows)
    num_validation = round(_VALIDATION_SHARE * learn.num_rows)
    people = pa.concat_tables([learn.take(order), pq.read_table(shipped / "test.parquet")])
    return people.combine_chunks(), learn.num_rows - num_validation, num_validation


def _codes(column: pa.ChunkedArray) -> tuple[np.ndarray, np.ndarray]:
    """A nominal column as codes into its ascending labels, `MISSING_CODE` where the survey has no answer."""
    labels = pc.unique(column).sort()
    codes = pc.index_in(column, labels).to_numpy().astype(np.int64)
    texts = np.asarray(labels.cast(pa.string()).to_numpy(zero_copy_only=False), dtype=object)
    is_missing = np.isin(texts, _MISSING_LABELS)
    return np.where(is_missing[codes], MISSING_CODE, codes), texts
