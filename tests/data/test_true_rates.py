from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import expit
from scipy.stats import norm

from mmoe_core.config import MISSING, PADDING, SimulatedAliCcp
from mmoe_core.data import Dataset, prepare
from mmoe_core.data.manifest import SPLITS
from mmoe_core.data.simulator import LogTable, Tokens, TrueLog, check_true_rates, log_table, simulate_true_rates
from mmoe_core.data.simulator.behaviour import (
    Response,
    behave,
    correlated,
    lowest_common_correlation,
    task_factor,
    whitened,
)
from mmoe_core.data.simulator.laws import broken_laws
from mmoe_core.metrics import auc, expected_auc
from mmoe_core.metrics.planning import auc_standard_error

SMALL = SimulatedAliCcp(profile="true-rates", num_rows=10_000, seed=3)


@pytest.fixture(scope="module")
def log() -> TrueLog:
    return simulate_true_rates(SMALL)


@pytest.fixture(scope="module")
def table(log: TrueLog) -> LogTable:
    return log_table(log, SMALL.seed)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return prepare(SMALL, home=tmp_path_factory.mktemp("home"))


@pytest.mark.parametrize("seed", [1, 2022])
def test_every_marginal_is_near_the_published_one(seed: int) -> None:
    marks = check_true_rates(SimulatedAliCcp(profile="true-rates", num_rows=150_000, seed=seed))
    assert len(marks) > 70
    assert [mark for mark in marks if not mark.holds] == []


def test_the_laws_hold_on_every_row_of_logs_of_any_size(table: LogTable) -> None:
    assert set(broken_laws(table).values()) == {0}
    for num_rows, seed in ((1_000, 1), (1_500, 9), (4_000, 5)):
        config = SimulatedAliCcp(profile="true-rates", num_rows=num_rows, seed=seed)
        assert set(broken_laws(log_table(simulate_true_rates(config), seed)).values()) == {0}


def test_a_planted_count_breaks_exactly_its_laws(table: LogTable) -> None:
    history = table.of_sessions["109_14"]
    assert history.value_M is not None
    doubled = replace(table, of_sessions={**table.of_sessions, "109_14": replace(history, value_M=2 * history.value_M)})
    broken = {law for law, rows in broken_laws(doubled).items() if rows}
    assert broken == {"sum over 109_14 = sum over 110_14", "508 = 109_14 at 206"}
    seen = table.of_rows["702"]
    none = Tokens(np.zeros_like(seen.start_G), seen.id_M[:0], np.empty(0))
    forgotten = replace(table, of_rows={**table.of_rows, "702": none})
    assert broken_laws(forgotten)["702 = 127_14 at 216"] == len(seen.id_M)


@pytest.mark.parametrize("rho", [-0.9, -0.5, 0.0, 0.3, 1.0])
def test_utilities_correlate_by_rho(rho: float) -> None:
    utility_NT = simulate_true_rates(SMALL.model_copy(update={"num_rows": 2_000, "rho": rho})).utility_NT
    np.testing.assert_allclose(utility_NT.T @ utility_NT / 2_000, [[1, rho], [rho, 1]], atol=1e-12)
    np.testing.assert_allclose(utility_NT.mean(axis=0), 0, atol=1e-12)


def test_more_tasks_have_any_correlations_that_exist_and_no_others() -> None:
    drive_NT = np.random.default_rng(0).standard_normal((500, 3)) @ np.array([[1, 0.5, 2], [0, 1, 1], [0, 0, 0.1]])
    wanted = np.array([[1, -0.5, 0.2], [-0.5, 1, 0.3], [0.2, 0.3, 1]])
    found = correlated(drive_NT, wanted)
    np.testing.assert_allclose(found.T @ found / 500, wanted, atol=1e-12)
    np.testing.assert_allclose(np.corrcoef(found[:, 0], drive_NT[:, 0])[0, 1], 1, atol=1e-12)
    for num_tasks in (2, 3, 8):
        lowest = lowest_common_correlation(num_tasks)
        edge = np.full((num_tasks, num_tasks), lowest) + (1 - lowest) * np.eye(num_tasks)
        factor = task_factor(edge)
        np.testing.assert_allclose(factor @ factor.T, edge, atol=1e-7)
        with pytest.raises(ValueError, match="no such correlations"):
            task_factor(edge - 0.05 * (1 - np.eye(num_tasks)))


