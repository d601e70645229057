from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from mmoe_core.config import FIRST_KNOWN, MISSING, SimulatedAliCcp
from mmoe_core.data import Dataset, prepare
from mmoe_core.data.ali_ccp_schema import ID_NAMES, VALUE_NAMES
from mmoe_core.data.manifest import SPLITS
from mmoe_core.data.simulator import MECHANISMS, PROFILES, Log, simulate

FULL = SimulatedAliCcp()


@pytest.fixture(scope="module")
def log() -> Log:
    return simulate(FULL)


def expected_auc(truth: np.ndarray, scores: np.ndarray) -> float:
    """Every row counts as a positive by its probability and as a negative by the rest."""
    labels = np.repeat([1, 0], len(truth))
    return float(roc_auc_score(labels, np.tile(scores, 2), sample_weight=np.concatenate([truth, 1 - truth])))


@pytest.mark.parametrize("rho", [-0.9, -0.5, 0.0, 0.3, 1.0])
def test_utilities_correlate_by_rho_in_every_segment(rho: float) -> None:
    log = simulate(SimulatedAliCcp(num_rows=10_000, rho=rho))
    for segment in range(3):
        rows = log.segment_N == segment
        found = np.corrcoef(log.click_utility_N[rows], log.purchase_utility_N[rows])[0, 1]
        assert found == pytest.approx(rho, abs=1e-9)


def test_true_rates_are_the_profile_s(log: Log) -> None:
    p_click, p_purchase = log.click_probability_N, log.purchase_probability_N
    assert p_click.mean() == pytest.approx(0.12, abs=1e-6)
    assert (p_click * p_purchase).sum() / p_click.sum() == pytest.approx(0.06, abs=1e-6)


def test_drawn_labels_follow_the_true_probabilities(log: Log) -> None:
    num_rows = len(log.shown)
    for label, truth in (
        (log.click_N, log.click_probability_N),
        (log.purchase_N, log.click_probability_N * log.purchase_probability_N),
    ):
        spread = np.sqrt((truth * (1 - truth)).sum())
        assert abs(label.sum() - truth.sum()) < 4 * spread
        deciles = np.array_split(truth.argsort(), 10)
        rates = np.array([label[rows].mean() for rows in deciles])
        expected = np.array([truth[rows].mean() for rows in deciles])
        assert np.abs(rates - expected).max() < 5 * np.sqrt(expected.max() / (num_rows / 10))


def test_nobody_purchases_without_a_click(log: Log) -> None:
    assert not (log.purchase_N & ~log.click_N).any()


def test_the_best_possible_auc_is_high_but_not_one(log: Log) -> None:
    purchase = log.click_probability_N * log.purchase_probability_N
    assert expected_auc(log.click_probability_N, log.click_probability_N) == pytest.approx(0.89, abs=0.015)
    assert expected_auc(purchase, purchase) == pytest.approx(0.945, abs=0.015)


def test_each_segment_is_moved_by_its_own_mechanisms_and_each_task_by_others(log: Log) -> None:
    segments = PROFILES["classroom"].segments
    assert len({segment.click for segment in segments}) == len({segment.purchase for segment in segments}) == 3
    for index, segment in enumerate(segments):
        rows = log.segment_N == index
        assert not set(segment.click) & set(segment.purchase)
        for name, of in MECHANISMS.items():
            value = of(log.world, log.shown)[rows]
            assert (abs(np.corrcoef(value, log.click_utility_N[rows])[0, 1]) > 0.5) == (name in segment.click)
            assert (abs(np.corrcoef(value, log.purchase_utility_N[rows])[0, 1]) > 0.5) == (name in segment.purchase)


def test_turning_rho_keeps_people_impressions_and_clicks() -> None:
    one, other = (simulate(SimulatedAliCcp(num_rows=5_000, rho=rho)) for rho in (0.0, 0.8))
    np.testing.assert_array_equal(one.shown.item_N, other.shown.item_N)
    np.testing.assert_array_equal(one.click_N, other.click_N)
    assert (one.purchase_probability_N != other.purchase_probability_N).any()


