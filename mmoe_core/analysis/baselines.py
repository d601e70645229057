"""Is a network worth it here? Each task on its own, by what one would try first: a linear model and boosted trees.

linear      logistic regression (a regression: ridge) over one column per id and per value
boosting    scikit-learn's histogram gradient boosting, after Ke et al., "LightGBM", NeurIPS 2017

Both learn from the rows of train on which the task was observed. As for the networks, validation chooses: how strongly
the linear model is held back, and after how many trees boosting stops. Nothing is fitted on test.

Shape suffixes in this file:
    N rows   K id columns   V value fields   T tasks   C columns
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack

from ..config import RARE, Schema
from ..data import Dataset, Rows, Split

__all__ = [
    "METHODS",
    "MOST_CATEGORIES",
    "MOST_COLUMNS",
    "MOST_TRAIN_ROWS",
    "Categories",
    "Method",
    "fit_baseline",
    "one_hot",
]

Method = Literal["linear", "boosting"]
METHODS: tuple[Method, ...] = get_args(Method)

MOST_TRAIN_ROWS = 500_000  # evenly spaced ones of a longer train; likewise of validation
MOST_COLUMNS = 1 << 18  # for ids of the linear model; more ids share columns by hashing
MOST_CATEGORIES = 255  # of a field that boosting tells apart, the rare ones being one of them
_STRENGTHS = (0.01, 0.1, 1.0)  # C of logistic regression; ridge takes 1 / C
_MOST_ITERATIONS, _MOST_TREES, _PATIENCE = 200, 300, 20
_BLOCK = 200_000  # rows that are scored at once
_HASH = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio: neighbours go far apart

Floats = NDArray[np.float64]
OnShare = Callable[[float], None]


def one_hot(schema: Schema, rows: Rows) -> csr_matrix:
    """A column per id, holding its token's weight, and one per value; (N, C)."""
    num_columns = min(schema.num_ids, MOST_COLUMNS)
    ids_NK = rows.ids_BK
    columns_NK = ids_NK if schema.num_ids <= MOST_COLUMNS else _hashed(ids_NK, num_columns)
    weights_NK = np.ones(ids_NK.shape, np.float32) if rows.weights_BK is None else rows.weights_BK
    starts = np.arange(len(rows) + 1) * ids_NK.shape[1]
    ids = csr_matrix((weights_NK.ravel(), columns_NK.ravel(), starts), (len(rows), num_columns), copy=True)
    ids.sum_duplicates()
    ids.eliminate_zeros()
    return csr_matrix(hstack([ids, csr_matrix(rows.dense_BV)], format="csr"), dtype=np.float64)


def _hashed(ids_NK: NDArray[np.int32], num_columns: int) -> NDArray[np.int64]:
    """Always the same column for the same id; a power of two of columns."""
    bits = num_columns.bit_length() - 1
    return ((ids_NK.astype(np.uint64) * _HASH) >> np.uint64(64 - bits)).astype(np.int64)


class Categories:
    """Ids as boosting reads them: one number per field, its most frequent ids by themselves, the rest as 0.

    Of a field with many tokens the heaviest one counts.
    """

    def __init__(self, schema: Schema, train: Rows) -> None:
        self._schema = schema
        self._codes: list[NDArray[np.int16]] = []
        for number, field in enumerate(schema.id_fields):
            counts = np.bincount(self._local(train, number), minlength=field.vocabulary_size)
            counts[RARE] = 0
            order = np.argsort(-counts, kind="stable")[: MOST_CATEGORIES - 1]
            kept = order[counts[order] > 0]
            codes = np.zeros(field.vocabulary_size, np.int16)
            codes[kept] = np.arange(1, len(kept) + 1)
            self._codes.append(codes)

    def read(self, rows: Rows) -> Floats:
        """Categories, then values; (N, C)."""
        fields = [codes[self._local(rows, number)] for number, codes in enumerate(self._codes)]
        return np.column_stack([*fields, rows.dense_BV]).astype(np.float64)

    @property
    def are_categories(self) -> NDArray[np.bool_]:
        """Which columns are categories."""
        return np.arange(len(self._codes) + len(self._schema.value_fields)) < len(self._codes)

    def _local(self, rows: Rows, number: int) -> NDArray[np.int64]:
        place, offset = self._schema.id_columns[number], self._schema.offsets[number]
        ids_NK = rows.ids_BK[:, place] - offset
        if rows.weights_BK is None or ids_NK.shape[1] == 1:
            return np.asarray(ids_NK[:, 0], np.int64)
        heaviest_N = rows.weights_BK[:, place].argmax(axis=1)
        return np.asarray(np.take_along_axis(ids_NK, heaviest_N[:, None], axis=1)[:, 0], np.int64)


