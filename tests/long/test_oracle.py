"""A trained network does not beat the scores of whoever knows the true probabilities, on the same test rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mmoe_core.config import SimulatedAliCcp, preset
from mmoe_core.data import prepare
from mmoe_core.metrics import auc
from mmoe_core.training import fit
from tests.reference.paired_delong import auc_is_above

SEEDS = (2022, 1, 2)  # of the log and of the training
ALPHA = 0.001
LOGS = (SimulatedAliCcp(profile="classroom"), SimulatedAliCcp(profile="true-rates", num_rows=300_000))


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("log", LOGS, ids=lambda log: log.profile)
def test_a_trained_mmoe_does_not_beat_the_oracle(
    log: SimulatedAliCcp, tmp_path: Path, tables: dict[str, pd.DataFrame]
) -> None:
    chosen = preset("classroom")
    rows = []
    for seed in SEEDS:
        dataset = prepare(log.model_copy(update={"seed": seed}), home=tmp_path)
        test = dataset.split("test")
        assert test.truth_NT is not None
        train = chosen.train.model_copy(update={"seed": seed, "best_by": "click"})
        *_, end = fit(chosen.model_copy(update={"train": train}), dataset)
        for k, task in enumerate(dataset.schema.task_names):
            labels_N, score_N, truth_N = test.labels_NT[:, k], end.scores_NT[:, k], test.truth_NT[:, k]
            difference, p = auc_is_above(labels_N, score_N, truth_N)
            found = {"mmoe": auc(labels_N, score_N), "oracle": auc(labels_N, truth_N)}
            rows.append({"seed": seed, "task": task, **found, "difference": difference, "p": p})
    title = f"{log.profile}, test AUC of sampled labels; p of 'MMoE is not above the oracle'"
    table = tables[title] = pd.DataFrame(rows).set_index(["task", "seed"]).sort_index()
    assert (table["p"] > ALPHA).all()
    assert (table.loc["click", "mmoe"] > 0.52).all()  # it has learnt


def test_a_score_that_has_seen_the_labels_does_beat_the_oracle() -> None:
    draw = np.random.default_rng(0)
    truth_N = 1 / (1 + np.exp(-draw.normal(-3, 0.5, 30_000)))
    labels_N = (draw.random(len(truth_N)) < truth_N).astype(float)
    assert auc_is_above(labels_N, truth_N + 0.02 * labels_N, truth_N)[1] < ALPHA
    assert auc_is_above(labels_N, truth_N, truth_N + 0.02 * labels_N)[1] > 1 - ALPHA
