"""The log at true rates: what can be known of a click, what gradient boosting finds of it, and what is drawn.

On the real log gradient boosting on what a row shows comes to a click AUC of about .61.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from mmoe_core.config import SimulatedAliCcp
from mmoe_core.data.simulator import LogTable, log_table, simulate_true_rates
from mmoe_core.metrics import auc, expected_auc
from mmoe_core.metrics.planning import auc_standard_error

SEEDS = (2022, 1, 2)
FEW_CODES = ("121", "122", "124", "125", "126", "127", "128", "129", "301")
MANY_CODES = ("101", "205", "206", "207", "216")
VALUES = ("109_14", "110_14", "127_14", "150_14", "508", "509", "702", "853")


def visible(table: LogTable) -> np.ndarray:
    """Ids, and the highest value of each field that has values."""

    def column(name: str, which: int) -> np.ndarray:
        if name in table.of_rows:
            return table.of_rows[name].highest(1)[which][:, 0]
        return table.of_sessions[name].highest(1)[which][table.session_N, 0]

    few = [np.unique(column(name, 0), return_inverse=True)[1] for name in FEW_CODES]
    return np.stack([*few, *(column(name, 0) for name in MANY_CODES), *(column(name, 1) for name in VALUES)], axis=1)


@pytest.mark.timeout(600)
def test_gradient_boosting_finds_of_a_click_what_it_finds_on_the_real_log(tables: dict[str, pd.DataFrame]) -> None:
    rows = []
    for seed in SEEDS:
        config = SimulatedAliCcp(profile="true-rates", num_rows=300_000, seed=seed)
        log = simulate_true_rates(config)
        table = log_table(log, seed)
        features, click = visible(table), log.behaviour.click_N
        train, rest = table.rows["train"], slice(table.rows["validation"].start, None)
        model = HistGradientBoostingClassifier(
            categorical_features=list(range(len(FEW_CODES))),
            max_iter=120,
            learning_rate=0.05,
            max_leaf_nodes=12,
            min_samples_leaf=300,
            l2_regularization=10,
            early_stopping=False,
            random_state=0,
        ).fit(features[train], click[train])
        truth = log.behaviour.click_probability_N[rest]
        score = model.predict_proba(features[rest])[:, 1]
        rows.append({"seed": seed, "boosting": expected_auc(truth, score), "oracle": expected_auc(truth, truth)})
    found = tables["true rates, expected click AUC"] = pd.DataFrame(rows).set_index("seed")
    assert found["boosting"].between(0.595, 0.625).all()
    assert found["oracle"].between(0.655, 0.675).all()


@pytest.mark.timeout(1200)
def test_sampled_aucs_are_the_expected_ones_over_forty_seeds(tables: dict[str, pd.DataFrame]) -> None:
    rows = []
    for seed in range(40):
        truth = simulate_true_rates(SimulatedAliCcp(profile="true-rates", num_rows=300_000, seed=seed)).behaviour
        errors = {"seed": seed}
        for task, p_N, label_N in (
            ("click", truth.click_probability_N, truth.click_N),
            ("purchase", truth.purchase_probability_N, truth.purchase_N),
        ):
            expected, found = expected_auc(p_N, p_N), auc(label_N, p_N)
            assert expected is not None
            assert found is not None
            spread = auc_standard_error(expected, float(label_N.sum()), float((~label_N).sum()))
            assert spread is not None
            errors[task] = (found - expected) / spread
        rows.append(errors)
    table = pd.DataFrame(rows).set_index("seed")
    tables["(sampled - expected AUC) / standard error, 40 seeds"] = table.describe()
    assert table.abs().to_numpy().max() < 3