def test_whitening_leaves_unit_covariance_and_the_first_direction() -> None:
    drive_NT = np.random.default_rng(1).lognormal(size=(400, 2)) @ np.array([[1, 3], [0, 1]])
    white = whitened(drive_NT)
    np.testing.assert_allclose(white.T @ white / 400, np.eye(2), atol=1e-12)
    assert np.corrcoef(white[:, 0], drive_NT[:, 0])[0, 1] == pytest.approx(1)


@pytest.mark.parametrize(("satisfaction", "tolerance"), [(0.0, 1e-9), (0.5, 1e-9), (3.0, 2e-3)])
def test_probabilities_are_the_integral_over_the_unobserved_mood(satisfaction: float, tolerance: float) -> None:
    utility_NT = np.random.default_rng(2).standard_normal((300, 2))
    click = Response(rate=0.3, steepness=1.0, wave=0.5, satisfaction=satisfaction)
    purchase = Response(rate=0.2, steepness=0.7, wave=0.0, satisfaction=satisfaction)
    found = behave(utility_NT, click, purchase, np.random.default_rng(0))
    assert found.click_probability_N.mean() == pytest.approx(0.3, rel=1e-8)
    assert found.purchase_probability_N.mean() == pytest.approx(0.06, rel=1e-8)

    bent = utility_NT[:, 0] + 0.5 * np.sin(2 * utility_NT[:, 0])

    def integrated(base: float, row: int) -> float:
        return float(quad(lambda z: expit(base + bent[row] + satisfaction * z) * norm.pdf(z), -9, 9)[0])

    # The base is not handed out: take it from one row, and find the others with it.
    low, high = -15.0, 15.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if integrated(middle, 0) < found.click_probability_N[0] else (low, middle)
    for row in range(1, 20):
        assert integrated(low, row) == pytest.approx(found.click_probability_N[row], abs=tolerance)


@pytest.mark.parametrize("satisfaction", [0.0, 1.5])
def test_purchases_follow_clicks_at_the_stated_rate_whatever_the_mood(satisfaction: float) -> None:
    response = Response(rate=0.2, steepness=1.0, wave=0.0, satisfaction=satisfaction)
    found = behave(np.zeros((4_000, 2)), response, replace(response, rate=0.5), np.random.default_rng(0))
    assert not (found.purchase_N & ~found.click_N).any()
    assert found.purchase_probability_N / found.click_probability_N == pytest.approx(0.5, abs=1e-6)
    assert found.purchase_N.sum() / found.click_N.sum() == pytest.approx(0.5, abs=0.06)


def test_turning_rho_keeps_people_impressions_and_clicks() -> None:
    one, other = (simulate_true_rates(SMALL.model_copy(update={"num_rows": 3_000, "rho": rho})) for rho in (0.0, 0.8))
    np.testing.assert_array_equal(one.item_N, other.item_N)
    np.testing.assert_array_equal(one.behaviour.click_N, other.behaviour.click_N)
    assert (one.behaviour.purchase_probability_N != other.behaviour.purchase_probability_N).any()


def test_nonlinearity_and_hidden_share_move_the_probabilities_and_the_name() -> None:
    base = simulate_true_rates(SMALL).behaviour.click_probability_N
    for dial, value in (("nonlinearity", 0.0), ("hidden", 0.9), ("satisfaction", 2.0)):
        turned = SMALL.model_copy(update={dial: value})
        assert (simulate_true_rates(turned).behaviour.click_probability_N != base).any()
        assert turned.dataset_name == f"{SMALL.dataset_name}-{dial}{value:g}"


