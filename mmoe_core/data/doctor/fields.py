"""Columns that teach nothing, that nobody taught, or that drown the others.

Shape suffixes in this file:
    B rows looked at   K ids of a row in one field
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from ...config import FIRST_KNOWN, MISSING, RARE
from ..manifest import SplitName
from .findings import Finding
from .sample import Sample

__all__ = ["find_in_fields", "find_in_users"]

_EMPTY_SHARE = 0.99
_UNSEEN_SHARE = 0.5  # more than in train
_FEW_SHARED = 0.1
_FAR = 10.0  # mean or deviation of a scaled column
_TINY = 1e-3
_OUTLYING = 20.0  # spans of the middle 98 % beyond them
_MOST_NAMES = 12


def find_in_fields(samples: Mapping[SplitName, Sample]) -> Iterator[Finding]:
    """Columns that are constant, empty, unseen, not numbers, not scaled, or extreme."""
    train = samples["train"]
    constant, empty = _still(train)
    yield from _named("constant_fields", constant, train)
    yield from _named("empty_fields", empty, train)
    for split in ("validation", "test"):
        yield from _unseen(train, samples[split])
    for sample in samples.values():
        yield from _not_numbers(sample)
    for column, field in enumerate(train.schema.value_fields):
        if field.name not in constant:
            yield from _size(field.name, train.rows.dense_BV[:, column], train.sampled_rows)


def find_in_users(samples: Mapping[SplitName, Sample]) -> Iterator[Finding]:
    """One user only, or users on both sides of a split."""
    train = samples["train"]
    names = [field.name for field in train.schema.id_fields]
    if train.schema.user_field not in names:
        return
    column = names.index(train.schema.user_field)
    users_B = train.local_ids[:, column]
    if (users_B == users_B[0]).all():
        yield Finding.of("one_user", sampled_rows=train.sampled_rows)
        return
    for split in ("validation", "test"):
        known = samples[split].local_ids[:, column] >= FIRST_KNOWN  # train has taught it, so train has its rows
        share = float(known.mean()) if len(known) else 0.0
        if share > 0:
            code = "few_users_shared" if share < _FEW_SHARED else "users_shared"
            yield Finding.of(code, sampled_rows=samples[split].sampled_rows, split=split, share=share)


def _still(train: Sample) -> tuple[list[str], list[str]]:
    """Fields with one value in train, and fields with hardly any."""
    constant, empty = [], []
    for column, (field, place) in enumerate(zip(train.schema.id_fields, train.schema.id_columns, strict=True)):
        ids_BK = train.rows.ids_BK[:, place]
        if (ids_BK == ids_BK[:1]).all():
            constant.append(field.name)
        elif (train.local_ids[:, column] <= MISSING).mean() > _EMPTY_SHARE:
            empty.append(field.name)
    for value_field, values_B in zip(train.schema.value_fields, train.rows.dense_BV.T, strict=True):
        middle = np.median(values_B) if len(values_B) else 0
        is_middle = float((values_B == middle).mean())
        if is_middle == 1:
            constant.append(value_field.name)
        elif is_middle > _EMPTY_SHARE:
            empty.append(value_field.name)
    return constant, empty


def _named(code: str, names: list[str], train: Sample) -> Iterator[Finding]:
    if names:
        shown = ", ".join(names[:_MOST_NAMES]) + (" …" if len(names) > _MOST_NAMES else "")
        yield Finding.of(
            code,
            sampled_rows=train.sampled_rows,
            count=len(names),
            fields=len(train.schema.field_names),
            names=shown,
        )


def _unseen(train: Sample, other: Sample) -> Iterator[Finding]:
    for column, field in enumerate(train.schema.id_fields):
        if field.name == train.schema.user_field:
            continue  # a split by user makes every user unseen, on purpose
        here, there = (float((sample.local_ids[:, column] == RARE).mean()) for sample in (train, other))
        if there - here > _UNSEEN_SHARE:
            yield Finding.of(
                "unseen_ids",
                sampled_rows=other.sampled_rows,
                field=field.name,
                split=other.split,
                share=there,
                train_share=here,
            )


def _not_numbers(sample: Sample) -> Iterator[Finding]:
    for field, values_B in zip(sample.schema.value_fields, sample.rows.dense_BV.T, strict=True):
        rows = int((~np.isfinite(values_B)).sum())
        if rows:
            yield Finding.of(
                "not_numbers", sampled_rows=sample.sampled_rows, field=field.name, split=sample.split, rows=rows
            )


def _size(name: str, values_B: np.ndarray, sampled_rows: int | None) -> Iterator[Finding]:
    values_B = values_B[np.isfinite(values_B)].astype(np.float64)
    if not len(values_B):
        return
    low, high = np.quantile(values_B, (0.01, 0.99)).tolist()
    middle_B = values_B[(values_B >= low) & (values_B <= high)]  # outliers are a finding of their own
    mean, deviation = float(middle_B.mean()), float(values_B.std())
    if max(abs(mean), float(middle_B.std())) > _FAR or deviation < _TINY:
        yield Finding.of("unscaled_value", sampled_rows=sampled_rows, field=name, mean=mean, deviation=deviation)
    span, extremes = high - low, (float(values_B.min()), float(values_B.max()))
    beyond = [(low - extremes[0], extremes[0]), (extremes[1] - high, extremes[1])]
    distance, extreme = max(beyond)
    if span > 0 and distance > _OUTLYING * span:
        yield Finding.of("outlying_value", sampled_rows=sampled_rows, field=name, extreme=extreme, low=low, high=high)