@dataclass(frozen=True)
class _Taken:
    """The rows of train and validation that are learnt from."""

    train: Rows
    validation: Rows


def fit_baseline(dataset: Dataset, method: Method, on_share: OnShare, *, most_rows: int = MOST_TRAIN_ROWS) -> Floats:
    """Learn every task and score the whole test split.

    Args:
        dataset: In the label spaces of the runs that it is compared with.
        method: What learns.
        on_share: Told the share of the work that is done.
        most_rows: More rows of train, or of validation, and evenly spaced ones are taken.

    Returns:
        Probabilities or values, (N, T).
    """
    schema = dataset.schema
    taken = _Taken(_spaced(dataset.split("train"), most_rows), _spaced(dataset.split("validation"), most_rows))
    categories = Categories(schema, taken.train)
    read: Callable[[Rows], Any] = (lambda rows: one_hot(schema, rows)) if method == "linear" else categories.read
    train, validation, test = read(taken.train), read(taken.validation), dataset.split("test")
    learnt = []
    for place, task in enumerate(schema.tasks):
        learner = _linear if method == "linear" else _boosting
        parts = (_observed(train, taken.train, place), _observed(validation, taken.validation, place))
        learnt.append(learner(task.kind, parts, categories.are_categories))
        on_share((place + 1) / (len(schema.tasks) + 1))
    blocks = [read(test.take(slice(start, start + _BLOCK))) for start in range(0, len(test), _BLOCK)]
    scores_NT = np.concatenate([np.column_stack([score(block) for score in learnt]) for block in blocks])
    on_share(1.0)
    return scores_NT


Part = tuple[Any, Floats]  # inputs, labels
Scoring = Callable[[Any], Floats]


def _spaced(split: Split, most: int) -> Rows:
    return split.take(np.linspace(0, len(split) - 1, min(len(split), most)).astype(np.int64))


def _observed(inputs: Any, rows: Rows, place: int) -> Part:
    is_observed_N = rows.observed_BT[:, place]
    return inputs[is_observed_N], rows.labels_BT[is_observed_N, place].astype(np.float64)


def _constant(value: float) -> Scoring:
    """Where there is nothing to tell apart: the same for all."""
    return lambda inputs: np.full(inputs.shape[0], value)


def _linear(kind: str, parts: tuple[Part, Part], is_category_C: NDArray[np.bool_]) -> Scoring:
    from sklearn.exceptions import ConvergenceWarning  # scikit-learn takes a second, which the server does without
    from sklearn.linear_model import LogisticRegression, Ridge

    del is_category_C  # every id has a column
    (inputs, labels_N), validation = parts
    if len(np.unique(labels_N)) < 2:
        return _constant(float(labels_N.mean()) if labels_N.size else 0.0)
    found: list[tuple[float, Scoring]] = []
    for strength in _STRENGTHS:
        if kind == "binary":
            model: Any = LogisticRegression(C=strength, max_iter=_MOST_ITERATIONS)
        else:
            model = Ridge(alpha=1 / strength, solver="lsqr")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # validation judges what it has come to
            model.fit(inputs, labels_N)
        score = _scoring(kind, model)
        found.append((_loss(kind, validation, score), score))
    return min(found, key=lambda one: one[0])[1]


def _boosting(kind: str, parts: tuple[Part, Part], is_category_C: NDArray[np.bool_]) -> Scoring:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    (inputs, labels_N), (others, theirs_N) = parts
    if len(np.unique(labels_N)) < 2:
        return _constant(float(labels_N.mean()) if labels_N.size else 0.0)
    learner = HistGradientBoostingClassifier if kind == "binary" else HistGradientBoostingRegressor
    can_judge = len(np.unique(theirs_N)) > 1
    model = learner(
        categorical_features=is_category_C,
        max_iter=_MOST_TREES if can_judge else _PATIENCE,
        early_stopping=can_judge,
        n_iter_no_change=_PATIENCE,
        random_state=0,
    )
    judged = {"X_val": others, "y_val": theirs_N} if can_judge else {}
    return _scoring(kind, model.fit(inputs, labels_N, **judged))


def _scoring(kind: str, model: Any) -> Scoring:
    if kind == "binary":
        return lambda inputs: np.asarray(model.predict_proba(inputs)[:, 1])
    return lambda inputs: np.asarray(model.predict(inputs))


def _loss(kind: str, validation: Part, score: Scoring) -> float:
    """Mean loss on validation; the least constrained is no better than the most where there is none."""
    inputs, labels_N = validation
    if not labels_N.size:
        return 0.0
    scores_N = score(inputs)
    if kind == "regression":
        return float(np.mean((labels_N - scores_N) ** 2))
    sure_N = np.clip(np.where(labels_N > 0.5, scores_N, 1 - scores_N), 1e-12, None)
    return float(-np.log(sure_N).mean())