def test_equal_dials_give_equal_files_and_another_seed_others(tmp_path: Path) -> None:
    def checksums(home: str, seed: int) -> dict[str, str]:
        dataset = prepare(SimulatedAliCcp(num_rows=2_000, seed=seed), home=tmp_path / home)
        return {split: dataset.manifest.checksums[f"{split}.parquet"] for split in SPLITS}

    assert checksums("a", 1) == checksums("b", 1)
    assert checksums("a", 1) != checksums("a", 2)


def test_the_columns_are_ali_ccp_s(simulated: Dataset) -> None:
    schema = simulated.schema
    assert tuple(field.name for field in schema.id_fields) == ID_NAMES
    assert tuple(field.name for field in schema.value_fields) == VALUE_NAMES
    assert len(ID_NAMES) == 23
    assert len(VALUE_NAMES) == 8
    assert [(task.name, task.label_space, task.observed_if) for task in schema.tasks] == [
        ("click", "ctr", None),
        ("purchase", "ctcvr", None),
    ]
    assert schema.is_simulated
    assert schema.user_field == "101"


def test_rows_are_split_eight_one_one_without_touching_validation_for_the_fit(simulated: Dataset) -> None:
    assert simulated.manifest.rows == {"train": 16_000, "validation": 2_000, "test": 2_000}
    train = simulated.split("train")
    for column, (field, offset) in enumerate(zip(simulated.schema.id_fields, simulated.schema.offsets, strict=True)):
        local = np.unique(train.ids_NF[:, column]) - offset
        assert set(local[local >= FIRST_KNOWN]) == set(range(FIRST_KNOWN, field.vocabulary_size))
    np.testing.assert_allclose(train.dense_ND.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(train.dense_ND.std(axis=0), 1, atol=1e-4)


def test_truth_and_segments_come_with_the_rows(simulated: Dataset) -> None:
    train = simulated.split("train")
    assert train.truth_NT is not None
    assert train.segments_N is not None
    assert ((train.truth_NT > 0) & (train.truth_NT < 1)).all()
    assert (train.truth_NT[:, 1] < train.truth_NT[:, 0]).all()  # a purchase needs a click
    assert simulated.manifest.segments == ("browsers", "bargain hunters", "regulars")


def test_the_segment_is_visible_in_the_user_group(simulated: Dataset) -> None:
    train = simulated.split("train")
    group = train.ids_NF[:, ID_NAMES.index("122")] - simulated.schema.offsets[ID_NAMES.index("122")]
    named = simulated.vocabulary("122")[group]
    np.testing.assert_array_equal(named, np.asarray(simulated.manifest.segments)[train.segments_N])


def test_further_fields_are_functions_of_the_informative_ones(simulated: Dataset) -> None:
    train = simulated.split("train")
    informative = ("101", "122", "127", "205", "206", "210", "216", "301", "508")
    column = {name: train.ids_NF[:, index] for index, name in enumerate(ID_NAMES)}
    count = train.dense_ND[:, VALUE_NAMES.index("D508")]
    cause = np.stack([*(column[name] for name in informative), count.round(3)], axis=1)
    _, key = np.unique(cause, axis=0, return_inverse=True)
    further = [column[name] for name in ID_NAMES if name not in informative]
    further += [train.dense_ND[:, index] for index in range(len(VALUE_NAMES))]
    for value in further:
        assert len(np.unique(np.stack([key, value], axis=1), axis=0)) == key.max() + 1


def test_history_at_the_category_is_missing_exactly_where_there_was_none(simulated: Dataset) -> None:
    train, column = simulated.split("train"), ID_NAMES.index("508")
    is_missing = train.ids_NF[:, column] - simulated.schema.offsets[column] == MISSING
    count = train.dense_ND[:, VALUE_NAMES.index("D508")]
    assert 0 < is_missing.mean() < 0.5
    np.testing.assert_array_equal(is_missing, count == count.min())