def test_drawn_clicks_have_the_expected_auc_over_forty_seeds() -> None:
    errors = []
    for seed in range(40):
        log = simulate_true_rates(SimulatedAliCcp(profile="true-rates", num_rows=6_000, seed=seed))
        truth, click = log.behaviour.click_probability_N, log.behaviour.click_N
        expected, found = expected_auc(truth, truth), auc(click, truth)
        assert expected is not None
        assert found is not None
        spread = auc_standard_error(expected, float(click.sum()), float((~click).sum()))
        assert spread is not None
        errors.append((found - expected) / spread)
    assert np.abs(errors).max() < 3
    assert abs(np.mean(errors)) < 3 / np.sqrt(40)


def test_histories_are_the_user_s_in_all_his_sessions(log: TrueLog, table: LogTable) -> None:
    sessions = np.bincount(log.people.user_S)
    first, second, *_ = np.flatnonzero(log.people.user_S == sessions.argmax())
    for tokens in table.of_sessions.values():
        for one, other in zip(tokens.of_row(int(first)), tokens.of_row(int(second)), strict=True):
            np.testing.assert_array_equal(one, other)


def test_the_highest_tokens_come_first_and_the_rest_is_padded() -> None:
    tokens = Tokens(np.array([0, 3, 3, 4]), np.array([7, 8, 9, 5]), np.array([0.5, 2.0, 1.0, 0.1]))
    ids, values = tokens.highest(2)
    np.testing.assert_array_equal(ids, [[8, 9], [-1, -1], [5, -1]])
    np.testing.assert_array_equal(values, [[2.0, 1.0], [0, 0], [0.1, 0]])


def test_the_dataset_has_the_log_s_tokens_labels_and_truth(dataset: Dataset, log: TrueLog, table: LogTable) -> None:
    assert sum(dataset.manifest.rows.values()) == SMALL.num_rows
    assert dataset.schema.is_simulated
    for split in SPLITS:
        part = table.rows[split]
        rows = dataset.split(split)
        taken = rows.take(slice(0, len(rows)))
        assert rows.truth_NT is not None
        np.testing.assert_array_equal(rows.truth_NT[:, 0], log.behaviour.click_probability_N[part])
        np.testing.assert_array_equal(rows.truth_NT[:, 1], log.behaviour.purchase_probability_N[part])
        np.testing.assert_array_equal(taken.labels_BT[:, 0], log.behaviour.click_N[part])
        for place, field in enumerate(dataset.schema.id_fields):
            local = taken.ids_BK[:, dataset.schema.id_columns[place]] - dataset.schema.offsets[place]
            if field.per_session:
                count = table.of_sessions[field.name].counts()[table.session_N[part]]
            else:
                count = table.of_rows[field.name].counts()[part]
            found = ((local != PADDING) & (local != MISSING)).sum(axis=1)
            np.testing.assert_array_equal(found, np.minimum(count, field.num_tokens))
            np.testing.assert_array_equal(local[:, 0] == MISSING, count == 0)


def test_no_session_is_in_two_splits(table: LogTable) -> None:
    found = [set(np.unique(table.session_N[table.rows[split]]).tolist()) for split in SPLITS]
    assert sum(map(len, found)) == len(set.union(*found)) == len(table.key_S) == len(np.unique(table.key_S))


def test_equal_dials_give_equal_files_and_another_seed_others(tmp_path: Path) -> None:
    def checksums(home: str, seed: int) -> dict[str, str]:
        config = SimulatedAliCcp(profile="true-rates", num_rows=1_000, seed=seed)
        return dict(prepare(config, home=tmp_path / home).manifest.checksums)

    assert checksums("a", 1) == checksums("b", 1)
    assert checksums("a", 1) != checksums("a", 2)
