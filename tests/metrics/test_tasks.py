"""One task's numbers, and where they are undefined."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import log_loss, r2_score

from mmoe_core.metrics import task_metrics

EVERY = np.ones(200, dtype=bool)


def test_binary_loss_is_the_log_loss_in_nats() -> None:
    draw = np.random.default_rng(1)
    labels, logits = (draw.random(200) < 0.2).astype(np.float32), draw.normal(size=200)
    found = task_metrics("binary", labels, logits, EVERY)
    assert found.loss == pytest.approx(log_loss(labels, 1 / (1 + np.exp(-logits))))
    assert found.positives == int(labels.sum())
    assert (found.expected_auc, found.oracle_auc, found.rmse, found.r2) == (None, None, None, None)


def test_loss_of_a_confident_error_stays_finite() -> None:
    assert task_metrics("binary", [1.0], [-5000.0], [True]).loss == 5000.0


def test_known_probabilities_give_expected_and_oracle_auc() -> None:
    draw = np.random.default_rng(2)
    truth = draw.random(200)
    labels = (draw.random(200) < truth).astype(np.float32)
    found = task_metrics("binary", labels, np.log(truth / (1 - truth)), EVERY, truth)
    assert found.expected_auc == pytest.approx(found.oracle_auc)
    assert task_metrics("binary", labels, draw.normal(size=200), EVERY, truth).expected_auc == pytest.approx(
        0.5, abs=0.1
    )


def test_unobserved_rows_change_nothing() -> None:
    draw = np.random.default_rng(3)
    labels, logits, observed = draw.random(200) < 0.3, draw.normal(size=200), draw.random(200) < 0.5
    found = task_metrics("binary", labels, np.where(observed, logits, 99.0), observed, np.full(200, 0.3))
    assert found == task_metrics(
        "binary", labels[observed], logits[observed], EVERY[observed.nonzero()], np.full(observed.sum(), 0.3)
    )


def test_regression_has_an_error_in_label_units_and_no_auc() -> None:
    draw = np.random.default_rng(4)
    labels = draw.normal(size=200)
    scores = labels + draw.normal(scale=0.5, size=200)
    found = task_metrics("regression", labels, scores, EVERY)
    assert found.rmse == pytest.approx(np.sqrt(np.mean((labels - scores) ** 2)))
    assert found.r2 == pytest.approx(r2_score(labels, scores))
    assert (found.auc, found.positives) == (None, None)


def test_what_is_undefined_is_none() -> None:
    nothing = task_metrics("binary", [1.0, 0.0], [0.0, 0.0], [False, False])
    assert (nothing.rows, nothing.loss, nothing.auc) == (0, None, None)
    assert task_metrics("regression", [2.0, 2.0], [1.0, 1.0], [True, True]).r2 is None
    assert task_metrics("regression", [2.0], [np.nan], [True]).loss is None
