"""A purchase over all impressions or over clicks: the same rows, other rows observed, another truth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mmoe_core.config import Census, RunConfig, SimulatedAliCcp, SimulatedFeed, from_flat, to_flat
from mmoe_core.data import Dataset, describe, prepare, readable_on_clicks
from mmoe_core.data import dataset as dataset_module
from mmoe_core.data.table import mapping_from_json
from mmoe_core.errors import ConfigError

ON_CLICKS = {"purchase": "cvr"}


@pytest.fixture(scope="module", params=["classroom", "true-rates"])
def log(request: pytest.FixtureRequest) -> SimulatedAliCcp:
    return SimulatedAliCcp(profile=request.param, num_rows=20_000, rho=0.3, seed=5)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def stored(log: SimulatedAliCcp, home: Path) -> Dataset:
    return prepare(log, home=home)


@pytest.fixture(scope="module")
def on_clicks(log: SimulatedAliCcp, home: Path) -> Dataset:
    return prepare(log.model_copy(update={"label_spaces": ON_CLICKS}), home=home)


def test_both_readings_are_of_the_same_files(stored: Dataset, on_clicks: Dataset) -> None:
    assert on_clicks.folder == stored.folder
    assert on_clicks.manifest == stored.manifest
    assert on_clicks.manifest.config is not None
    assert on_clicks.manifest.config.label_spaces == {}


def test_a_dataset_made_for_a_reading_is_stored_without_it(tmp_path: Path) -> None:
    config = SimulatedAliCcp(num_rows=1_000, label_spaces=ON_CLICKS)
    assert prepare(config, home=tmp_path).schema.tasks[1].label_space == "cvr"
    assert prepare(config.as_stored, home=tmp_path).schema.tasks[1].label_space == "ctcvr"
    assert prepare(config.as_stored, home=tmp_path).manifest.config == config.as_stored


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_over_clicks_a_purchase_is_observed_after_a_click_only(stored: Dataset, on_clicks: Dataset, split: str) -> None:
    whole, read = stored.split(split), on_clicks.split(split)
    click_N = whole.labels_NT[:, 0] == 1
    assert 0 < click_N.sum() < len(whole)
    assert np.array_equal(read.labels_NT, whole.labels_NT)
    assert read.observed_NT[:, 0].all()
    assert np.array_equal(read.observed_NT[:, 1], click_N)
    assert whole.observed_NT.all()
    clicked = np.flatnonzero(click_N)
    assert read.num_observed(np.arange(len(read))).tolist() == [len(whole), len(clicked)]
    assert read.take(clicked).observed_BT.all()


def test_the_truth_over_clicks_is_that_of_a_purchase_given_the_click(stored: Dataset, on_clicks: Dataset) -> None:
    whole, read = stored.split("train"), on_clicks.split("train")
    assert np.array_equal(read.truth_NT[:, 0], whole.truth_NT[:, 0])
    assert np.allclose(read.truth_NT[:, 1] * whole.truth_NT[:, 0], whole.truth_NT[:, 1], rtol=1e-12)
    observed_N = read.observed_NT[:, 1]
    wanted, bought = read.truth_NT[observed_N, 1], read.labels_NT[observed_N, 1]
    error = np.sqrt((wanted * (1 - wanted)).sum())
    assert abs(bought.sum() - wanted.sum()) < 4 * error


def test_a_mapped_split_is_read_so_too(
    stored: Dataset, on_clicks: Dataset, log: SimulatedAliCcp, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dataset_module, "_MAPPED_FROM_ROWS", 1)
    mapped = prepare(log.model_copy(update={"label_spaces": ON_CLICKS}), home=home).split("train")
    assert isinstance(mapped.labels_NT, np.memmap)
    assert np.array_equal(mapped.observed_NT, on_clicks.split("train").observed_NT)


def test_a_description_counts_purchases_among_clicks(stored: Dataset, on_clicks: Dataset) -> None:
    over_all = {found.split: found for found in describe(stored).labels if found.task == "purchase"}
    over_clicks = {found.split: found for found in describe(on_clicks).labels if found.task == "purchase"}
    for split in ("train", "validation", "test"):
        clicks = stored.manifest.positives[split]["click"]
        assert (over_all[split].label_space, over_all[split].rows) == ("ctcvr", stored.manifest.rows[split])
        assert (over_clicks[split].label_space, over_clicks[split].rows) == ("cvr", clicks)
        assert over_clicks[split].positives == over_all[split].positives


def test_only_what_is_stored_over_all_impressions_can_be_read_over_clicks(stored: Dataset, tmp_path: Path) -> None:
    assert readable_on_clicks(stored.schema) == ("purchase",)
    for config, words in (
        (SimulatedAliCcp(num_rows=1_000, label_spaces={"click": "cvr"}), ["'click'", "ctr", "purchase"]),
        (SimulatedAliCcp(num_rows=1_000, label_spaces={"buy": "cvr"}), ["'buy'", "click, purchase"]),
        (Census(label_spaces={"income": "cvr"}), ["'income'", "rows", "has none"]),
        (SimulatedFeed(num_rows=1_000, label_spaces={"like": "ctcvr"}), ["'like'", "rows", "has none"]),
    ):
        with pytest.raises(ConfigError) as refused:
            prepare(config, home=tmp_path)
        assert all(word in str(refused.value) for word in words), refused.value


def test_the_space_that_it_is_stored_in_may_be_named(stored: Dataset, log: SimulatedAliCcp, home: Path) -> None:
    named = prepare(log.model_copy(update={"label_spaces": {"purchase": "ctcvr"}}), home=home)
    assert named.schema == stored.schema


@pytest.mark.parametrize("task", ["purchase", "buy.v2", "a.b.c", "购买"])
def test_a_choice_of_space_survives_a_link(task: str) -> None:
    config = RunConfig(data=SimulatedAliCcp(label_spaces={task: "cvr"}))
    flat = to_flat(config)
    assert flat[f"data.label_spaces.{task}"] == "cvr"
    assert from_flat(flat) == config
    assert RunConfig.model_validate_json(config.model_dump_json()) == config


def test_a_space_that_is_none_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"data\.label_spaces\.purchase is esmm; choose one of 'ctcvr' or 'cvr'"):
        from_flat({"data.label_spaces.purchase": "esmm"})


def test_a_table_s_labels_have_the_space_that_their_names_and_conditions_say() -> None:
    def spaces(*labels: str) -> list[str]:
        text = ", ".join(labels)
        return list(mapping_from_json(f'{{"ids": ["user"], "labels": [{text}]}}').label_spaces.values())

    click, opened = '{"name": "click"}', '{"name": "opened"}'
    assert spaces(click, '{"name": "purchase"}') == ["ctr", "ctcvr"]
    assert spaces(click, '{"name": "purchase", "observed_if": "click"}') == ["ctr", "cvr"]
    assert spaces(click, '{"name": "dwell", "kind": "regression", "observed_if": "click"}') == ["ctr", "rows"]
    assert spaces(opened, '{"name": "purchase", "observed_if": "opened"}') == ["rows", "rows"]
    assert spaces(opened, '{"name": "purchase"}') == ["rows", "rows"]
    assert spaces('{"name": "click", "kind": "regression"}', '{"name": "purchase"}') == ["rows", "rows"]
