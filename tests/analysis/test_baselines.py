"""The baselines read what the networks read, learn from observed rows only, and score every test row."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import roc_auc_score

from mmoe_core.analysis import baselines
from mmoe_core.analysis.baselines import Categories, fit_baseline, one_hot
from mmoe_core.config import IdField, Schema, TaskSpec, ValueField
from mmoe_core.data import Rows, Split

SCHEMA = Schema(
    id_fields=(IdField(name="user", vocabulary_size=303), IdField(name="tags", vocabulary_size=8, num_tokens=2)),
    value_fields=(ValueField(name="price"),),
    tasks=(
        TaskSpec(name="click", label_space="ctr"),
        TaskSpec(name="dwell", kind="regression", observed_if="click"),
    ),
)


def split(name: str, rows: int, seed: int, *, first: float | None = None) -> Split:
    draw = np.random.default_rng(seed)
    users_N, tags_N2 = draw.integers(3, 303, rows), draw.integers(3, 8, (rows, 2))
    price_N = draw.normal(size=rows)
    logit_N = 1.5 * price_N + (tags_N2[:, 0] - 5)
    click_N = draw.random(rows) < 1 / (1 + np.exp(-logit_N))
    if first is not None:
        click_N[:] = first
    return Split(
        name=name,  # type: ignore[arg-type]
        ids_NF=np.column_stack([users_N, 303 + tags_N2]).astype(np.int32),
        dense_ND=price_N[:, None].astype(np.float32),
        labels_NT=np.column_stack([click_N, np.where(click_N, 2 * price_N, 0)]).astype(np.float32),
        observed_NT=np.column_stack([np.ones(rows, bool), click_N]),
        schema=SCHEMA,
        weights_NF=np.column_stack([np.ones(rows), np.full(rows, 0.75), np.full(rows, 0.25)]).astype(np.float32),
    )


def dataset(**of_train: float) -> SimpleNamespace:
    parts = {
        "train": split("train", 3000, 1, **of_train),
        "validation": split("validation", 800, 2),
        "test": split("test", 900, 3),
    }
    return SimpleNamespace(schema=SCHEMA, split=parts.__getitem__)


def everything(part: Split) -> Rows:
    return part.take(slice(None))


def ignore(share: float) -> None:
    """Nobody listens."""


def test_a_row_has_a_column_per_id_with_its_weight_and_one_per_value() -> None:
    rows = everything(split("test", 50, 4))
    dense = one_hot(SCHEMA, rows).toarray()
    assert dense.shape == (50, 303 + 8 + 1)
    for row, ids in enumerate(rows.ids_BK):
        expected = np.zeros(311)
        np.add.at(expected, ids, rows.weights_BK[row])
        assert np.allclose(dense[row, :-1], expected)
    assert np.allclose(dense[:, -1], rows.dense_BV[:, 0])


def test_more_ids_than_columns_share_them_always_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baselines, "MOST_COLUMNS", 64)
    rows = everything(split("test", 200, 4))
    first = one_hot(SCHEMA, rows)
    assert first.shape == (200, 64 + 1)
    assert np.allclose(first[:, :64].sum(axis=1), 2)  # the user's 1, the tags' weights
    same = np.flatnonzero(rows.ids_BK[:, 0] == rows.ids_BK[0, 0])
    column = first[same][:, :64].toarray().min(axis=0).argmax()
    assert (first[same][:, [column]].toarray() >= 1).all()
    assert (first != one_hot(SCHEMA, rows)).nnz == 0


def test_boosting_tells_at_most_255_ids_of_a_field_apart_the_most_frequent_ones() -> None:
    train = everything(split("train", 3000, 1))
    read = Categories(SCHEMA, train)
    found = read.read(train)
    users = np.bincount(train.ids_BK[:, 0])
    assert len(np.unique(found[:, 0])) == 255
    assert users[train.ids_BK[found[:, 0] == 0, 0]].max() <= users[train.ids_BK[found[:, 0] > 0, 0]].min()
    assert read.are_categories.tolist() == [True, True, False]


def test_an_unknown_id_is_rare_and_of_many_tokens_the_heaviest_counts() -> None:
    train = everything(split("train", 3000, 1))
    read = Categories(SCHEMA, train)
    row = split("test", 1, 9)
    other = replace(row, ids_NF=row.ids_NF * [[1, 1, 0]] + [[0, 0, 306]])
    assert np.array_equal(read.read(everything(row))[:, 1], read.read(everything(other))[:, 1])
    assert read.read(everything(replace(row, ids_NF=row.ids_NF * [[0, 1, 1]] + [[2, 0, 0]])))[0, 0] == 0


def test_the_linear_model_is_scikit_learn_s_with_the_strength_that_validation_prefers() -> None:
    data = dataset()
    scores_NT = fit_baseline(data, "linear", ignore)
    train, validation, test = (everything(data.split(name)) for name in ("train", "validation", "test"))
    inputs, others, asked = (one_hot(SCHEMA, rows) for rows in (train, validation, test))
    found = []
    for strength in (0.01, 0.1, 1.0):
        model = LogisticRegression(C=strength, max_iter=200).fit(inputs, train.labels_BT[:, 0])
        loss = -np.log(model.predict_proba(others)[np.arange(800), validation.labels_BT[:, 0].astype(int)]).mean()
        found.append((loss, model.predict_proba(asked)[:, 1]))
    assert np.allclose(scores_NT[:, 0], min(found, key=lambda one: one[0])[1], atol=1e-9)
    is_clicked, was_clicked = train.observed_BT[:, 1], validation.observed_BT[:, 1]
    found = []
    for alpha in (100.0, 10.0, 1.0):
        ridge = Ridge(alpha=alpha, solver="lsqr").fit(inputs[is_clicked], train.labels_BT[is_clicked, 1])
        errors_N = ridge.predict(others[was_clicked]) - validation.labels_BT[was_clicked, 1]
        found.append((np.mean(errors_N**2), ridge.predict(asked)))
    assert np.allclose(scores_NT[:, 1], min(found, key=lambda one: one[0])[1])


@pytest.mark.parametrize("method", baselines.METHODS)
def test_both_learn_what_there_is_to_learn_and_tell_how_far_they_are(method: baselines.Method) -> None:
    data, shares = dataset(), []
    scores_NT = fit_baseline(data, method, shares.append)
    test = data.split("test")
    assert roc_auc_score(test.labels_NT[:, 0], scores_NT[:, 0]) > 0.8
    keep = test.observed_NT[:, 1]
    assert np.corrcoef(scores_NT[keep, 1], test.labels_NT[keep, 1])[0, 1] > 0.9
    assert scores_NT.shape == test.labels_NT.shape
    assert shares == sorted(shares)
    assert shares[-1] == 1


@pytest.mark.parametrize("method", baselines.METHODS)
def test_unobserved_labels_change_nothing(method: baselines.Method) -> None:
    data, other = dataset(), dataset()
    train = other.split("train")
    train.labels_NT[~train.observed_NT] = 77
    assert np.array_equal(fit_baseline(data, method, ignore), fit_baseline(other, method, ignore))


@pytest.mark.parametrize("method", baselines.METHODS)
def test_a_task_of_one_class_is_the_same_for_all_rows(method: baselines.Method) -> None:
    assert (fit_baseline(dataset(first=1.0), method, ignore)[:, 0] == 1).all()


def test_of_a_long_train_evenly_spaced_rows_are_taken() -> None:
    data, few = dataset(), dataset()
    train = data.split("train")
    kept = train.take(np.linspace(0, 2999, 1000).astype(np.int64))
    spaced = replace(
        train, ids_NF=kept.ids_BK, dense_ND=kept.dense_BV, labels_NT=kept.labels_BT, observed_NT=kept.observed_BT
    )
    spaced = replace(spaced, weights_NF=kept.weights_BK)
    few.split = {name: data.split(name) for name in ("validation", "test")} | {"train": spaced}
    few.split = few.split.__getitem__
    assert np.array_equal(
        fit_baseline(data, "linear", ignore, most_rows=1000), fit_baseline(few, "linear", ignore, most_rows=1000)
    )
