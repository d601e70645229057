"""One task's numbers, and where they are undefined."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, mean_absolute_error, r2_score

from mmoe_core.metrics import (
    calibration_bins,
    closing_metrics,
    expected_calibration_error,
    grouped_auc,
    task_metrics,
)

EVERY = np.ones(200, dtype=bool)


def test_binary_loss_is_the_log_loss_in_nats() -> None:
    draw = np.random.default_rng(1)
    labels, logits = (draw.random(200) < 0.2).astype(np.float32), draw.normal(size=200)
    found = task_metrics("binary", labels, logits, EVERY)
    assert found.loss == pytest.approx(log_loss(labels, 1 / (1 + np.exp(-logits))))
    assert found.brier == pytest.approx(brier_score_loss(labels, 1 / (1 + np.exp(-logits))))
    assert found.normalised_entropy == pytest.approx(found.loss / log_loss(labels, np.full(200, labels.mean())))
    assert found.positives == int(labels.sum())
    assert (found.mae, found.ece, found.pr_auc, found.gauc, found.gauc_users) == (None, None, None, None, None)
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
    assert found.mae == pytest.approx(mean_absolute_error(labels, scores))
    assert found.r2 == pytest.approx(r2_score(labels, scores))
    assert (found.brier, found.normalised_entropy) == (None, None)
    assert closing_metrics("regression", labels, scores, EVERY, users=EVERY.astype(int)) == found
    assert (found.auc, found.positives) == (None, None)


def test_what_is_undefined_is_none() -> None:
    nothing = task_metrics("binary", [1.0, 0.0], [0.0, 0.0], [False, False])
    assert (nothing.rows, nothing.loss, nothing.auc) == (0, None, None)
    assert (nothing.brier, nothing.normalised_entropy) == (None, None)
    assert task_metrics("regression", [2.0, 2.0], [1.0, 1.0], [True, True]).r2 is None
    assert task_metrics("regression", [2.0], [np.nan], [True]).loss is None


def test_at_the_end_there_is_more_of_the_observed_rows_and_nothing_else_changes() -> None:
    draw = np.random.default_rng(5)
    labels, logits, users = draw.random(200) < 0.3, draw.normal(size=200), draw.integers(-1, 9, 200)
    observed = draw.random(200) < 0.6
    found = closing_metrics("binary", labels, np.where(observed, logits, 99.0), observed, users=users)
    labels, logits, users = labels[observed], logits[observed], users[observed]
    by_user = grouped_auc(labels, logits, users)
    assert (found.gauc, found.gauc_low, found.gauc_high) == (by_user.auc, by_user.low, by_user.high)
    assert (found.gauc_users, found.gauc_rows) == (by_user.users, by_user.rows)
    assert found.pr_auc == pytest.approx(average_precision_score(labels, logits))
    bins = calibration_bins(labels, 1 / (1 + np.exp(-logits)))
    assert found.ece == pytest.approx(expected_calibration_error(bins))
    along = task_metrics("binary", labels, logits, np.ones(len(labels), dtype=bool))
    assert found.model_dump(include={"rows", "loss", "auc", "brier"}) == along.model_dump(
        include={"rows", "loss", "auc", "brier"}
    )


def test_at_the_end_what_is_undefined_is_none_too() -> None:
    one_class = closing_metrics("binary", [0.0, 0.0], [0.1, 0.2], [True, True], users=[0, 0])
    assert (one_class.pr_auc, one_class.gauc, one_class.gauc_users, one_class.gauc_rows) == (None, None, 0, 0)
    assert one_class.ece == pytest.approx(1 / (1 + np.exp(-0.15)), abs=1e-3)
    nothing = closing_metrics("binary", [1.0], [0.0], [False], users=[0])
    assert (nothing.ece, nothing.pr_auc, nothing.gauc) == (None, None, None)
    nobody = closing_metrics("binary", [0.0, 1.0], [0.1, 0.2], [True, True])
    assert (nobody.gauc, nobody.gauc_users) == (None, None)
