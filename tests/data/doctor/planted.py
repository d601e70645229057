"""A clean log in memory, and faults to plant in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from mmoe_core.config import MISSING, RARE, IdField, Schema, TaskSpec, ValueField
from mmoe_core.data import Split, SplitName

__all__ = ["FAULTS", "Fault", "Log", "clean_log"]

USERS, ITEMS, TOPICS = 40, 60, 20
SIZES: dict[SplitName, int] = {"train": 6000, "validation": 2000, "test": 2000}
SCHEMA = Schema(
    id_fields=(
        IdField(name="user", vocabulary_size=3 + USERS),
        IdField(name="item", vocabulary_size=3 + ITEMS),
        IdField(name="topics", vocabulary_size=3 + TOPICS, num_tokens=3),
    ),
    value_fields=(ValueField(name="price"), ValueField(name="age")),
    tasks=(
        TaskSpec(name="click", label_space="ctr"),
        TaskSpec(name="purchase", label_space="ctcvr"),
        TaskSpec(name="stay", kind="regression"),
    ),
    user_field="user",
)
USER, ITEM = 0, 1
PRICE, AGE = 0, 1
CLICK, PURCHASE, STAY = 0, 1, 2


@dataclass
class Log:
    """What the doctor asks of a dataset; its arrays may be changed."""

    schema: Schema
    splits: dict[SplitName, Split]

    def split(self, name: SplitName) -> Split:
        return self.splits[name]


def clean_log(seed: int = 1, sizes: dict[SplitName, int] = SIZES) -> Log:
    """Users, items with several topics, two values; labels that depend on all of them, and on chance."""
    draw = np.random.default_rng(seed)
    taste = draw.normal(size=(SCHEMA.num_ids, 3))

    def split(name: SplitName, rows: int) -> Split:
        user, item = draw.integers(3, 3 + USERS, rows), draw.integers(3, 3 + ITEMS, rows)
        is_there = np.arange(3) < draw.integers(1, 4, (rows, 1))
        topics = draw.integers(3, 3 + TOPICS, (rows, 3)) * is_there
        offsets = SCHEMA.offsets
        ids = np.column_stack([user + offsets[0], item + offsets[1], topics + offsets[2]]).astype(np.int32)
        values = draw.normal(size=(rows, 2)).astype(np.float32)
        utility = taste[ids[:, :2]].sum(axis=1) + values[:, :1]
        click = draw.random(rows) < 0.3 / (1 + np.exp(-utility[:, 0]))
        purchase = click & (draw.random(rows) < 0.6 / (1 + np.exp(-utility[:, 1])))
        stay = utility[:, 2] + draw.normal(size=rows)
        return Split(
            name=name,
            schema=SCHEMA,
            ids_NF=ids,
            weights_NF=np.column_stack([np.ones((rows, 2)), draw.random((rows, 3)) + 0.1]).astype(np.float32)
            * (np.column_stack([np.ones((rows, 2)), is_there]) > 0),
            dense_ND=values,
            labels_NT=np.column_stack([click, purchase, stay]).astype(np.float32),
            observed_NT=np.ones((rows, 3), dtype=bool),
        )

    return Log(SCHEMA, {name: split(name, rows) for name, rows in sizes.items()})


@dataclass(frozen=True)
class Fault:
    """Something wrong, and what the doctor must say."""

    name: str
    plant: Callable[[Log], None]
    code: str
    values: dict[str, object]  # some of the finding's


def value_equals_label(log: Log) -> None:
    for split in log.splits.values():
        split.dense_ND[:, PRICE] = split.labels_NT[:, PURCHASE] * 2 - 1


def id_equals_label(log: Log) -> None:
    for split in log.splits.values():
        split.ids_NF[:, ITEM] = SCHEMA.offsets[ITEM] + 3 + split.labels_NT[:, CLICK]


def id_nearly_predicts(log: Log) -> None:
    """Two thirds of the items are shown to those who click only."""
    draw = np.random.default_rng(2)
    for split in log.splits.values():
        click = split.labels_NT[:, CLICK] == 1
        click = np.where(draw.random(len(click)) < 0.02, ~click, click)
        split.ids_NF[:, ITEM] = SCHEMA.offsets[ITEM] + 3 + draw.integers(0, ITEMS // 2, len(click)) * 2 + click


def one_of_several_ids_tells(log: Log) -> None:
    """A topic that is there after a purchase only, and never the heaviest one."""
    topic = SCHEMA.offsets[2] + 3
    for split in log.splits.values():
        split.ids_NF[:, 2:] = np.maximum(split.ids_NF[:, 2:], topic + 1)
        split.weights_NF[:, 2:] = (5, 5, 1)
        split.ids_NF[split.labels_NT[:, PURCHASE] == 1, 4] = topic


def value_explains_regression(log: Log) -> None:
    for split in log.splits.values():
        split.dense_ND[:, AGE] = split.labels_NT[:, STAY] / split.labels_NT[:, STAY].std()


def sorted_by_label(log: Log) -> None:
    train = log.splits["train"]
    order = np.argsort(train.labels_NT[:, CLICK], kind="stable")
    log.splits["train"] = replace(
        train,
        ids_NF=train.ids_NF[order],
        weights_NF=train.weights_NF[order],
        dense_ND=train.dense_ND[order],
        labels_NT=train.labels_NT[order],
    )


def another_world_in_test(log: Log) -> None:
    labels = log.splits["test"].labels_NT
    labels[:, CLICK] = np.maximum(labels[:, CLICK], np.random.default_rng(3).random(len(labels)) < 0.3)


def rows_twice(log: Log) -> None:
    _copy(log, "train", slice(0, 1000), "train", slice(1000, 2000))


def rows_of_test_in_train(log: Log) -> None:
    _copy(log, "train", slice(0, 300), "test", slice(500, 800))


def label_two(log: Log) -> None:
    log.splits["train"].labels_NT[[5, 70, 900], CLICK] = 2


def label_not_a_number(log: Log) -> None:
    log.splits["validation"].labels_NT[:7, CLICK] = np.nan


def no_positive_in_test(log: Log) -> None:
    log.splits["test"].labels_NT[:, PURCHASE] = 0


def purchase_without_click(log: Log) -> None:
    labels = log.splits["train"].labels_NT
    labels[np.flatnonzero(labels[:, CLICK] == 0)[:11], PURCHASE] = 1


def one_user(log: Log) -> None:
    for split in log.splits.values():
        split.ids_NF[:, USER] = 3


def a_few_users_shared(log: Log) -> None:
    for name in ("validation", "test"):
        ids = log.splits[name].ids_NF
        ids[:, USER] = np.where(np.arange(len(ids)) % 50 == 0, ids[:, USER], RARE)


def new_items_in_test(log: Log) -> None:
    ids = log.splits["test"].ids_NF
    ids[::4, ITEM] = SCHEMA.offsets[ITEM] + 3
    for part in (1, 2, 3):
        ids[part::4, ITEM] = SCHEMA.offsets[ITEM] + RARE


def constant_columns(log: Log) -> None:
    for split in log.splits.values():
        split.ids_NF[:, ITEM] = SCHEMA.offsets[ITEM] + 3
        split.dense_ND[:, AGE] = 0


def empty_column(log: Log) -> None:
    for split in log.splits.values():
        split.ids_NF[np.arange(len(split)) % 500 > 0, ITEM] = SCHEMA.offsets[ITEM] + MISSING


def infinite_value(log: Log) -> None:
    log.splits["test"].dense_ND[[3, 4], PRICE] = (np.inf, np.nan)


def unscaled_value(log: Log) -> None:
    for split in log.splits.values():
        split.dense_ND[:, AGE] = 40 + 15 * split.dense_ND[:, AGE]


def one_outlier(log: Log) -> None:
    log.splits["train"].dense_ND[17, PRICE] = -9999


def _copy(log: Log, source: SplitName, from_rows: slice, target: SplitName, to_rows: slice) -> None:
    for name in ("ids_NF", "weights_NF", "dense_ND", "labels_NT"):
        getattr(log.splits[target], name)[to_rows] = getattr(log.splits[source], name)[from_rows]


FAULTS = (
    Fault("a value is the label", value_equals_label, "equals_label", {"field": "price", "task": "purchase"}),
    Fault("an id is the label", id_equals_label, "equals_label", {"field": "item", "task": "click"}),
    Fault("an id nearly tells the label", id_nearly_predicts, "predicts_label", {"field": "item", "task": "click"}),
    Fault("one of several ids is the label", one_of_several_ids_tells, "equals_label", {"field": "topics"}),
    Fault(
        "a value is the regression's label",
        value_explains_regression,
        "explains_label",
        {"field": "age", "task": "stay"},
    ),
    Fault("sorted by the label", sorted_by_label, "sorted_rows", {"task": "click"}),
    Fault("test is another world", another_world_in_test, "rates_differ", {"task": "click", "split": "test"}),
    Fault("rows twice", rows_twice, "repeated_rows", {"split": "train", "rows": 1000, "all_rows": 6000}),
    Fault("test rows in train", rows_of_test_in_train, "rows_of_train", {"split": "test", "rows": 300}),
    Fault("a label of 2", label_two, "odd_labels", {"task": "click", "split": "train", "rows": 3}),
    Fault("a label that is no number", label_not_a_number, "odd_labels", {"split": "validation", "rows": 7}),
    Fault("one class", no_positive_in_test, "one_class", {"task": "purchase", "split": "test", "label": 0}),
    Fault("purchase without click", purchase_without_click, "without_click", {"split": "train", "rows": 11}),
    Fault("one user", one_user, "one_user", {}),
    Fault("a few users on both sides", a_few_users_shared, "few_users_shared", {"split": "validation", "share": 0.02}),
    Fault("items that train never saw", new_items_in_test, "unseen_ids", {"field": "item", "share": 0.75}),
    Fault("constant columns", constant_columns, "constant_fields", {"count": 2, "fields": 5, "names": "item, age"}),
    Fault("an empty column", empty_column, "empty_fields", {"count": 1, "names": "item"}),
    Fault("values that are no numbers", infinite_value, "not_numbers", {"field": "price", "split": "test", "rows": 2}),
    Fault("a value in raw units", unscaled_value, "unscaled_value", {"field": "age"}),
    Fault("one absurd value", one_outlier, "outlying_value", {"field": "price", "extreme": -9999.0}),
)
