from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mmoe_core.config import MmoePaper, from_flat
from mmoe_core.data import Dataset, dataset, describe, field_values, prepare
from mmoe_core.data.manifest import SPLITS
from mmoe_core.data.paper import SIGNS, draw_regressions
from mmoe_core.data.paper_check import LABEL_CORRELATIONS, check_regressions
from mmoe_core.errors import ConfigError

SMALL = MmoePaper(num_rows=2_000, num_features=8)


def changed(**dials: object) -> MmoePaper:
    return MmoePaper.model_validate(SMALL.model_dump() | dials)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return prepare(SMALL, home=tmp_path_factory.mktemp("home"))


@pytest.mark.parametrize("num_tasks", [2, 3, 8])
@pytest.mark.parametrize("p", [0.0, 0.25, 0.5, 0.9, 0.999999, 1.0])
def test_any_two_tasks_weights_have_cosine_p_and_length_c(p: float, num_tasks: int) -> None:
    weights_TD = draw_regressions(changed(correlation=p, num_tasks=num_tasks, scale=2.5)).weights_TD
    length_T = np.linalg.norm(weights_TD, axis=1)
    cosine_TT = weights_TD @ weights_TD.T / np.outer(length_T, length_T)
    np.testing.assert_allclose(length_T, 2.5, rtol=1e-12)
    np.testing.assert_allclose(cosine_TT, p + (1 - p) * np.eye(num_tasks), atol=1e-6)


def test_two_tasks_are_the_paper_s_construction() -> None:
    u_1, _ = draw_regressions(changed(correlation=0.0)).weights_TD
    _, u_2 = draw_regressions(changed(correlation=0.0)).weights_TD
    w_1, w_2 = draw_regressions(changed(correlation=0.6)).weights_TD
    np.testing.assert_allclose(w_1, u_1, atol=1e-12)
    np.testing.assert_allclose(w_2, 0.6 * u_1 + 0.8 * u_2, atol=1e-12)


def test_labels_are_the_linear_part_plus_its_waves_plus_noise() -> None:
    drawn = draw_regressions(changed(num_waves=3))
    for task, scaling in enumerate(drawn.scaling):
        linear_N = drawn.weights_TD[task] @ drawn.x_DN
        waves_N = np.sin(np.outer(drawn.alphas_M, linear_N) + drawn.betas_M[:, None]).sum(axis=0)
        mean_N = drawn.mean_TN[task] * scaling.scale + scaling.shift
        np.testing.assert_allclose(mean_N, linear_N + waves_N, atol=1e-5)
        noise_N = (drawn.labels_TN[task] - drawn.mean_TN[task]) * scaling.scale
        assert noise_N.var() == pytest.approx(0.01, rel=0.15)
        assert abs(noise_N.mean()) < 4 * 0.1 / np.sqrt(len(noise_N))


@pytest.mark.parametrize("p", LABEL_CORRELATIONS)
def test_labels_of_two_tasks_correlate_as_published(p: float) -> None:
    found = [np.corrcoef(draw_regressions(changed(correlation=p, seed=seed)).labels_TN)[0, 1] for seed in range(60)]
    mean, spread = LABEL_CORRELATIONS[p]
    assert abs(np.mean(found) - mean) < spread
    assert np.std(found) < 1.5 * spread


@pytest.mark.parametrize(("dials", "num_marks"), [({}, 10), ({"correlation": 0.3}, 9), ({"num_tasks": 4}, 23)])
def test_every_mark_of_the_check_holds(dials: dict[str, object], num_marks: int) -> None:
    marks = check_regressions(changed(num_rows=5_000, **dials))
    assert len(marks) == num_marks
    assert [mark for mark in marks if not mark.holds] == []


def test_alpha_and_beta_spread_as_their_dials_say() -> None:
    one, other = (draw_regressions(changed(alpha_spread=spread, beta_spread=0.0)) for spread in (1.0, 3.0))
    np.testing.assert_allclose(other.alphas_M, 3 * one.alphas_M)
    assert not one.betas_M.any()
    assert not np.allclose(one.labels_TN, other.labels_TN, atol=0.1)


def test_without_waves_labels_correlate_by_p() -> None:
    drawn = draw_regressions(changed(num_rows=50_000, num_waves=0, noise=0.0, correlation=0.7))
    assert np.corrcoef(drawn.labels_TN)[0, 1] == pytest.approx(0.7, abs=0.01)


