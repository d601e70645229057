"""What is learnt and judged over clicks is what is learnt and judged on the clicked rows alone; ESMM's factor too."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.metrics import log_loss, roc_auc_score

from mmoe_core.config import ESMM, MMoE, RunConfig, Schema, SimulatedAliCcp, TrainConfig, check_tasks
from mmoe_core.data import Split, SplitName, prepare
from mmoe_core.errors import ConfigError
from mmoe_core.metrics import conditional_logits
from mmoe_core.models import build_model
from mmoe_core.records import StepRecord
from mmoe_core.training import Event, Finished, fit

NUM_ROWS = 3_000
STORED = SimulatedAliCcp(num_rows=NUM_ROWS)
ON_CLICKS = STORED.model_copy(update={"label_spaces": {"purchase": "cvr"}})


@dataclass(frozen=True)
class Rows:
    """What `fit` asks of a dataset."""

    schema: Schema
    splits: dict[SplitName, Split]

    def split(self, name: SplitName) -> Split:
        return self.splits[name]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


def config(data: SimulatedAliCcp, model: MMoE | ESMM, **train: object) -> RunConfig:
    settings = {"epochs": 6, "batch_size": NUM_ROWS, "learning_rate": 0.01, "probe_rows": 40, **train}
    return RunConfig(data=data, model=model, train=TrainConfig(**settings))


def finished(events: list[Event]) -> Finished:
    (end,) = [event for event in events if isinstance(event, Finished)]
    return end


def test_training_over_clicks_is_training_on_the_clicked_rows_only(home: Path) -> None:
    """With whole epochs as batches, and the click itself switched off: the other rows must not count at all."""
    dataset = prepare(ON_CLICKS, home=home)
    splits = {name: dataset.split(name) for name in ("train", "validation", "test")}
    clicked = {name: split.pick(np.flatnonzero(split.labels_NT[:, 0] == 1)) for name, split in splits.items()}
    assert len(clicked["train"]) < len(splits["train"]) / 5
    chosen = config(ON_CLICKS, MMoE(num_experts=3), task_weights={"click": 0.0}, best_by="purchase")
    over_clicks, on_clicked = (list(fit(chosen, rows)) for rows in (dataset, Rows(dataset.schema, clicked)))
    losses = [
        [event.task_losses["purchase"] for event in events if isinstance(event, StepRecord)]
        for events in (over_clicks, on_clicked)
    ]
    assert losses[0] == pytest.approx(losses[1], rel=2e-4)
    assert losses[0][-1] < losses[0][0]
    ends = [finished(events).record.metrics["purchase"] for events in (over_clicks, on_clicked)]
    assert ends[0].rows == ends[1].rows == len(clicked["test"])
    assert ends[0].positives == ends[1].positives
    assert ends[0].loss == pytest.approx(ends[1].loss, rel=1e-3)


def test_metrics_over_clicks_are_those_of_the_clicked_rows(home: Path) -> None:
    dataset = prepare(ON_CLICKS, home=home)
    end = finished(list(fit(config(ON_CLICKS, MMoE(num_experts=3), batch_size=512), dataset)))
    test = dataset.split("test")
    keep_N = test.labels_NT[:, 0] == 1
    labels, scores = test.labels_NT[keep_N, 1], end.scores_NT[keep_N, 1].astype(np.float64)
    found = end.record.metrics["purchase"]
    assert (found.rows, found.positives) == (keep_N.sum(), labels.sum())
    assert found.auc == pytest.approx(roc_auc_score(labels, scores), abs=1e-6)
    assert found.loss == pytest.approx(log_loss(labels, scores), rel=1e-4)
    truth = test.truth_NT[keep_N, 1]
    assert found.oracle_auc == pytest.approx(expected_auc_by_hand(truth, truth), rel=1e-9)
    assert found.expected_auc == pytest.approx(expected_auc_by_hand(truth, scores), rel=1e-6)


def expected_auc_by_hand(truth: np.ndarray, scores: np.ndarray) -> float:
    """Every ordered pair of different rows: the chance that one is a positive and the other a negative."""
    pairs = truth[:, None] * (1 - truth)[None, :]
    np.fill_diagonal(pairs, 0)
    ordered = (scores[:, None] > scores[None, :]) + 0.5 * (scores[:, None] == scores[None, :])
    return float((pairs * ordered).sum() / pairs.sum())


def test_esmm_is_judged_as_a_product_over_all_rows_and_as_a_factor_over_clicks(home: Path) -> None:
    dataset = prepare(STORED, home=home)
    end = finished(list(fit(config(STORED, ESMM(), batch_size=512), dataset)))
    test, record = dataset.split("test"), end.record
    assert record.metrics["purchase"].rows == len(test)
    assert list(record.cvr_metrics) == ["purchase"]
    click, product = (end.scores_NT[:, k].astype(np.float64) for k in (0, 1))
    keep_N = test.labels_NT[:, 0] == 1
    labels, factor = test.labels_NT[keep_N, 1], (product / click)[keep_N]
    found = record.cvr_metrics["purchase"]
    assert (found.rows, found.positives) == (keep_N.sum(), labels.sum())
    assert found.auc == pytest.approx(roc_auc_score(labels, factor), abs=1e-4)
    assert found.loss == pytest.approx(log_loss(labels, factor), rel=1e-3)
    oracle = prepare(ON_CLICKS, home=home).split("test").truth_NT[keep_N, 1]
    assert found.oracle_auc == pytest.approx(expected_auc_by_hand(oracle, oracle), rel=1e-9)


def test_no_other_architecture_has_a_factor(home: Path) -> None:
    end = finished(list(fit(config(STORED, MMoE(num_experts=2), epochs=1), prepare(STORED, home=home))))
    assert end.record.cvr_metrics == {}


def test_the_factor_is_what_its_tower_says() -> None:
    schema = Schema.model_validate(
        {
            "id_fields": ({"name": "user", "vocabulary_size": 9},),
            "tasks": ({"name": "click", "label_space": "ctr"}, {"name": "purchase", "label_space": "ctcvr"}),
        }
    )
    towers_BT = torch.linspace(-12, 12, 50, dtype=torch.float64).view(25, 2).flip(0)
    scores_BT = build_model(ESMM(), schema, seed=1).head(towers_BT)
    found = conditional_logits(scores_BT[:, 1].numpy(), scores_BT[:, 0].numpy())
    assert np.allclose(found, towers_BT[:, 1].numpy(), atol=1e-6)


def test_esmm_cannot_learn_over_clicks(home: Path) -> None:
    chosen = config(ON_CLICKS, ESMM())
    with pytest.raises(ConfigError, match=r"ESMM learns 'purchase' over all impressions.*data.label_spaces.purchase"):
        check_tasks(chosen, prepare(ON_CLICKS, home=home).schema)