def test_turning_p_keeps_inputs_waves_and_the_first_task() -> None:
    one, other = draw_regressions(changed(correlation=0.5)), draw_regressions(changed(correlation=0.9))
    np.testing.assert_array_equal(one.x_DN, other.x_DN)
    np.testing.assert_array_equal(one.alphas_M, other.alphas_M)
    np.testing.assert_allclose(one.labels_TN[0], other.labels_TN[0], atol=1e-5)
    assert not np.allclose(one.labels_TN[1], other.labels_TN[1], atol=0.1)


def test_labels_are_standardised_by_train_alone(prepared: Dataset) -> None:
    train, test = prepared.split("train"), prepared.split("test")
    np.testing.assert_allclose(train.labels_NT.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(train.labels_NT.std(axis=0), 1, atol=1e-6)
    assert not np.allclose(test.labels_NT.std(axis=0), 1, atol=1e-3)
    scaling = prepared.manifest.scaling["y1"]
    assert scaling.raw(0.0) == pytest.approx(scaling.shift)


def test_a_dataset_without_id_fields_is_read_like_any_other(prepared: Dataset) -> None:
    assert prepared.schema.id_fields == ()
    assert prepared.schema.num_ids == 0
    assert [task.kind for task in prepared.schema.tasks] == ["regression", "regression"]
    assert prepared.manifest.rows == {"train": 1_600, "validation": 200, "test": 200}
    assert prepared.manifest.positives == {split: {} for split in SPLITS}
    assert prepared.manifest.warnings == ()
    split = prepared.split("validation")
    assert (len(split), split.ids_NF.shape, split.dense_ND.shape) == (200, (200, 0), (200, 8))
    assert split.observed_NT.all()
    taken = split.take(np.array([3, 1]))
    assert taken.ids_BK.shape == (2, 0)
    np.testing.assert_array_equal(taken.dense_BV, split.dense_ND[[3, 1]])
    summaries = describe(prepared).fields
    assert [(summary.kind, summary.name) for summary in summaries] == [("value", f"x{i}") for i in range(1, 9)]
    assert len(set(field_values(prepared, "test", "x1", np.arange(200)))) == 5


def test_a_dataset_without_id_fields_can_be_mapped(
    tmp_path: Path, prepared: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dataset, "_MAPPED_FROM_ROWS", 1)
    mapped = prepare(SMALL, home=tmp_path)
    for split in SPLITS:
        assert isinstance(mapped.split(split).dense_ND, np.memmap)
        np.testing.assert_array_equal(mapped.split(split).dense_ND, prepared.split(split).dense_ND)
        assert mapped.split(split).ids_NF.shape == prepared.split(split).ids_NF.shape


def test_truth_is_what_a_perfect_model_would_say(prepared: Dataset) -> None:
    train = prepared.split("train")
    assert train.truth_NT is not None
    for task, name in enumerate(prepared.schema.task_names):
        error = (train.labels_NT[:, task] - train.truth_NT[:, task]) * prepared.manifest.scaling[name].scale
        assert error.std() == pytest.approx(0.1, rel=0.1)


def test_segments_say_where_the_linear_parts_agree(prepared: Dataset) -> None:
    drawn = draw_regressions(SMALL)
    first, second = drawn.linear_TN[:, 1_800:] >= 0
    said = field_values(prepared, "test", "segment", np.arange(200))
    assert prepared.manifest.segments == SIGNS
    np.testing.assert_array_equal(said == "both high", first & second)
    np.testing.assert_array_equal(said == "only the second high", ~first & second)


def test_every_dial_has_a_folder_of_its_own(tmp_path: Path) -> None:
    dials = {
        "num_rows": 1_000,
        "num_features": 9,
        "correlation": 0.1234567,
        "num_waves": 3,
        "scale": 2.0,
        "alpha_spread": 2.0,
        "beta_spread": 2.0,
        "noise": 0.5,
        "num_tasks": 3,
        "seed": 1,
    }
    assert len({SMALL.dataset_name, *(changed(**{dial: value}).dataset_name for dial, value in dials.items())}) == 11
    assert prepare(changed(num_tasks=3), home=tmp_path).schema.task_names == ("y1", "y2", "y3")


def test_more_tasks_than_directions_are_refused_with_the_way_out() -> None:
    with pytest.raises(ConfigError, match="choose fewer tasks or more features"):
        from_flat({"data.source": "mmoe-paper", "data.num_tasks": "5", "data.num_features": "4"})
